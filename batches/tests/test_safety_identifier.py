import re

from batches.clients.openai import safety_identifier


def test_a_customer_has_the_same_identifier_each_time() -> None:
    assert safety_identifier("secret", 7) == safety_identifier("secret", 7)


def test_customers_have_different_identifiers() -> None:
    assert safety_identifier("secret", 7) != safety_identifier("secret", 8)


def test_another_secret_makes_another_identifier() -> None:
    assert safety_identifier("secret", 7) != safety_identifier("other", 7)


def test_an_identifier_is_64_hexadecimal_digits() -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", safety_identifier("secret", 7))
