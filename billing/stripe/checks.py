"""System checks of Stripe's settings: keys that cannot work, and hosts that must not receive a live key."""

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

KEY = re.compile(r"^(sk|rk)_(test|live)_[a-zA-Z0-9]{24,}$")


@register(Tags.security, "start")
def check_stripe(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    return list(_faults())


def _faults() -> Iterator[CheckMessage]:
    key = settings.STRIPE_SECRET_KEY
    if key and not KEY.match(key):
        yield Error(
            "STRIPE_SECRET_KEY is not a secret key of Stripe.",
            hint="It begins with sk_test_, sk_live_, rk_test_ or rk_live_.",
            id="billing.E001",
        )
    host = urlsplit(settings.STRIPE_API_HOST)
    if host.scheme not in ("http", "https") or not host.hostname:
        yield Error("STRIPE_API_HOST is not a web address.", hint="Unset it.", id="billing.E002")
    elif settings.STRIPE_LIVE_MODE and host.hostname != "api.stripe.com":
        yield Error("STRIPE_API_HOST would be sent a live key.", hint="Unset it.", id="billing.E003")
    if settings.IS_PUBLIC and not settings.STRIPE_LIVE_MODE:
        yield Warning("STRIPE_SECRET_KEY is no live key: customers cannot pay.", id="billing.W001")
