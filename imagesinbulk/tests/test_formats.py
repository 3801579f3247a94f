"""Dates are read alike everywhere."""

from datetime import datetime

import pytest
from django.utils.formats import date_format
from django.utils.translation import override


@pytest.mark.parametrize(("language", "day"), [("en", "Dec. 11, 2026"), ("es", "11 de diciembre de 2026")])
def test_dates_have_one_form_which_cannot_be_mistaken_for_another_day(language: str, day: str) -> None:
    moment = datetime(2026, 12, 11, 13, 5)  # noqa: DTZ001
    with override(language):
        assert date_format(moment, "DATE_FORMAT") == date_format(moment, "SHORT_DATE_FORMAT") == day
        assert date_format(moment, "DATETIME_FORMAT") == f"{day}, 13:05"
        assert date_format(moment, "SHORT_DATETIME_FORMAT") == f"{day}, 13:05"
