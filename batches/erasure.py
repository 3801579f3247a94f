"""Deletes an account's data in this app."""

from django.core.files.storage import default_storage

from accounts.models import User
from batches import lifecycle
from batches.choices import OPEN_BATCH
from batches.models import Batch, Preset, Reference, WebhookAccount, WebhookDelivery, WebhookEndpoint, WritingUse


def stop(user: User, actor: User) -> None:
    """Cancel all runs. An image in flight is still delivered and charged."""
    for batch in Batch.objects.filter(user=user, status__in=OPEN_BATCH):
        lifecycle.cancel(batch, actor)


def erase(user: User) -> bool:
    """Delete everything of the user's; False while rows of batches are left.

    `delivery.storage.purge_deleted` deletes those, once no worker and no request uses them. Raises `OSError` if the
    storage is not available.
    """
    for batch in Batch.objects.owned_by(user).iterator():
        lifecycle.delete(batch, user)
    photos = Reference.objects.owned_by(user)
    for name in photos.values_list("file", flat=True):
        default_storage.delete(name)
    photos.discard()
    for model in (WebhookDelivery, WebhookEndpoint, WebhookAccount, WritingUse):
        model.objects.filter(user=user).delete()
    Preset.objects.owned_by(user).delete()
    return not Batch.objects.filter(user=user).exists()
