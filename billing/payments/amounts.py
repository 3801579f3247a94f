"""Amounts of money in a currency's smallest unit; https://docs.stripe.com/currencies."""

from decimal import Decimal

from django.utils.formats import number_format
from django.utils.functional import lazy
from django.utils.translation import gettext

#: Amounts have two decimals, which must both be zero.
WHOLE_ONLY = frozenset({"isk", "ugx"})
#: Amounts have no decimals.
WITHOUT_DECIMALS = frozenset("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split())
#: Amounts have three decimals, of which the last must be zero.
THREE_DECIMALS = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})
LARGEST = 99_999_999


def fault_of(amount: int, currency: str) -> str:
    """Return why this amount cannot be charged, as a sentence; empty if it can.

    Stripe checks the smallest amounts itself, because they change with exchange rates.
    """
    if len(currency) != 3 or not currency.isascii() or not currency.isalpha():
        return f"currency must be a three-letter code such as usd, not {currency!r}."
    if not 1 <= amount <= LARGEST:
        return f"amount must be a whole number from 1 to {LARGEST}, in the currency's smallest unit."
    if currency.lower() in WHOLE_ONLY and amount % 100:
        return f"amounts in {currency.lower()} must end in 00: it has no decimals at the bank."
    if currency.lower() in THREE_DECIMALS and amount % 10:
        return f"amounts in {currency.lower()} must end in 0: cards have two decimals."
    return ""


def decimals_of(currency: str) -> int:
    code = currency.lower()
    if code in WITHOUT_DECIMALS:
        return 0
    return 3 if code in THREE_DECIMALS else 2


def written(amount: int, currency: str) -> str:
    """Return an amount as customers read it: $5.00, JPY 500, -$3.00."""
    code, decimals = currency.lower(), decimals_of(currency)
    number = number_format(Decimal(abs(amount)) / 10**decimals, decimals, force_grouping=True)
    text = gettext("$%(amount)s") % {"amount": number} if code == "usd" else f"{code.upper()} {number}"
    return f"-{text}" if amount < 0 else text


#: For emails, whose language is chosen when they are written.
written_lazy = lazy(written, str)
