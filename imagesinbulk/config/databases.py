"""Connection options of SQLite and MariaDB (docs/decisions/0002)."""

from typing import Any

SQLITE_OPTIONS = {
    # Without IMMEDIATE, SQLite refuses most read-then-write transactions under load.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    # Each write of another connection invalidates the page cache, so a large one is of no use.
    "init_command": (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA temp_store=MEMORY;PRAGMA cache_size=-512;"
    ),
}
MARIADB_OPTIONS = {
    "charset": "utf8mb4",
    "isolation_level": "read committed",
    "connect_timeout": 5,
    "init_command": (
        "SET sql_mode='STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',"
        "default_storage_engine=INNODB"
    ),
}


def tuned_database(database: dict[str, Any]) -> dict[str, Any]:
    """Return a database's settings with our options; options of its URL take precedence."""
    if database["ENGINE"].endswith("sqlite3"):
        options = {**SQLITE_OPTIONS, **database.get("OPTIONS", {})}
        # Persistent, because opening a connection takes as long as fifty queries.
        return {**database, "OPTIONS": options, "CONN_MAX_AGE": None}
    if database["ENGINE"].endswith("mysql"):
        return {
            **database,
            "OPTIONS": {**MARIADB_OPTIONS, **database.get("OPTIONS", {})},
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "TEST": {"CHARSET": "utf8mb4", "COLLATION": "utf8mb4_uca1400_nopad_as_ci"},
        }
    return database
