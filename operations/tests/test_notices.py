"""What the admin's first page says first: what needs an operator now, and only what this one may see."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse
from django.utils import timezone
from djstripe.models import Dispute, WebhookEventTrigger

from accounts.models import User
from batches.choices import DisabledReason
from batches.models import Batch, ImageModel, WebhookDelivery, WebhookEndpoint
from billing.models import Membership
from operations.models import Alarm
from privacy.models import LegalPage
from tests.cast import MakeBatch, SignedIn, fail_next, make_person, submit

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


def stalled(alice: User) -> None:
    long_ago = timezone.now() - timedelta(minutes=6)
    Batch.objects.filter(pk=submit(alice).pk).update(enqueued_at=long_ago, created_at=long_ago)


def failing_webhook(alice: User) -> None:
    endpoint = WebhookEndpoint.objects.create(user=alice, url="https://hooks.example.org/")
    endpoint.disable(DisabledReason.FAILING)


def lost_message(alice: User) -> None:
    facts = {"status": "failed", "next_attempt_at": None, "event": "batch.finished", "body": "{}"}
    WebhookDelivery.objects.create(user=alice, url="https://hooks.example.org/", **facts)


def failed_event(alice: User) -> None:
    facts = {"remote_ip": "127.0.0.1", "headers": {}, "body": "{}"}
    WebhookEventTrigger.objects.create(**facts, valid=True, processed=False)
    # Anybody can send these.
    WebhookEventTrigger.objects.create(**facts, valid=False, processed=False)


def dispute(alice: User) -> None:
    for number, status in enumerate(("needs_response", "won", "under_review")):
        Dispute.objects.create(id=f"dp_{number}", livemode=False, stripe_data={"status": status})
    Dispute.objects.create(id="dp_of_the_other_mode", livemode=True, stripe_data={"status": "needs_response"})


def retiring_model(alice: User) -> None:
    soon = timezone.localdate() + timedelta(days=30)
    ImageModel.objects.filter(pk=ImageModel.objects.first().pk).update(enabled=True, retires_on=soon)


def refused_prompt(alice: User) -> None:
    fail_next(submit(alice))


NEEDS = [
    (stalled, "Support", "1 batch"),
    (failing_webhook, "Support", "1 endpoint"),
    (lost_message, "Support", "1 message"),
    (failed_event, "Finance", "1 event in 24 hours"),
    (dispute, "Finance", "1 dispute"),
    (retiring_model, "Content", "1 model"),
    (refused_prompt, "Content", "1 prompt"),
]


@pytest.mark.parametrize(("need", "role", "text"), NEEDS, ids=[need.__name__ for need, *_ in NEEDS])
def test_what_needs_somebody_is_said_to_the_role_that_can_do_something(
    need: Callable[[User], None], role: str, text: str, alice: User, signed_in: SignedIn
) -> None:
    for name in ("Support", "Finance", "Content"):
        make_person(name, is_staff=True).groups.add(Group.objects.get(name=name))
    need(alice)
    for name in ("Support", "Finance", "Content"):
        operator = signed_in(User.objects.get(name=name))
        notices = [notice for notice in operator.get(INDEX).context["notices"] if notice.link_text == text]
        assert len(notices) == (name == role), name
        assert [operator.get(notice.url).status_code for notice in notices] == [200] * len(notices)


def test_a_calm_day_has_nothing_to_say(signed_in: SignedIn, olga: User, alice: User, make_batch: MakeBatch) -> None:
    make_batch(alice)
    page = signed_in(olga).get(INDEX)
    assert page.context["notices"] == []
    assert "Nothing needs your attention." in page.content.decode()


def test_an_alarm_is_listed_while_it_lasts(signed_in: SignedIn, olga: User) -> None:
    alarm = Alarm.objects.create(kind=Alarm.Kind.LEDGER, is_on=True)
    assert signed_in(olga).get(INDEX).context["notices"] == []
    alarm.since -= timedelta(minutes=3)
    alarm.save()
    (notice,) = signed_in(olga).get(INDEX).context["notices"]
    assert notice.label == "The ledger does not add up."
    alarm.is_on = False
    alarm.save()
    assert signed_in(olga).get(INDEX).context["notices"] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "role", "is_listed"),
    [("no_worker", "Support", True), ("no_worker", "Finance", False), ("ledger", "Finance", True)],
)
def test_an_alarm_is_listed_for_those_who_are_mailed(
    signed_in: SignedIn, kind: str, role: str, is_listed: bool
) -> None:
    operator = make_person("Junior", is_staff=True)
    operator.groups.add(Group.objects.get(name=role))
    Alarm.objects.create(kind=kind, is_on=True, since=timezone.now() - timedelta(minutes=3))
    assert bool(signed_in(operator).get(INDEX).context["notices"]) is is_listed


@pytest.mark.parametrize(("is_public", "texts"), [(True, ["3 pages"]), (False, [])])
def test_a_public_site_with_template_texts_is_reminded(
    signed_in: SignedIn, olga: User, settings: Any, is_public: bool, texts: list[str]
) -> None:
    settings.IS_PUBLIC = is_public
    LegalPage.objects.filter(kind="terms", language="es").update(text="Lo nuestro")
    notices = signed_in(olga).get(INDEX).context["notices"]
    assert [notice.link_text for notice in notices] == texts
