"""Short dates of English pages: Django's 11/12/2026 is a day in November to some and in December to others."""

SHORT_DATE_FORMAT = "j M Y"
SHORT_DATETIME_FORMAT = "j M Y, H:i"
