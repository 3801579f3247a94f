"""Currencies: their smallest amounts and how amounts are written. Amounts are in minor units, as Stripe's are."""

from .errors import StripeError, invalid, too_small

# https://docs.stripe.com/currencies: the smallest charge, in minor units.
MINIMUMS = {
    "usd": 50, "eur": 50, "gbp": 30, "chf": 50, "cad": 50, "aud": 50, "nzd": 50, "brl": 50, "sgd": 50, "pln": 200,
    "sek": 300, "nok": 300, "dkk": 250, "czk": 1500, "huf": 17500, "ron": 200, "bgn": 100, "mxn": 1000, "hkd": 400,
    "inr": 50, "jpy": 50, "krw": 50, "clp": 50, "cop": 50, "ars": 50, "pen": 50, "uyu": 50, "myr": 200, "thb": 1000,
    "aed": 200, "zar": 50, "try": 50, "vnd": 50, "isk": 50, "kwd": 50, "bhd": 50, "jod": 50, "tnd": 50,
}  # fmt: skip
WITHOUT_DECIMALS = frozenset({"jpy", "krw", "clp", "vnd", "pyg", "ugx", "xaf", "xof", "xpf", "rwf", "kmf", "gnf"})
WITH_THREE_DECIMALS = frozenset({"kwd", "bhd", "jod", "tnd", "omr"})
LARGEST_AMOUNT = 99_999_999


def decimals(currency: str) -> int:
    return 0 if currency in WITHOUT_DECIMALS else 3 if currency in WITH_THREE_DECIMALS else 2


def written(amount: int, currency: str) -> str:
    """An amount for people, such as "5.00 USD"."""
    return f"{amount / 10 ** decimals(currency):,.{decimals(currency)}f} {currency.upper()}"


def known_currency(currency: str) -> str:
    """The currency in lower case; refused when it cannot be charged."""
    if currency.lower() not in MINIMUMS:
        names = ", ".join(sorted(MINIMUMS))
        raise invalid(f"Invalid currency: {currency}. Stripe currently supports these currencies: {names}", "currency")
    return currency.lower()


def chargeable(amount: int, currency: str) -> int:
    """The amount, when that much can be charged in the currency."""
    if amount < 1:
        raise invalid("This value must be greater than or equal to 1.", "amount", "parameter_invalid_integer")
    if amount > LARGEST_AMOUNT:
        raise _too_large(currency)
    minimum = MINIMUMS[known_currency(currency)]
    if amount < minimum:
        raise too_small(f"{minimum / 10 ** decimals(currency):.{decimals(currency)}f} {currency}")
    return amount


def _too_large(currency: str) -> StripeError:
    return invalid(f"Amount must be no more than {written(LARGEST_AMOUNT, currency)}", "amount", "amount_too_large")


def share(amount: int, part: int, whole: int) -> int:
    """`amount × part / whole`, rounded half up to a minor unit."""
    return (2 * amount * part + whole) // (2 * whole) if whole else 0
