"""Django's SQLite backend with the library's real limit on parameters.

Django 5.2 assumes 999 parameters a statement, so that 1,000 prompts would be stored in dozens of
statements. SQLite allows 32,766 since 3.32, and the connection can be asked.
"""

import sqlite3
from functools import cached_property

from django.db.backends.sqlite3 import base, features


class DatabaseFeatures(features.DatabaseFeatures):
    """Features of this very SQLite library."""

    @cached_property
    def max_query_params(self) -> int:  # type: ignore[override]
        """Return how many parameters one statement may have."""
        self.connection.ensure_connection()
        return self.connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)


class DatabaseWrapper(base.DatabaseWrapper):
    """The backend that `ENGINE` names."""

    features_class = DatabaseFeatures
