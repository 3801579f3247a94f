"""Secrets of the second factor, encrypted before they reach the database.

The keys are derived from `SECRET_KEY` and `SECRET_KEY_FALLBACKS`: the first encrypts, all decrypt. To change
`SECRET_KEY`, put the old one into `SECRET_KEY_FALLBACKS`, run `manage.py rotate_secrets`, then drop the old one.
"""

import base64

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def _fernet(secret_key: str) -> Fernet:
    """Return the cipher of one secret key, bound to this purpose."""
    derived = HKDF(hashes.SHA256(), length=32, salt=None, info=b"accounts.mfa").derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def _cipher() -> MultiFernet:
    return MultiFernet([_fernet(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def rotate(encrypted_text: str) -> str:
    """Return the same secret encrypted with today's `SECRET_KEY`; raises `cryptography.fernet.InvalidToken`."""
    return _cipher().rotate(encrypted_text.encode()).decode()


class MFAAdapter(DefaultMFAAdapter):
    """allauth's second factor with its secrets encrypted."""

    def encrypt(self, text: str) -> str:
        """Return `text` as a Fernet token."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return what `encrypt` was given; raises `cryptography.fernet.InvalidToken` for any other key."""
        return _cipher().decrypt(encrypted_text.encode()).decode()
