"""The clock of the database server, because the clocks of several machines differ."""

from typing import Any

from django.db.models.functions import Now


class DatabaseNow(Now):
    """The current time in UTC. Django's own `Now` is in the time zone of MariaDB's session."""

    def as_mysql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="UTC_TIMESTAMP(6)", **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        # SQLite compares times as text, and stores six digits after the second. Its clock has three: this is the end of
        # the millisecond, so that it is not behind a time that was just stored.
        template = "STRFTIME('%%%%Y-%%%%m-%%%%d %%%%H:%%%%M:%%%%f999', 'NOW')"
        return self.as_sql(compiler, connection, template=template, **context)
