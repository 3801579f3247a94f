"""Every image that is sold leaves a margin, whatever model and quality it is (docs/billing.md)."""

from importlib import import_module
from itertools import product

from billing import plans

MODELS = import_module("batches.migrations.0002_models_on_offer").MODELS
PHOTO_CREDITS = import_module("batches.migrations.0022_photos_with_prompts")._CREDITS
#: A square photo has 1,024 tokens, for USD 8 a million.
PHOTO = ("photo", "", PHOTO_CREDITS, "0.82")
REPLICATE = import_module("batches.migrations.0026_replicate_models").MODELS
PRICES = [PHOTO, *((code, *price) for code, _, _, _, prices, _ in MODELS for price in prices)]
PRICES += [(code, *price) for code, *_, prices in REPLICATE for price in prices]
SOLD = [
    *((plan.key, plan.price_cents, plan.credits_per_month) for plan in plans.PLANS),
    *((year.key, year.price_cents, 12 * year.plan.credits_per_month) for year in plans.YEARLY),
    *((pack.key, pack.price_cents, pack.credits) for pack in plans.PACKS),
]
#: The part of the price that must be left: less of the sale with the largest discount.
LEFT = {"pro_yearly": 0.45}


def cents_per_credit(price_cents: int, credits: int) -> float:
    """Return what a credit brings after Stripe's 2.9 % and 30 cents."""
    return (price_cents * 0.971 - 30) / credits


def test_an_image_leaves_more_than_half_of_what_it_brings() -> None:
    too_cheap = []
    for (key, price_cents, credits_sold), image in product(SOLD, PRICES):
        _, _, credits_asked, upstream_cents = image
        brings = cents_per_credit(price_cents, credits_sold) * credits_asked
        if float(upstream_cents) >= brings * (1 - LEFT.get(key, 0.5)):
            too_cheap.append((key, image))
    assert too_cheap == []
