"""The mails that the site left in a folder, in the format of Django's file-based backend."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path

SEPARATOR = b"\n" + b"-" * 79 + b"\n"
NEWEST_FILES = 200
# allauth's codes (ABCD-EFGH, 123-456-789) stand alone on their line, or after the word for "code".
CODE_ALONE = re.compile(r"^\s*([A-Z0-9]{3,5}(?:-[A-Z0-9]{3,5}){1,2}|\d{6,9})\s*$", re.MULTILINE)
CODE_IN_TEXT = re.compile(
    r"(?:code|código)\b[^\n]{0,60}?\b([A-Z0-9]{3,5}(?:-[A-Z0-9]{3,5}){1,2}|\d{6,9})\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Mail:
    """One mail. `name` is its address on the page, `code` the one-time code in it, or empty."""

    name: str
    sender: str
    recipient: str
    subject: str
    body: str
    code: str
    sent_at: datetime | None


def newest_first(folder: Path) -> Iterator[Mail]:
    """The mails of the newest files in the folder; one that does not exist has none."""
    files = ((path.stat().st_mtime_ns, path) for path in folder.glob("*.log") if path.is_file())
    for _, path in sorted(files, reverse=True)[:NEWEST_FILES]:
        messages = path.read_bytes().split(SEPARATOR)
        for number, content in reversed(list(enumerate(messages, start=1))):
            if content.strip():
                yield _parsed(f"{path.stem}-{number}", content)


def named(folder: Path, name: str) -> Mail | None:
    """The mail of that name. It is looked for in the list: a name never becomes a path."""
    return next((mail for mail in newest_first(folder) if mail.name == name), None)


def code_in(text: str) -> str:
    """The one-time code in a mail's text; empty when there is none."""
    match = CODE_ALONE.search(text) or CODE_IN_TEXT.search(text)
    return match[1] if match else ""


def _parsed(name: str, content: bytes) -> Mail:
    message: EmailMessage = BytesParser(policy=policy.default).parsebytes(content)
    part = message.get_body(("plain", "html"))
    body = part.get_content().strip() if part else ""
    return Mail(
        name=name,
        sender=str(message.get("From", "")),
        recipient=str(message.get("To", "")),
        subject=str(message.get("Subject", "")),
        body=body,
        code=code_in(body),
        sent_at=_date(str(message.get("Date", ""))),
    )


def _date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except ValueError:
        return None
