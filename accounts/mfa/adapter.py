"""allauth's adapter for second factors, which encrypts their secrets in the database."""

from allauth.mfa.adapter import DefaultMFAAdapter

from lib.encryption import cipher

_PURPOSE = "accounts.mfa"


def rotate(encrypted_text: str) -> str:
    """Encrypt the secret again with today's `SECRET_KEY`; raises `cryptography.fernet.InvalidToken`."""
    return cipher(_PURPOSE).rotate(encrypted_text.encode()).decode()


class MFAAdapter(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        return cipher(_PURPOSE).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises `cryptography.fernet.InvalidToken`."""
        return cipher(_PURPOSE).decrypt(encrypted_text.encode()).decode()
