"""The email backend of a development site without a mail server."""

import sys

from django.core.mail import EmailMessage
from django.core.mail.backends.filebased import EmailBackend


class PrintedFileBackend(EmailBackend):
    """Write each mail to a file in `EMAIL_FILE_PATH` and print it in the terminal.

    The sandbox shows these files, so that a sign-in code can be read in the browser.
    """

    def write_message(self, message: EmailMessage) -> None:
        super().write_message(message)
        print(f"\n✉ {', '.join(message.to)}: {message.subject}\n{message.body}\n", file=sys.stderr, flush=True)
