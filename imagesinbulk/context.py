"""What every template may show."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.models import User
from billing.credits.ledger import account_of


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the sandbox's marks and the customer's remaining credits, read only when a template asks."""
    user = getattr(request, "user", None)
    return {
        "SANDBOX": settings.SANDBOX,
        "STRIPE_SANDBOX": settings.STRIPE_SANDBOX,
        "SANDBOX_URL": settings.SANDBOX_URL,
        "FREE_CREDITS": settings.FREE_CREDITS,
        # Templates call it. A lazy object would do, but for the plural rules of most languages.
        "credits_left": cache(lambda: account_of(user).left) if isinstance(user, User) else None,
    }
