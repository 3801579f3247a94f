"""What the engine's tests do inside a site's own environment; run by `tests.inside`."""

import hashlib
import io
import time
import uuid
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from allauth.account.internal.userkit import user_id_to_str
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db.models import F
from django.test import Client
from django.utils import timezone

from accounts.keys import api_keys
from accounts.mfa.adapter import MFAAdapter
from accounts.models import User
from batches import lifecycle
from batches.editing import edits, inputs
from batches.models import Batch, ImageModel, Prompt, WebhookEndpoint
from batches.orders.order import Choices, Order
from batches.orders.submit import submit_order
from batches.runs import heartbeat
from billing import plans
from billing.credits import ledger, renewals
from billing.models import LedgerEntry, Membership
from billing.payments import customers, plan_changes
from billing.stripe import catalogue as stripe_catalogue
from billing.stripe import client as stripe_client
from operations import stripe_dashboard
from privacy import deletion

CREDITS = 5_000
TOTP_SECRET, WEBHOOK_SECRET = "JBSWY3DPEHPK3PXP", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def person(email: str, **fields: bool) -> User:
    """Return the user with that address, made with many credits if need be."""
    user, is_new = User.objects.get_or_create(email=email, defaults=fields)
    if is_new:
        ledger.grant_by_operator(user, CREDITS, "for a test")
        renewals.give_plan(user, plans.PARTNER, timezone.now() + timedelta(days=1), actor=None, reason="for a test")
    return user


def manage(*arguments: str) -> str:
    """Run a management command and return what it printed."""
    said = io.StringIO()
    call_command(*arguments, stdout=said)
    return said.getvalue()


def session_of(email: str, is_recent: bool = False) -> str:
    """Sign the user in and return the session cookie's value; only a recent sign-in may change how one signs in."""
    client, user = Client(), User.objects.get(email=email)
    client.force_login(user)
    session = client.session
    if is_recent:
        session["account_authentication_methods"] = [{"method": "code", "at": time.time()}]
        session["account_authentication_methods_user"] = user_id_to_str(user)
        session.save()
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def submit(email: str, title: str, lists: Sequence[Sequence[str]]) -> None:
    """Submit one batch for each list of prompts, all with the same title."""
    user, model = person(email), ImageModel.objects.on_offer()[0]
    quality = model.qualities.get(quality="low")
    for prompts in lists:
        order = Order(prompts, Choices(model, quality, "png", "1:1"), title=title)
        submit_order(user, order, uuid.uuid4())


def submit_videos(email: str, title: str, prompts: Sequence[str]) -> None:
    """Submit one batch of short videos."""
    model = ImageModel.objects.on_offer().get(code="google/veo-3.1-fast")
    choices = Choices(model, model.qualities.get(), "mp4", "16:9", seconds=4)
    submit_order(person(email), Order(prompts, choices, title=title), uuid.uuid4())


def free_person(email: str, free_credits: int) -> None:
    """Make a user on the free plan who has so many credits."""
    account = ledger.account_of(User.objects.create_user(email))
    ledger.grant(account, free_credits - account.balance, origin="free", key=f"test:{email}")


def subscribe(title: str, count: int) -> None:
    """Let new customers pay for a plan by card; only Stripe's events tell the site of it."""
    stripe_catalogue.sync_plans()
    for number in range(count):
        user = User.objects.create_user(f"buyer-{number}-{title}@example.org")
        customer, price = customers.customer_of(user, "en"), stripe_catalogue.price_id_of(plans.STARTER)
        stripe_client.create_subscription(customer, price, stripe_dashboard.WORKING_CARD)


def renewals_due(title: str, count: int) -> None:
    """Make members whose month has begun, and whose credits the schedule has to grant."""
    now = timezone.now()
    for number in range(count):
        user = User.objects.create_user(f"member-{number}-{title}@example.org")
        terms = {"period_start": now - timedelta(days=10), "period_end": now + timedelta(days=10)}
        Membership.objects.activate(
            user, plans.STARTER.key, source=Membership.Source.OPERATOR, actor=None, reason="for a test", **terms
        )


def let_hours_pass(email: str, hours: float) -> None:
    """Let everything that a user has made, and what waits for its hour, be so much older."""
    passed = timedelta(hours=hours)
    LedgerEntry.objects.filter(account__user__email=email).update(created_at=F("created_at") - passed)
    Batch.objects.filter(user__email=email).exclude(resume_at=None).update(resume_at=F("resume_at") - passed)


def write_key(email: str, file: str) -> None:
    """Write a new API key of the user into that file."""
    _, text = api_keys.create(person(email), "for a test")
    Path(file).write_text(text)


def listen(email: str, url: str, secret: str) -> None:
    """Add a webhook endpoint with that URL and secret."""
    WebhookEndpoint.objects.create(user=person(email), url=url, secret=secret)


def change_paid_plan(email: str, plan_key: str) -> None:
    """Change what a customer pays for, as an operator does."""
    plan_changes.change_paid_plan(Membership.objects.get(user__email=email), plans.by_key(plan_key))


def edit(email: str, title: str, instruction: str) -> None:
    """Edit the first image of the batch with that title, in a part of it."""
    source = Prompt.objects.select_related("batch__user", "image_model").get(batch__title=title, position=1)
    base = inputs.base_image(source, None)
    mask = inputs.rectangle_mask((base.width, base.height), 0, 0, 99, 99)
    price = source.image_model.qualities.get(quality="low")
    edits.submit(source, instruction, price, base, mask, uuid.uuid4(), person(email))


def prove(title: str = "") -> None:
    """Raise unless the books are right and each ready image, or those of one title, is stored as it was received."""
    call_command("check_ledger", verbosity=0)
    ready = Prompt.objects.on_server().filter(**{"batch__title": title} if title else {})
    for image, sha256 in ready.values_list("image", "sha256"):
        with default_storage.open(image) as file:
            assert hashlib.file_digest(file, "sha256").hexdigest() == sha256, image


def resume(email: str, title: str) -> None:
    """Let an operator end the wait of all batches with that title."""
    operator = person(email, is_staff=True)
    for batch in Batch.objects.filter(title=title):
        assert batch.resume(operator), batch.status


def end_holds(title: str) -> None:
    """Let an operator resume what waits for one, each time."""
    operator = person("olga@example.org", is_staff=True)
    for batch in Batch.objects.filter(title=title, waiting_reason__startswith="upstream_"):
        batch.resume(operator)


def cancel_open() -> None:
    """End what a test has left open, so that the next one has the workers for itself."""
    for batch in Batch.objects.exclude(hold__credits=0).select_related("user"):
        lifecycle.cancel(batch, batch.user)


def count_ready(title: str) -> str:
    """Return how many images of the batches with that title are ready."""
    return str(Prompt.objects.filter(batch__title=title, status="ready").count())


def make_secrets(email: str) -> None:
    """Give the user an authenticator app and a webhook endpoint."""
    TOTP.activate(person(email), TOTP_SECRET)
    listen(email, "https://example.org/", WEBHOOK_SECRET)


def open_secrets(email: str) -> None:
    """Raise unless both can be decrypted."""
    secret = Authenticator.objects.get(user__email=email, type="totp").data["secret"]
    assert MFAAdapter().decrypt(secret) == TOTP_SECRET
    assert WebhookEndpoint.objects.get(user__email=email).secret == WEBHOOK_SECRET


def stop_heartbeat() -> None:
    """Forget all workers, until their next heartbeat."""
    cache.delete(heartbeat._NAMES)


def age(title: str, field: str, hours: float) -> None:
    """Let a time of the ready images lie in the past."""
    then = timezone.now() - timedelta(hours=hours)
    Prompt.objects.on_server().filter(batch__title=title).update(**{field: then})


def request_deletion(email: str) -> None:
    user = User.objects.get(email=email)
    deletion.request(user, user)


def undo_deletion(email: str) -> None:
    user = User.objects.get(email=email)
    deletion.undo(user, user)


def erase_account(email: str) -> str:
    """Erase an account whose time has come, and return its public id, or "not yet"."""
    users = User.objects.filter(email=email)
    user = users.get()
    users.update(delete_at=timezone.now())
    deletion.erase_due()
    return "not yet" if users.exists() else str(user.public_id)


def enlarge_images(title: str, byte_count: int) -> None:
    """Replace the ready images of the batches with that title by files of that size."""
    data = bytes(byte_count)
    for prompt in Prompt.objects.on_server().filter(batch__title=title):
        default_storage.delete(prompt.image)
        assert default_storage.save(prompt.image, ContentFile(data)) == prompt.image
        Prompt.objects.filter(pk=prompt.pk).update(byte_count=byte_count, sha256=hashlib.sha256(data).hexdigest())
