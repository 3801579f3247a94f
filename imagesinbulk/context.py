from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.models import User
from batches.delivery.retention import policy
from billing.credits.ledger import account_of


def site(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    return {
        "SANDBOX": settings.SANDBOX,
        "STRIPE_SANDBOX": settings.STRIPE_SANDBOX,
        "SANDBOX_URL": settings.SANDBOX_URL,
        "WRITING_SUGGESTIONS": settings.WRITING_SUGGESTIONS_PER_DAY if settings.OPENAI_TEXT_MODEL else 0,
        "FREE_CREDITS": settings.FREE_CREDITS,
        "retention_policy": policy,
        # A function, so that it is only queried where a template uses it. Plurals do not work with lazy objects.
        "credits_left": cache(lambda: account_of(user).left) if isinstance(user, User) else None,
    }
