"""The clock of the database server, because the clocks of several machines differ."""

from typing import Any

from django.db.models import DateTimeField, Value
from django.db.models.functions import Now
from django.utils import timezone


class DatabaseNow(Now):
    """The current time in UTC. Django's own `Now` is in the time zone of MariaDB's session."""

    def as_mysql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="UTC_TIMESTAMP(6)", **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        # A file has one machine. SQLite's own clock has milliseconds only, so it is behind times that were just stored.
        return Value(timezone.now(), output_field=DateTimeField()).as_sql(compiler, connection)
