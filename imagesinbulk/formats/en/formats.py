"""Dates in one form everywhere, with the month's name: 11/12/2026 is November to some readers, December to others."""

SHORT_DATE_FORMAT = "N j, Y"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "N j, Y, H:i"
TIME_FORMAT = "H:i"
