"""Every address of the site, with an example in place of each part that varies."""

import re
from collections.abc import Iterator, Mapping

from django.urls import URLPattern, URLResolver, get_resolver

_PART = re.compile(r"<(?:(\w+):)?(\w+)>")
_REGEX_PART = re.compile(r"\(\?P<(\w+)>[^()]*\)")
_BY_KIND = {
    "int": "1",
    "uuid": "0198c0de-0000-7000-8000-000000000001",
    "uuidstr": "0198c0de-0000-7000-8000-000000000001",
}


def every_path(examples: Mapping[str, str]) -> list[str]:
    """Return an example of each address; `examples` are the parts, by name, that shall lead to something."""
    return sorted({f"/{_filled(route, examples)}" for route in routes()})


def routes() -> dict[str, str]:
    """Return every route that the site knows, with its name."""
    return dict(_walk(get_resolver().url_patterns, "", ""))


def _walk(patterns: list[URLPattern | URLResolver], prefix: str, namespace: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        # As Django joins them.
        route = prefix + str(pattern.pattern).removeprefix("^")
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, route, inner)
        else:
            yield route, f"{namespace}{pattern.name or ''}"


def _filled(pattern: str, examples: Mapping[str, str]) -> str:
    path = _REGEX_PART.sub(r"<\1>", pattern).removesuffix("$").removesuffix("\\Z")
    return _PART.sub(lambda part: examples.get(part[2]) or _BY_KIND.get(part[1], "1"), path)
