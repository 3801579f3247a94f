"""The secret key of a clone without SECRET_KEY."""

import os
import secrets
from pathlib import Path


def embedded_secret_key(directory: Path) -> str:
    """Return the key of the file in `directory`, which the first start creates, readable only by its owner."""
    path = directory / "secret-key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(50))
    return path.read_text()
