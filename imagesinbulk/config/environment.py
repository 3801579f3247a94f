"""The environment, as settings.py reads it: the variable NAME, or the content of the file that NAME_FILE names."""

from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping


class _Variables(FileAwareMapping):
    def __getitem__(self, key: str) -> str:
        try:
            # Editors end files with a newline, which would be part of a key.
            return str(super().__getitem__(key)).rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(f"{key}_FILE can't be read: {error}") from error


class Environment(environ.FileAwareEnv):
    """Raises `ImproperlyConfigured` with the variable's name for every value that is wrong."""

    ENVIRON = _Variables()

    def __init__(self) -> None:
        environ.Env.__init__(self)

    def get_value(self, var: str, cast: Any = None, *args: Any, **options: Any) -> Any:
        try:
            return super().get_value(var, cast, *args, **options)
        except ValueError as error:
            raise ImproperlyConfigured(f"{var} is not of the type {cast.__name__}.") from error

    def db_url(self, var: str, *args: Any, **options: Any) -> dict[str, Any]:
        try:
            return dict(super().db_url(var, *args, **options))
        except ValueError as error:
            raise ImproperlyConfigured(f"{var} is not the URL of a database.") from error
