from batches.admin.batches import BatchAdmin
from batches.admin.catalogue import ImageModelAdmin
from batches.admin.events import BatchEventAdmin
from batches.admin.presets import PresetAdmin
from batches.admin.prompts import PromptAdmin
from batches.admin.webhooks import WebhookDeliveryAdmin, WebhookEndpointAdmin

__all__ = [
    "BatchAdmin",
    "BatchEventAdmin",
    "ImageModelAdmin",
    "PresetAdmin",
    "PromptAdmin",
    "WebhookDeliveryAdmin",
    "WebhookEndpointAdmin",
]
