"""Batches in the admin: the verbs of the site, and what needs an operator."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.keys import api_keys
from accounts.models import User
from batches.choices import BatchStatus, WaitReason
from batches.models import Batch, ImageModel
from billing.credits import ledger
from tests.cast import MakeBatch, SignedIn, fail_next

LIST = reverse("admin:batches_batch_changelist")


def act(client: Client, action: str, *batches: Batch) -> str:
    """Use the action on the batches; return the page that follows."""
    form = {"action": action, "_selected_action": [batch.pk for batch in batches], "index": 0}
    return client.post(LIST, form, follow=True).content.decode()


def put_on_hold(batch: Batch) -> Batch:
    batch.wait(WaitReason.UPSTREAM_MONEY, "insufficient_quota")
    return batch


def status_of(batch: Batch) -> str:
    return Batch.objects.get(pk=batch.pk).status


def test_an_operator_pauses_a_batch(olgas: Client, olga: User, alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice)
    act(olgas, "pause", batch)
    assert status_of(batch) == BatchStatus.PAUSED
    assert batch.events.first().actor == olga


def test_an_operator_resumes_what_is_paused_and_what_is_on_hold(
    olgas: Client, alice: User, make_batch: MakeBatch
) -> None:
    paused, on_hold = make_batch(alice), put_on_hold(make_batch(alice))
    paused.pause(alice)
    act(olgas, "resume", paused, on_hold)
    assert status_of(paused) == status_of(on_hold) == BatchStatus.QUEUED


def test_an_operator_cancels_a_batch_and_its_credits_come_back(olgas: Client, bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob, 3)
    act(olgas, "cancel", batch)
    assert status_of(batch) == BatchStatus.CANCELLED
    assert ledger.account_of(bob).left == 5


def test_an_operator_retries_failed_prompts(olgas: Client, bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob, 1)
    fail_next(batch)
    act(olgas, "retry", batch)
    assert status_of(batch) == BatchStatus.QUEUED
    assert ledger.account_of(bob).held == 1


def test_a_retry_without_credits_says_so(olgas: Client, bob: User, make_batch: MakeBatch) -> None:
    batch = make_batch(bob, 1)
    fail_next(batch)
    ledger.grant_by_operator(bob, -5, "taken")
    assert "you have 0 left" in act(olgas, "retry", batch)


def test_a_retry_beyond_the_limit_of_its_key_says_of_which_batch_and_why(
    olgas: Client, alice: User, make_batch: MakeBatch
) -> None:
    batch = make_batch(alice, 1, title="Foxes")
    fail_next(batch)
    batch.api_key, _ = api_keys.create(alice, "a program", monthly_credit_limit=0)
    batch.save(update_fields=["api_key"])
    page = act(olgas, "retry", batch)
    assert "Foxes: The API key" in page
    assert "allow this" not in page


def test_the_report_counts_what_could_not_be_done(olgas: Client, alice: User, make_batch: MakeBatch) -> None:
    batches = [make_batch(alice) for _ in range(3)]
    batches[0].pause(alice)
    page = act(olgas, "pause", *batches)
    assert "2 batches updated." in page
    assert "The status of 1 batch doesn’t allow this." in page


def test_who_may_only_look_cannot_act(signed_in: SignedIn, alice: User, make_batch: MakeBatch) -> None:
    viewer = User.objects.create_user("viewer@example.org", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_batch"))
    batch = make_batch(alice)
    act(signed_in(viewer), "cancel", batch)
    assert status_of(batch) == BatchStatus.QUEUED


def test_the_first_page_says_why_batches_are_on_hold(olgas: Client, alice: User, make_batch: MakeBatch) -> None:
    for _ in range(2):
        put_on_hold(make_batch(alice))
    page = olgas.get(reverse("admin:index")).content.decode()
    assert "2 batches on hold" in page
    assert "insufficient_quota" in page
    assert "status__exact=waiting&amp;waiting_reason__exact=upstream_money" in page


def test_the_first_page_is_calm_when_nothing_is_on_hold(olgas: Client, alice: User, make_batch: MakeBatch) -> None:
    make_batch(alice)
    assert "on hold" not in olgas.get(reverse("admin:index")).content.decode()


def test_a_customers_daily_limit_needs_no_operator(olgas: Client, alice: User, make_batch: MakeBatch) -> None:
    make_batch(alice).wait(WaitReason.DAILY_LIMIT, "")
    assert "on hold" not in olgas.get(reverse("admin:index")).content.decode()


def test_the_page_of_a_batch_on_hold_says_why_and_offers_to_resume(
    olgas: Client, alice: User, make_batch: MakeBatch
) -> None:
    batch = put_on_hold(make_batch(alice))
    page = olgas.get(reverse("admin:batches_batch_change", args=[batch.pk])).content.decode()
    assert "insufficient_quota" in page
    assert 'value="resume"' in page


@pytest.mark.parametrize(("days", "warning"), [(61, ""), (60, "in 60 days"), (0, "retired")])
def test_a_model_that_retires_soon_is_marked(olgas: Client, image_model: ImageModel, days: int, warning: str) -> None:
    image_model.retires_on = timezone.localdate() + timedelta(days=days)
    image_model.save()
    page = olgas.get(reverse("admin:batches_imagemodel_changelist")).content.decode()
    assert ("⚠" in page) == bool(warning)
    assert warning in page
