"""Plans and packs: the one catalogue for /pricing/, Stripe's prices and the quotas.

Prices are US cents, without tax. `lookup_key` names a plan or pack at Stripe; a plan without one is not sold.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

#: Rolling windows: of the images a day, and of the batches started an hour.
DAY = timedelta(hours=24)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Plan:
    key: str
    name: str | Promise
    lookup_key: str = ""
    price_cents: int = 0
    credits_per_month: int = 0
    images_per_day: int = 1_000
    prompts_per_batch: int = 1_000
    #: Characters of the prompts, styles and names of all batches together.
    stored_characters: int = 40_000_000
    starts_per_hour: int = 10
    has_api: bool = True
    requests_per_minute: int = 120

    @property
    def price(self) -> str:
        return dollars(self.price_cents)

    @property
    def cents_per_credit(self) -> float:
        """Return the price of one credit if all are used; 0 without credits."""
        return self.price_cents / self.credits_per_month if self.credits_per_month else 0

    @property
    def yearly(self) -> "Yearly":
        return Yearly(self)

    def at_least(self, other: "Plan") -> "Plan":
        return replace(self, **{name: max(getattr(self, name), getattr(other, name)) for name in _LIMITS})

    def at_most(self, other: "Plan") -> "Plan":
        return replace(self, **{name: min(getattr(self, name), getattr(other, name)) for name in _LIMITS})


#: What a customer may do with a plan. Larger is better, and True is larger than False.
_LIMITS = (
    "images_per_day",
    "prompts_per_batch",
    "stored_characters",
    "starts_per_hour",
    "has_api",
    "requests_per_minute",
)


@dataclass(frozen=True)
class Yearly:
    """A plan that is paid once a year, at the price of ten months. Its credits come each month (decision 0021)."""

    plan: Plan

    @property
    def key(self) -> str:
        return f"{self.plan.key}_yearly"

    @property
    def lookup_key(self) -> str:
        return self.key

    @property
    def price_cents(self) -> int:
        return 10 * self.plan.price_cents

    @property
    def price(self) -> str:
        return dollars(self.price_cents)

    @property
    def cents_per_credit(self) -> float:
        return self.price_cents / (12 * self.plan.credits_per_month)


@dataclass(frozen=True)
class Pack:
    """Credits sold once. They never expire."""

    key: str
    lookup_key: str
    price_cents: int
    credits: int

    @property
    def price(self) -> str:
        return dollars(self.price_cents)

    @property
    def cents_per_credit(self) -> float:
        return self.price_cents / self.credits


Sellable = Plan | Yearly | Pack


def dollars(cents: int) -> str:
    """Return US dollars, without the cents where there are none: $5, $4.50, -$0.40."""
    amount = number_format(abs(cents) / 100, 2 if cents % 100 else 0, force_grouping=True)
    return ("-" if cents < 0 else "") + gettext("$%(amount)s") % {"amount": amount}


FREE = Plan("free", _("Free"), images_per_day=5, prompts_per_batch=10, stored_characters=1_000_000, has_api=False)
STARTER = Plan(
    "starter",
    "Starter",
    lookup_key="starter_monthly",
    price_cents=500,
    credits_per_month=250,
    images_per_day=200,
    prompts_per_batch=500,
)
PRO = Plan(
    "pro",
    "Pro",
    lookup_key="pro_monthly",
    price_cents=1_900,
    credits_per_month=1_200,
    stored_characters=200_000_000,
    starts_per_hour=60,
    requests_per_minute=600,
)
#: Not sold: the least limits of a customer who has credits from a pack or a gift.
PAY_AS_YOU_GO = Plan("pay_as_you_go", _("Pay as you go"))
#: Not sold: operators give it to partners, whose limits are in their agreements.
PARTNER = Plan(
    "partner",
    _("Partner"),
    images_per_day=100_000,
    stored_characters=2_000_000_000,
    starts_per_hour=10_000,
    requests_per_minute=60_000,
)

PACK_100 = Pack("pack_100", lookup_key="pack_100", price_cents=300, credits=100)
PACK_500 = Pack("pack_500", lookup_key="pack_500", price_cents=1_200, credits=500)

#: On sale, cheapest first.
PLANS = (STARTER, PRO)
YEARLY = tuple(plan.yearly for plan in PLANS)
PACKS = (PACK_100, PACK_500)
SELLABLES: tuple[Sellable, ...] = (*PLANS, *YEARLY, *PACKS)
#: Plans that operators can give.
GIFTS = (STARTER, PRO, PARTNER)

_BY_KEY = {plan.key: plan for plan in (FREE, *PLANS, PAY_AS_YOU_GO, PARTNER)}


def by_key(key: str) -> Plan:
    """Return the plan with that key. A key that is not in the catalogue counts as `PAY_AS_YOU_GO`.

    Customers may still be subscribed to a plan that is no longer in the catalogue.
    """
    return _BY_KEY.get(key, PAY_AS_YOU_GO)


def in_words(key: str) -> str:
    """Return what is bought, e.g. "Starter plan" or "100 credits"; empty for what is not in the catalogue."""
    product = sellable(key)
    if isinstance(product, Yearly):
        return gettext("%(plan)s plan for a year") % {"plan": product.plan.name}
    if isinstance(product, Plan):
        return gettext("%(plan)s plan") % {"plan": product.name}
    return gettext("%(credits)s credits") % {"credits": product.credits} if product else ""


def sellable(key: str) -> Sellable | None:
    return next((each for each in SELLABLES if each.key == key), None)


def by_lookup_key(lookup_key: str) -> Sellable | None:
    return next((each for each in SELLABLES if each.lookup_key == lookup_key), None)
