"""Example programs for the API. They are in `clients/examples`, and the engine's tests run each of them."""

import re
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

FOLDER = settings.BASE_DIR / "clients" / "examples"
LANGUAGES = {"sh": "curl", "py": "Python", "mjs": "JavaScript"}
PROGRAMS = ("batch", "webhook")
#: `# Step: submit` or `// Step: submit` begins a part of a program; the part before the first is called "start".
_STEP = re.compile(r"^(?:#|//) Step: (\w+)\n", re.MULTILINE)


@dataclass(frozen=True)
class Part:
    language: str
    label: str
    file: str
    code: str


@require_safe
def examples(request: HttpRequest) -> HttpResponse:
    return render(request, "api/examples.html", {"languages": LANGUAGES, "steps": steps()})


@require_safe
def example(request: HttpRequest, file: str) -> HttpResponse:
    program, _, language = file.partition(".")
    if program not in PROGRAMS or language not in LANGUAGES:
        raise Http404
    return HttpResponse((FOLDER / file).read_bytes(), content_type="text/plain; charset=utf-8")


@cache
def steps() -> dict[str, list[Part]]:
    found: dict[str, list[Part]] = {}
    for program in PROGRAMS:
        for language, label in LANGUAGES.items():
            file = f"{program}.{language}"
            for step, code in _parts((FOLDER / file).read_text(encoding="utf-8")):
                name = f"{program}_start" if step == "start" else step
                found.setdefault(name, []).append(Part(language, label, file, code))
    return found


def _parts(program: str) -> list[tuple[str, str]]:
    pieces = ["start", *_STEP.split(program)]
    return [(step, code.strip("\n")) for step, code in zip(pieces[::2], pieces[1::2], strict=True)]
