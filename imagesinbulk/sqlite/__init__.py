"""SQLite as this project uses it."""
