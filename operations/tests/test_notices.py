"""What operators see on the admin's first page about payments."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from billing.models import Membership
from tests.cast import SignedIn, make_person

INDEX = reverse("admin:index")


@pytest.fixture
def pair(alice: User, bob: User) -> Membership:
    """Alice's plan, beside which another subscription runs; Bob has one plan only."""
    now = timezone.now()
    terms = {"source": Membership.Source.STRIPE, "period_start": now, "period_end": now + timedelta(days=30)}
    Membership.objects.activate(bob, "starter", **terms)
    return Membership.objects.activate(alice, "pro", other_subscriptions="sub_2", **terms)


def test_who_pays_for_two_subscriptions_is_listed(signed_in: SignedIn, olga: User, pair: Membership) -> None:
    (notice,) = signed_in(olga).get(INDEX).context["notices"]
    assert notice.link_text == "1 customer"
    assert list(signed_in(olga).get(notice.url).context["cl"].result_list) == [pair]


@pytest.mark.parametrize(("permission", "count"), [(None, 0), ("view_membership", 1)])
def test_only_who_may_see_memberships_sees_it(
    signed_in: SignedIn, pair: Membership, permission: str | None, count: int
) -> None:
    junior = make_person("Junior", is_staff=True)
    junior.user_permissions.set(Permission.objects.filter(codename=permission))
    assert len(signed_in(junior).get(INDEX).context["notices"]) == count
