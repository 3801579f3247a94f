"""Limits how many refusals are stored, so that an attack can't fill the database.

allauth's rate limits hold for one IP address or account, not for thousands of addresses. Refusals above the limit are
still written to the `security` log.
"""

from django.core.cache import cache

WINDOW_SECONDS = 3600
#: Rows per action and hour: for one account, and for addresses without an account from one IP address and in total.
PER_USER = 20
PER_IP = 20
STRANGERS = 500


def has_room(action: str, user_id: int | None, ip: str | None) -> bool:
    """Count this refusal, and return whether to store it."""
    if user_id is not None:
        return _count(f"audit:{action}:user:{user_id}") <= PER_USER
    return _count(f"audit:{action}:ip:{ip}") <= PER_IP and _count(f"audit:{action}:strangers") <= STRANGERS


def _count(key: str) -> int:
    cache.add(key, 0, WINDOW_SECONDS)
    try:
        return cache.incr(key)
    except ValueError:
        # It expired between the two calls.
        return 1
