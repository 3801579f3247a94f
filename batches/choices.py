from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy


class Ratio(TextChoices):
    """Width to height of a picture."""

    SQUARE = "1:1", _("Square 1:1")
    PORTRAIT = "9:16", _("Portrait 9:16")
    LANDSCAPE = "16:9", _("Landscape 16:9")


class Kind(TextChoices):
    """What a model makes."""

    IMAGE = "image", _("Images")
    VIDEO = "video", _("Videos")

    def counted(self, count: int) -> str:
        """Return e.g. “3 videos”. Sentences with it must hold for both kinds: in Spanish they differ in gender."""
        if self == Kind.VIDEO:
            text = ngettext("%(count)s video", "%(count)s videos", count)
        else:
            text = ngettext("%(count)s image", "%(count)s images", count)
        return text % {"count": intcomma(count)}


class Format(TextChoices):
    """File format; the value is the extension."""

    PNG = "png", "PNG"
    JPG = "jpg", "JPG"
    MP4 = "mp4", "MP4"

    @property
    def kind(self) -> Kind:
        return Kind.VIDEO if self == Format.MP4 else Kind.IMAGE


#: Customers choose one of these for images. Videos have only one format.
IMAGE_FORMATS = (Format.PNG, Format.JPG)


class Quality(TextChoices):
    """Qualities, cheapest first."""

    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")
    XHIGH = "xhigh", _("Very high")
    MAX = "max", _("Maximum")


class BatchStatus(TextChoices):
    DRAFT = "draft", _("Draft")
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    ON_HOLD = "waiting", _("On hold")
    FINISHED = "finished", _("Finished")
    CANCELLED = "cancelled", _("Cancelled")


class PromptStatus(TextChoices):
    QUEUED = "waiting", _("Waiting")
    GENERATING = "generating", _("Generating")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", pgettext_lazy("image", "Cancelled")
    EXPIRED = "expired", pgettext_lazy("image", "Expired")


class Verdict(TextChoices):
    UNDECIDED = "", _("Undecided")
    KEEP = "keep", _("Keep")
    REJECT = "reject", _("Reject")


class Moderation(TextChoices):
    """The result of the moderation check. A flagged prompt fails and stays unchecked."""

    UNCHECKED = "", _("Not checked")
    PASSED = "passed", _("Passed")
    SKIPPED = "skipped", _("Sent unchecked")


class WaitReason(TextChoices):
    UPSTREAM_MONEY = "upstream_money", _("Our account with the AI service needs attention.")
    UPSTREAM_KEY = "upstream_key", _("The AI service does not accept our key.")
    UPSTREAM_MODEL = "upstream_model", _("The AI service does not offer this model at the moment.")
    UPSTREAM_ADDRESS = "upstream_address", _("We are using a wrong address for the AI service.")
    UPSTREAM_BLOCKED = "upstream_blocked", _("The AI service has blocked our access.")
    UPSTREAM_DOWN = "upstream_down", _("The AI service is down at the moment.")
    STORAGE = "storage", _("We can’t store files at the moment.")
    DAILY_LIMIT = "daily_limit", _("You’ve reached your plan’s limit for now.")


class WebhookEvent(TextChoices):
    """Webhook events; the value is the `type` of the message."""

    FINISHED = "batch.finished", _("Batch finished")
    WAITING = "batch.waiting", _("Batch on hold")
    IMAGE_READY = "image.ready", _("Image ready")
    TEST = "webhook.test", _("Test")


class DeliveryStatus(TextChoices):
    PENDING = "pending", _("Pending")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Failed")


class DisabledReason(TextChoices):
    CUSTOMER = "customer", _("You turned it off.")
    GONE = "gone", _("Your server answered 410 Gone.")
    FAILING = "failing", _("All deliveries have failed for days.")


#: Batches in these states continue automatically.
RUNNABLE = (BatchStatus.QUEUED, BatchStatus.RUNNING)
#: Batches in these states have open prompts.
OPEN_BATCH = (*RUNNABLE, BatchStatus.PAUSED, BatchStatus.ON_HOLD)
#: Prompts in these states hold credits.
OPEN_PROMPT = (PromptStatus.QUEUED, PromptStatus.GENERATING)
#: Prompts in these states have an image, even if the server no longer has it.
MADE_PROMPT = (PromptStatus.READY, PromptStatus.EXPIRED)


#: Why a prompt failed, for the customer. The API and the manifest also contain the codes.
ERROR_SENTENCES = {
    "refused": _("The AI service rejected this prompt for safety reasons. Edit the prompt and try again."),
    "flagged": _("Our safety check flagged this prompt, so it was not sent. Edit the prompt and try again."),
    "bad_input": _("The AI service could not use this prompt with these settings."),
    "upstream_error": _("The AI service had a problem. Try again later."),
    "upstream_busy": _("The AI service is too busy. Try again later."),
    "unknown_outcome": _("The AI service did not send a usable file, and we tried twice. Try again later."),
    "interrupted": _("Our server was interrupted while creating this. Try again."),
    "not_an_image": _("The AI service sent something that is not an image. Try again."),
    "too_many_pixels": _("The AI service sent an image that is too large."),
    "too_small": _("The AI service sent an image much smaller than you chose. Try again."),
    "truncated": _("The image was damaged. Try again."),
    "unsupported_format": _("The AI service sent an image in a format we cannot use."),
    "reference_gone": _("A reference photo of this prompt was deleted. Add it again, and then try again."),
    "base_gone": _("The image to change is no longer on our server. Edit it again."),
    "too_large": _("The AI service sent too much data."),
    "not_a_video": _("The AI service sent something that is not a video. Try again."),
    "too_slow": _("The AI service took too long. Try again later."),
}

#: The same prompt would fail again.
NEEDS_NEW_WORDING = ("refused", "flagged")


def error_sentence(code: str) -> str:
    return str(ERROR_SENTENCES.get(code, _("We could not create this. Try again later.")))
