"""Secrets of the second factor, encrypted before they reach the database."""

from allauth.mfa.adapter import DefaultMFAAdapter

from lib.encryption import cipher

_PURPOSE = "accounts.mfa"


def rotate(encrypted_text: str) -> str:
    """Return the same secret encrypted with today's `SECRET_KEY`; raises `cryptography.fernet.InvalidToken`."""
    return cipher(_PURPOSE).rotate(encrypted_text.encode()).decode()


class MFAAdapter(DefaultMFAAdapter):
    """allauth's second factor with its secrets encrypted."""

    def encrypt(self, text: str) -> str:
        """Return `text` as a Fernet token."""
        return cipher(_PURPOSE).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return what `encrypt` was given; raises `cryptography.fernet.InvalidToken` for any other key."""
        return cipher(_PURPOSE).decrypt(encrypted_text.encode()).decode()
