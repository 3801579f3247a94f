from batches.models.batch import Batch
from batches.models.catalogue import ImageModel, ModelQuality
from batches.models.edit import Edit
from batches.models.event import BatchEvent
from batches.models.moderation_case import ModerationCase
from batches.models.preset import Preset
from batches.models.prompt import Prompt
from batches.models.reference import BatchReference, Reference
from batches.models.webhook import WebhookAccount, WebhookDelivery, WebhookEndpoint
from batches.models.writing import WritingUse

__all__ = [
    "Batch",
    "BatchEvent",
    "BatchReference",
    "Edit",
    "ImageModel",
    "ModelQuality",
    "ModerationCase",
    "Preset",
    "Prompt",
    "Reference",
    "WebhookAccount",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WritingUse",
]
