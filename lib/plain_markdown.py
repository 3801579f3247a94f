"""A small part of Markdown as safe HTML: headings, paragraphs, lists, **bold** and [links](https://example.org)."""

import re
from itertools import groupby

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

_KINDS = {
    "h3": re.compile(r"##+ +"),
    "h2": re.compile(r"# +"),
    "ul": re.compile(r"[-*] +"),
    "ol": re.compile(r"\d+[.)] +"),
}
_BOLD = re.compile(r"\*\*(.+?)\*\*")
#: To another site by https, to a mail program, or to a page of ours.
_LINK = re.compile(r"\[([^\]]+)\]\(((?:https://|mailto:|/(?!/))[^\s()]+)\)")


def as_html(text: str) -> SafeString:
    blocks = groupby(escape(text).splitlines(), key=_kind)
    # Safe: the text was escaped as a whole before tags of ours were added.
    return mark_safe("\n".join(_block(kind, list(lines)) for kind, lines in blocks if kind))


def _kind(line: str) -> str:
    """Return the tag of the block that the line belongs to; empty between blocks."""
    if not line.strip():
        return ""
    return next((kind for kind, mark in _KINDS.items() if mark.match(line)), "p")


def _block(kind: str, lines: list[str]) -> str:
    if kind == "p":
        return f"<p>{_inline(' '.join(lines))}</p>"
    texts = [_inline(_KINDS[kind].sub("", line, count=1)) for line in lines]
    if kind in ("ul", "ol"):
        return f"<{kind}>{''.join(f'<li>{text}</li>' for text in texts)}</{kind}>"
    return "\n".join(f"<{kind}>{text}</{kind}>" for text in texts)


def _inline(text: str) -> str:
    return _LINK.sub(r'<a href="\2">\1</a>', _BOLD.sub(r"<strong>\1</strong>", text))
