"""Dates are read alike everywhere."""

from datetime import datetime

import pytest
from django.utils.formats import date_format
from django.utils.translation import override


@pytest.mark.parametrize(("language", "text"), [("en", "11 Dec 2026, 13:05"), ("es", "11/12/2026 13:05")])
def test_a_short_date_cannot_be_mistaken_for_another_one(language: str, text: str) -> None:
    with override(language):
        assert date_format(datetime(2026, 12, 11, 13, 5), "SHORT_DATETIME_FORMAT") == text  # noqa: DTZ001
