"""Short dates with the month's name: 11/12/2026 is November to some readers and December to others."""

SHORT_DATE_FORMAT = "j M Y"
SHORT_DATETIME_FORMAT = "j M Y, H:i"
