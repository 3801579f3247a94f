import re
from typing import Any

import pytest

from batches.clients.openai import safety_identifier


@pytest.fixture(autouse=True)
def keys(settings: Any) -> None:
    settings.SECRET_KEY, settings.SAFETY_IDENTIFIER_KEY = "secret", ""


def test_a_customer_has_the_same_identifier_each_time() -> None:
    assert safety_identifier(7) == safety_identifier(7)


def test_customers_have_different_identifiers() -> None:
    assert safety_identifier(7) != safety_identifier(8)


def test_an_identifier_is_64_hexadecimal_digits() -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", safety_identifier(7))


def test_without_a_key_of_its_own_the_secret_key_makes_it(settings: Any) -> None:
    before = safety_identifier(7)
    settings.SECRET_KEY = "other"
    assert safety_identifier(7) != before


def test_a_key_of_its_own_survives_a_change_of_the_secret_key(settings: Any) -> None:
    before = safety_identifier(7)
    settings.SECRET_KEY, settings.SAFETY_IDENTIFIER_KEY = "other", "secret"
    assert safety_identifier(7) == before
