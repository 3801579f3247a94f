"""Which forms may be larger than others, and how much of them a customer may send in a minute.

`imagesinbulk.middleware.size` holds both before it lets anything read the body.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from rest import request_limits


@dataclass(frozen=True)
class LargeForm:
    """A form that only somebody signed in may send; `max_bytes` is asked for the user."""

    name: str
    max_bytes: Callable[[User], int]
    per_minute: int

    def count(self, user: User, byte_count: int) -> request_limits.Standing:
        """Count one form of that size and return where the user stands then."""
        cost = request_limits.cost_of(byte_count)
        return request_limits.count(f"{self.name}/{user.pk}", self.per_minute, cost)


def large_form(name: str, max_bytes: Callable[[User], int], per_minute: int) -> Callable[[Any], Any]:
    """Let a view take larger forms than others, and so many a minute; see `request_limits.cost_of` for long ones."""

    def marked(view: Any) -> Any:
        view.large_form = LargeForm(name, max_bytes, per_minute)
        return view

    return marked
