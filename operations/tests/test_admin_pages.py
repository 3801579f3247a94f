"""Each list and page of the admin: it answers, and asks the database no more for thirty rows than for three."""

import re
import uuid
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from djstripe.models import WebhookEventTrigger

from accounts.keys import api_keys
from accounts.models import KeyUsageDay, User
from batches.choices import Quality
from batches.models import (
    Batch,
    BatchEvent,
    ImageModel,
    ModelQuality,
    Prompt,
    WebhookDelivery,
    WebhookEndpoint,
)
from billing import plans
from billing.credits import ledger, renewals
from billing.models import CreditAccount, CreditGrant, DelayedPayment, Hold, LedgerEntry
from tests.cast import MakeBatch, SignedIn, fail_next, make_person
from tests.counting import count_page_queries

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
FEW, MANY = 3, 30
LISTS = {
    "membership": reverse("admin:billing_membership_changelist"),
    "role": reverse("admin:auth_group_changelist"),
    "user": reverse("admin:accounts_user_changelist"),
}


def address(model: type, page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def columns(language: str) -> set[str]:
    with translation.override(language):
        return {
            str(label_for_field(name, model, admin.site._registry[model])).lower()
            for model in MODELS
            for name in admin.site._registry[model].list_display
        }


def test_the_columns_of_every_list_are_translated() -> None:
    """Also of the tables of packages, which name their columns in English."""
    assert columns("en") & columns("es") <= {"error", "plan", "prompt", "prompts", "uid", "url"}


@pytest.mark.parametrize("address", [LISTS["role"], LISTS["user"]])
def test_lists_and_filters_name_roles_in_the_operators_language(olgas: Client, address: str) -> None:
    page = olgas.get(address, headers={"accept-language": "es"}).content.decode()
    assert ">Finanzas</a>" in page
    assert ">Finance<" not in page


def test_the_page_of_a_role_names_permissions_in_the_operators_language(olgas: Client) -> None:
    olgas.cookies["django_language"] = "es"
    page = olgas.get(reverse("admin:auth_group_add")).content.decode()
    for name in ("Cuentas | usuario | agregar", "Cuentas | usuario | Puede suspender a un usuario"):
        assert f"{name}</option>" in page


@pytest.mark.parametrize("address", [LISTS["membership"], LISTS["user"]])
def test_filters_name_plans_as_customers_do(olgas: Client, bob: User, address: str) -> None:
    renewals.give_plan(bob, plans.PARTNER, timezone.now() + timedelta(days=9), actor=bob, reason="a test")
    page = olgas.get(address).content.decode()
    assert re.search(r"plan_key=partner[^>]*>\s*Partner\s*<", page)


@pytest.fixture
def olgas(signed_in: SignedIn, olga: User) -> Client:
    """Olga's browser, warm: content types and the like are cached."""
    client = signed_in(olga)
    client.get(reverse("admin:index"))
    return client


def populate(make_batch: MakeBatch, count: int) -> None:
    """Add so many rows to each table."""
    for _ in range(count):
        user = make_person(f"guest-{uuid.uuid4()}")
        batch = make_batch(user, 2)
        fail_next(batch)
        endpoint = WebhookEndpoint.objects.create(user=user, url="https://hooks.example.org/")
        WebhookDelivery.objects.create(
            user=user, endpoint=endpoint, url=endpoint.url, event="batch.finished", body="{}"
        )
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
        SocialAccount.objects.create(user=user, provider="google", uid=str(user.pk))
        UserSession.objects.create(user=user, ip="127.0.0.1", user_agent="x", session_key=str(user.pk))
        model = ImageModel.objects.create(code=str(user.pk), label=str(user.pk))
        ModelQuality.objects.create(image_model=model, quality=Quality.LOW, upstream_cost_cents=1)
        Group.objects.create(name=str(user.pk))
        until = timezone.now() + timedelta(days=9)
        renewals.give_plan(user, plans.STARTER, until, actor=None, reason="a friend")
        DelayedPayment.objects.create(user=user, payment_intent=f"pi_{user.pk}", amount=300, currency="usd")
        WebhookEventTrigger.objects.create(remote_ip="127.0.0.1", headers={}, body="{}")
        key, _text = api_keys.create(user, "a program", actor=user)
        KeyUsageDay.objects.create(key=key, on=timezone.now().date(), requests=7)


def queries_of_lists(browser: Client) -> dict[str, int]:
    return {model._meta.label: count_page_queries(browser, address(model, "changelist")) for model in MODELS}


def test_each_list_takes_as_many_queries_for_many_rows_as_for_few(olgas: Client, make_batch: MakeBatch) -> None:
    populate(make_batch, FEW)
    few = queries_of_lists(olgas)
    populate(make_batch, MANY - FEW)
    assert queries_of_lists(olgas) == few


def test_the_page_of_each_row_opens(olgas: Client, make_batch: MakeBatch) -> None:
    populate(make_batch, 1)
    pages = {model._meta.label: address(model, "change", model._default_manager.first().pk) for model in MODELS}
    assert {label: olgas.get(page).status_code for label, page in pages.items()} == dict.fromkeys(pages, 200)


def test_each_list_can_be_searched(olgas: Client, make_batch: MakeBatch) -> None:
    populate(make_batch, 1)
    pages = {model._meta.label: address(model, "changelist") for model in MODELS}
    found = {label: olgas.get(page, {"q": "guest' 9f0"}).status_code for label, page in pages.items()}
    assert found == dict.fromkeys(pages, 200)


def test_the_page_of_a_batch_takes_as_many_queries_for_many_prompts(
    olgas: Client, alice: User, make_batch: MakeBatch
) -> None:
    few, many = make_batch(alice, FEW), make_batch(alice, MANY)
    for batch, count in ((few, FEW), (many, MANY)):
        BatchEvent.objects.bulk_create(BatchEvent(batch=batch, actor=alice, to_status="running") for _ in range(count))
    assert count_page_queries(olgas, address(Batch, "change", many.pk)) == count_page_queries(
        olgas, address(Batch, "change", few.pk)
    )


def test_the_page_of_a_batch_shows_the_first_hundred_prompts_only(
    olgas: Client, alice: User, make_batch: MakeBatch
) -> None:
    batch = make_batch(alice, 120)
    page = olgas.get(address(Batch, "change", batch.pk)).content.decode()
    assert "prompt number 100<" in page
    assert "prompt number 101<" not in page
    assert reverse("admin:batches_prompt_changelist", query={"batch__id__exact": batch.pk}) in page


def test_events_name_the_states_in_the_operators_language(olgas: Client, alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice)
    BatchEvent.objects.create(batch=batch, to_status="paused")
    BatchEvent.objects.create(batch=batch, position=1, from_status="generating", to_status="ready")
    page = olgas.get(address(BatchEvent, "changelist"), headers={"accept-language": "es"}).content.decode()
    for state in ("En pausa", "Generando", "Lista"):
        assert f">{state}</td>" in page


def test_events_are_filtered_by_the_names_of_states(olgas: Client, alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice)
    BatchEvent.objects.create(batch=batch, to_status="paused")
    BatchEvent.objects.create(batch=batch, position=1, from_status="waiting", to_status="generating")
    page = olgas.get(address(BatchEvent, "changelist") + "?to_status=paused").content.decode()
    assert ">On hold / Waiting</a>" in page
    assert ">Paused</td>" in page
    assert ">Generating</td>" not in page


def test_the_page_of_a_user_takes_as_many_queries_for_many_addresses(olgas: Client, alice: User, bob: User) -> None:
    for user, count in ((alice, FEW), (bob, MANY)):
        for n in range(count):
            EmailAddress.objects.create(user=user, email=f"{n}-{user.email}")
    assert count_page_queries(olgas, address(User, "change", bob.pk)) == count_page_queries(
        olgas, address(User, "change", alice.pk)
    )


def test_the_statement_of_an_account_takes_as_many_queries_for_many_entries(
    olgas: Client, alice: User, bob: User
) -> None:
    for user, count in ((alice, FEW), (bob, MANY)):
        for _ in range(count):
            ledger.grant_by_operator(user, 1, "gift")
    accounts = [ledger.account_of(user) for user in (alice, bob)]
    few, many = (count_page_queries(olgas, address(CreditAccount, "change", account.pk)) for account in accounts)
    assert many == few


@pytest.mark.parametrize("model", [Batch, BatchEvent, Prompt, CreditAccount, CreditGrant, LedgerEntry, Hold])
def test_the_record_cannot_be_added_to_changed_or_deleted(
    model: type, olgas: Client, alice: User, make_batch: MakeBatch
) -> None:
    make_batch(alice)
    row = model._default_manager.first()
    assert olgas.get(address(model, "add")).status_code == 403
    assert olgas.post(address(model, "change", row.pk), {}).status_code == 403
    assert olgas.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403


def test_the_prompts_of_one_batch_are_listed_in_order(olgas: Client, alice: User, make_batch: MakeBatch) -> None:
    batch = make_batch(alice, 5)
    make_batch(alice, 5)
    page = olgas.get(address(Prompt, "changelist"), {"batch__id__exact": batch.pk})
    assert [prompt.position for prompt in page.context["cl"].result_list] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("search", ["title", "alice@example.org", "id"])
def test_a_batch_is_found_by(search: str, olgas: Client, alice: User, bob: User, make_batch: MakeBatch) -> None:
    make_batch(bob)
    batch = make_batch(alice, title="title")
    page = olgas.get(address(Batch, "changelist"), {"q": str(batch.pk) if search == "id" else search})
    assert list(page.context["cl"].result_list) == [batch]
