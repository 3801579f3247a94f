"""How many refusals become rows: the trail must not grow without bound because somebody knocks all day.

allauth's rate limits bound what one IP address or one account can try, not what a thousand addresses can. What finds
no room here is still a line of the `security` log.
"""

from django.core.cache import cache

WINDOW_SECONDS = 3600
#: Rows of one action in an hour: about one account, from one IP address about nobody's, and about nobody's in all.
PER_USER = 20
PER_IP = 20
STRANGERS = 500


def has_room(action: str, user_id: int | None, ip: str | None) -> bool:
    """Count this refusal, and return whether it becomes a row."""
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
