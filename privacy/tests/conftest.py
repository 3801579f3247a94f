"""An account with something of everything, and what makes its time come."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.keys import api_keys
from accounts.models import AuditAction, AuditEntry, User
from batches.delivery import storage
from batches.models import Batch, Preset, Reference, WebhookAccount, WebhookDelivery, WebhookEndpoint, WritingUse
from privacy import deletion
from tests.cast import MakeBatch, deliver_next, png

LATER = timedelta(days=8)


@pytest.fixture
def full_account(alice: User, make_batch: MakeBatch) -> User:
    """Alice, who has used everything that there is."""
    finished = make_batch(alice, ["a secret garden"])
    deliver_next(finished)
    make_batch(alice, 3)
    photo = ContentFile(png(), "photo.jpg")
    Reference.objects.create(user=alice, file=photo, sha256="0" * 64, width=64, height=64, byte_count=photo.size)
    endpoint = WebhookEndpoint.objects.create(user=alice, url="https://alice.example/hook")
    WebhookDelivery.objects.create(user=alice, endpoint=endpoint, url=endpoint.url, event="batch.finished", body="{}")
    WebhookAccount.objects.create(user=alice)
    WritingUse.objects.create(user=alice, day=timezone.now().date(), count=3)
    Preset.objects.create(owner=alice, title="Alice’s preset", prompts="a fox")
    api_keys.create(alice, "Alice’s key", ["batches:read"])
    SocialAccount.objects.create(user=alice, provider="google", uid="1")
    UserSession.objects.create(user=alice, ip="127.0.0.1", user_agent="x", session_key="x")
    AuditEntry.objects.record(AuditAction.SIGN_IN_FAILED, None, address=alice.email)
    return alice


@pytest.fixture
def time_has_come() -> Callable[[User], None]:
    """Return what ends the grace, and the time for which rows of deleted batches stay."""

    def end(user: User) -> None:
        User.objects.filter(pk=user.pk).update(delete_at=timezone.now())
        deletion.erase_due()
        Batch.objects.update(deleted_at=timezone.now() - LATER)
        storage.purge_deleted()

    return end
