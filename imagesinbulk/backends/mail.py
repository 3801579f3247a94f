"""Outgoing mail of a clone without a mail server."""

import sys

from django.core.mail import EmailMessage
from django.core.mail.backends.filebased import EmailBackend


class PrintedFileBackend(EmailBackend):
    """Keep each mail as a file in `EMAIL_FILE_PATH` and print it in the terminal.

    The sandbox shows the same files, so that a one-time code can be read in the browser.
    """

    def write_message(self, message: EmailMessage) -> None:
        """Write `message` to its file, then show recipient, subject and text."""
        super().write_message(message)
        print(f"\n✉ {', '.join(message.to)}: {message.subject}\n{message.body}\n", file=sys.stderr, flush=True)
