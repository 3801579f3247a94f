"""The named cast, and what they have: a plug-in of the root conftest.

Alice pays, Bob is on the free plan, Charlie is a stranger, Olga operates.
"""

import io
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.account.internal.userkit import user_id_to_str
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts.models import User
from batches.choices import Quality
from batches.clients.openai import ImageAnswer
from batches.ledger_check import holds_that_do_not_add_up
from batches.models import Batch, ImageModel, ModelQuality, Prompt
from batches.orders.order import Choices, Order
from batches.orders.submit import submit_order
from batches.pictures.finish import finish
from batches.runs import leases, outcomes, turns
from billing import plans
from billing.credits import ledger, renewals
from billing.credits.check import unbalanced_accounts
from billing.models import Membership

MakeBatch = Callable[..., Batch]
SignedIn = Callable[[User], Client]
Do = Callable[..., Any]


def make_person(name: str, **fields: Any) -> User:
    """Make a user with a verified address and no password."""
    user = User.objects.create_user(f"{name.lower()}@example.org", name=name, **fields)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


@pytest.fixture
def alice(db: None) -> User:
    """Alice, who has paid for many credits."""
    user = make_person("Alice")
    give_credits(user, 5_000)
    return user


@pytest.fixture
def bob(db: None) -> User:
    """Bob, who has the free credits only."""
    return make_person("Bob")


@pytest.fixture
def charlie(db: None) -> User:
    """Charlie, who has no business with the others' batches."""
    return make_person("Charlie")


@pytest.fixture
def olga(db: None) -> User:
    """Olga, who operates the site."""
    return make_person("Olga", is_staff=True, is_superuser=True)


@pytest.fixture
def signed_in() -> SignedIn:
    """Return what opens a browser in which that user is signed in."""

    def signer(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signer


@pytest.fixture
def alices(signed_in: SignedIn, alice: User) -> Client:
    """Alice's browser."""
    return signed_in(alice)


@pytest.fixture
def bobs(signed_in: SignedIn, bob: User) -> Client:
    """Bob's browser."""
    return signed_in(bob)


@pytest.fixture
def olgas(signed_in: SignedIn, olga: User) -> Client:
    """Olga's browser."""
    return signed_in(olga)


@pytest.fixture
def just_signed_in(signed_in: SignedIn) -> SignedIn:
    """Return what opens a browser in which that user has proved a moment ago who it is."""

    def signer(user: User) -> Client:
        client = signed_in(user)
        record_sign_in(client, user, {"method": "password", "at": time.time()})
        return client

    return signer


def record_sign_in(client: Client, user: User, *records: dict[str, Any]) -> None:
    """Note in the browser's session how its user has signed in, as allauth does."""
    session = client.session
    session["account_authentication_methods"] = list(records)
    session["account_authentication_methods_user"] = user_id_to_str(user)
    session.save()


def digits(secret: str) -> str:
    """Return what an authenticator app with that secret shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


@pytest.fixture
def do(django_capture_on_commit_callbacks: Any) -> Do:
    """Return what calls a function, and then sends the emails that wait for the end of its transaction."""

    def doing(act: Callable[..., Any], *given: Any, **named: Any) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return act(*given, **named)

    return doing


@pytest.fixture
def one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock of the request limits, so that no minute ends during the test."""
    monkeypatch.setattr("rest.request_limits.time", SimpleNamespace(time=lambda: 1_800_000_000.0))


@pytest.fixture
def image_model(db: None) -> ImageModel:
    """The default model, made again where a test with a live server has emptied the tables."""
    return default_image_model()


def default_image_model() -> ImageModel:
    model, _ = ImageModel.objects.get_or_create(
        code="gpt-image-2.5-flare", defaults={"label": "Flare", "menu_order": 10, "reference_credits": 2}
    )
    for quality, price in ((Quality.LOW, 1), (Quality.MEDIUM, 2)):
        defaults = {"credits": price, "upstream_cost_cents": 1}
        ModelQuality.objects.get_or_create(image_model=model, quality=quality, defaults=defaults)
    return model


@pytest.fixture
def make_order(image_model: ImageModel) -> Callable[..., Order]:
    """Return what makes an order of so many prompts, or of the given ones."""
    return partial(order, image_model)


def order(image_model: ImageModel, prompts: int | list[str] = 3, quality: str = Quality.LOW, **choices: Any) -> Order:
    """Make an order of so many prompts, or of the given ones."""
    texts = [f"prompt number {n}" for n in range(1, prompts + 1)] if isinstance(prompts, int) else prompts
    price = image_model.qualities.get(quality=quality)
    own = {"image_model": image_model, "quality": price, "format": "png", "ratio": "1:1"}
    own |= {each.name: choices.pop(each.name) for each in fields(Choices) if each.name in choices}
    return Order(texts, Choices(**own), **choices)


@pytest.fixture
def make_batch(make_order: Callable[..., Order]) -> MakeBatch:
    """Return what submits a batch for a user."""

    def maker(user: User, prompts: int | list[str] = 3, **choices: Any) -> Batch:
        return submit_order(user, make_order(prompts, **choices), uuid.uuid4())

    return maker


def submit(user: User, prompts: int | list[str] = 3) -> Batch:
    """Submit a batch with the default model."""
    return submit_order(user, order(default_image_model(), prompts), uuid.uuid4())


def give_credits(user: User, credits: int) -> None:
    """Give somebody credits that were paid for."""
    ledger.grant_by_operator(user, credits, "paid")


@pytest.fixture
def give_plan() -> Callable[..., Membership]:
    """Return what gives a user a plan for a year, as an operator does."""
    return give_plan_for_a_year


def give_plan_for_a_year(user: User, plan: plans.Plan) -> Membership:
    return renewals.give_plan(user, plan, timezone.now() + timedelta(days=365), actor=None, reason="for a test")


def png(width: int = 64, height: int = 64, colour: str = "teal") -> bytes:
    """Return a small PNG."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def books_are_right(db: None) -> Iterator[None]:
    """Check after each test that nothing is held or charged without a reason."""
    yield
    assert unbalanced_accounts() + holds_that_do_not_add_up() == []


def run(batch: Batch, limit: int = 30) -> Batch:
    """Advance the batch as the worker would, without waiting for its delays."""
    for _ in range(limit):
        Batch.objects.filter(pk=batch.pk).update(not_before=None)
        if turns.advance(batch.pk) is None:
            break
    batch.refresh_from_db()
    return batch


def statuses(batch: Batch) -> list[tuple[str, str]]:
    """Return the status and the error of each prompt."""
    return list(batch.prompts.order_by("position").values_list("status", "error_code"))


def begin(batch: Batch) -> tuple[outcomes.Turn, Prompt]:
    """Take the batch and start its next prompt, as a worker does; return the turn and the prompt."""
    token = leases.claim(batch.pk)
    assert token is not None
    turn = outcomes.Turn(batch.pk, token)
    prompt = Prompt.next_up(batch.pk)
    assert turn.begin(prompt)
    return turn, prompt


def deliver_next(batch: Batch, data: bytes | None = None) -> Prompt:
    """Make the batch's next image as a worker does, with a picture of ours instead of a call."""

    turn, prompt = begin(batch)
    data = data or png()
    picture = finish(data, format=prompt.format, ratio=prompt.ratio)
    turn.deliver(prompt, picture, ImageAnswer(data=data, request_id="req_test", usage=None))
    batch.refresh_from_db()
    return batch.prompts.get(pk=prompt.pk)


def fail_next(batch: Batch, code: str = "refused") -> Prompt:
    """Let the batch's next prompt fail, as a worker does."""
    turn, prompt = begin(batch)
    turn.fail(prompt, code, "upstream's words", "req_test")
    batch.refresh_from_db()
    return batch.prompts.get(pk=prompt.pk)
