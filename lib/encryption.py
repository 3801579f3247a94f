"""Encryption of the secrets that the database stores.

The keys are derived from `SECRET_KEY` and `SECRET_KEY_FALLBACKS`: the first encrypts, all decrypt. To change
`SECRET_KEY`, put the old one into `SECRET_KEY_FALLBACKS`, run `manage.py rotate_secrets`, then remove the old one.
"""

import base64
import logging
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models

logger = logging.getLogger(__name__)


def cipher(purpose: str) -> MultiFernet:
    """Return the cipher for one purpose; it cannot decrypt what was encrypted for another."""
    return MultiFernet([_fernet(key, purpose) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _fernet(secret_key: str, purpose: str) -> Fernet:
    derived = HKDF(hashes.SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


class EncryptedTextField(models.TextField):
    """A text that is stored encrypted; an empty one is stored empty. `rotate_secrets` finds each such field."""

    @property
    def _cipher(self) -> MultiFernet:
        return cipher(self.model._meta.label_lower)

    def get_prep_value(self, value: Any) -> str:
        return self._cipher.encrypt(value.encode()).decode() if value else ""

    def from_db_value(self, value: str, *args: Any) -> str:
        """Decrypt. Empty if no key decrypts it, so that its owner can make a new one."""
        try:
            return self._cipher.decrypt(value.encode()).decode() if value else ""
        except InvalidToken:
            logger.error("no key decrypts a %s.%s: SECRET_KEY was changed", self.model._meta.label, self.name)
            return ""
