"""Who is refused the admin is in the security trail, and operators who may read it see a notice."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import AuditAction, AuditEntry, User
from tests.cast import SignedIn, make_person

pytestmark = pytest.mark.any_database

INDEX = reverse("admin:index")
LIST = reverse("admin:accounts_user_changelist")


@pytest.fixture
def junior(db: None) -> User:
    """An operator who may do nothing yet."""
    return make_person("Junior", is_staff=True)


def denied() -> list[tuple[User | None, str]]:
    entries = AuditEntry.objects.filter(action=AuditAction.ADMIN_DENIED).select_related("user")
    return [(entry.user, entry.note) for entry in entries]


def test_a_refused_customer_is_recorded(signed_in: SignedIn, alice: User) -> None:
    assert signed_in(alice).get(LIST, follow=True).status_code == 403
    assert denied() == [(alice, LIST)]


def test_an_operator_refused_without_the_permission_is_recorded(signed_in: SignedIn, junior: User) -> None:
    assert signed_in(junior).get(LIST).status_code == 403
    assert denied() == [(junior, LIST)]


def test_an_operator_refused_without_a_second_factor_is_recorded(
    signed_in: SignedIn, olga: User, settings: Any
) -> None:
    settings.ADMIN_REQUIRES_MFA = True
    assert signed_in(olga).get(LIST, follow=True).status_code == 403
    assert denied() == [(olga, LIST)]


def test_visitors_and_those_who_are_let_in_are_not_recorded(client: Client, signed_in: SignedIn, olga: User) -> None:
    client.get(LIST, follow=True)
    signed_in(olga).get(LIST)
    assert denied() == []


def test_operators_who_may_read_the_trail_see_a_notice(signed_in: SignedIn, alice: User, olga: User) -> None:
    signed_in(alice).get(LIST, follow=True)
    (notice,) = signed_in(olga).get(INDEX).context["notices"]
    assert notice.link_text == "1 request in 24 hours"
    assert signed_in(olga).get(notice.url).context["cl"].result_count == 1


@pytest.mark.parametrize(("permission", "count"), [(None, 0), ("view_auditentry", 1)])
def test_the_notice_needs_the_permission(
    signed_in: SignedIn, alice: User, junior: User, permission: str | None, count: int
) -> None:
    junior.user_permissions.set(Permission.objects.filter(codename=permission))
    signed_in(alice).get(LIST, follow=True)
    assert len(signed_in(junior).get(INDEX).context["notices"]) == count
