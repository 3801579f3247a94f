"""What is asked for: a row of every kind, nearly all of them Alice's."""

import uuid
from collections.abc import Callable

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.utils import timezone
from djstripe.models import WebhookEndpoint as StripeEndpoint
from djstripe.models import WebhookEventTrigger

from accounts import unsubscribing
from accounts.keys import api_keys
from accounts.mfa import enrolment
from accounts.models import KeyUsageDay, User
from batches.choices import WebhookEvent
from batches.models import ImageModel, Preset, WebhookDelivery, WebhookEndpoint
from batches.references import uploads
from billing import plans
from billing.models import DelayedPayment
from tests.authorisation.askers import People
from tests.cast import deliver_next, fail_next, give_plan_for_a_year, png, submit

#: What stands in braces in the table, each made when it is asked for.
Places = dict[str, Callable[[], object]]


def make_things(people: People) -> Places:
    """Give Alice a batch with a finished and a failed image, a key, an endpoint and so on; return where they are."""
    alice = people.alice
    batch = submit(alice)
    deliver_next(batch)
    fail_next(batch)
    key, _ = api_keys.create(alice, "a program")
    KeyUsageDay.objects.create(key=key, on=timezone.now().date(), requests=7)
    endpoint = WebhookEndpoint.objects.create(user=alice, url="https://hooks.example.org/")
    delivery = WebhookDelivery.objects.create(
        user=alice, endpoint=endpoint, url=endpoint.url, event=WebhookEvent.FINISHED, body="{}"
    )
    preset = Preset.objects.create(owner=alice, title="Alice's", prompts="a fox")
    reference = uploads.store(alice, ContentFile(png(300, 300)))
    passkey = Authenticator.objects.get(user=alice, type=Authenticator.Type.WEBAUTHN)
    _fill_the_admins_other_tables(alice)
    stripe = StripeEndpoint.objects.create(
        id="we_1",
        djstripe_uuid=uuid.uuid4(),
        url="http://testserver/",
        secret="whsec_1",
        livemode=False,
        enabled_events=["*"],
    )
    return {
        "batch": lambda: batch.pk,
        # As the API's description calls them.
        "batch_id": lambda: batch.pk,
        "position": lambda: 1,
        "key": lambda: key.public_id,
        "endpoint": lambda: endpoint.pk,
        "delivery": lambda: delivery.message_id,
        "preset": lambda: preset.pk,
        "reference": lambda: reference.pk,
        "reference_id": lambda: reference.pk,
        "passkey": lambda: passkey.pk,
        # A POST uses it up.
        "invitation": lambda: enrolment.invite(people.factorless, actor=None).split("/")[-2],
        "alice": lambda: alice.pk,
        "batch_mails": lambda: unsubscribing.off_url(alice).split("/")[-2],
        "staff": lambda: people.staff.pk,
        "factorless": lambda: people.factorless.pk,
        "account": lambda: alice.credit_account.pk,
        "membership_user": lambda: "app_label=billing&model_name=membership&field_name=user",
        "stripe": lambda: stripe.djstripe_uuid,
        **{
            model._meta.label_lower: lambda rows=model._default_manager: rows.order_by("pk").last().pk
            for model in admin.site._registry
        },
        "accounts.user": lambda: alice.pk,
    }


def _fill_the_admins_other_tables(alice: User) -> None:
    SocialAccount.objects.create(user=alice, provider="google", uid="1")
    UserSession.objects.create(user=alice, ip="127.0.0.1", user_agent="x", session_key="x")
    Group.objects.create(name="a group")
    ImageModel.objects.create(code="a-model", label="A model that no batch has")
    Preset.objects.create(slug="a-preset", title="A preset for everyone", prompts="a fox")
    DelayedPayment.objects.create(user=alice, payment_intent="pi_1", amount=500, currency="usd", status="failed")
    give_plan_for_a_year(alice, plans.STARTER)
    WebhookEventTrigger.objects.create(remote_ip="127.0.0.1", headers={}, body="{}")
