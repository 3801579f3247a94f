"""The texts of emails about batches, in the customer's language."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation

from accounts import unsubscribing
from batches.delivery import retention
from batches.models import Batch


def run_ended(batch: Batch, images: retention.Retention) -> EmailMessage:
    return _message("run_ended", batch, images, of=f"{batch.finished_at:%Y%m%d%H%M%S}")


def images_go(batch: Batch, images: retention.Retention) -> EmailMessage:
    return _message("images_go", batch, images, of=f"{images.until:%Y%m%d%H%M%S}")


def _message(template: str, batch: Batch, images: retention.Retention, of: str) -> EmailMessage:
    off_url = unsubscribing.off_url(batch.user)
    context: dict[str, Any] = {"batch": batch, "images": images, "off_url": off_url, "site_url": settings.SITE_URL}
    context["batch_url"] = settings.SITE_URL + batch.get_absolute_url()
    with translation.override(batch.user.language):
        context |= {"all": batch.kind.counted(batch.total), "unsaved": batch.kind.counted(images.unsaved_count)}
        context["until"] = retention.moment(images.until) if images.until else ""
        # A title may have line breaks, which a subject must not have.
        subject = " ".join(render_to_string(f"batches/email/{template}_subject.txt", context).split())
        text = render_to_string(f"batches/email/{template}_message.txt", context)
    # If a worker is killed just after sending, the email is sent again with the same id, and mail programs show one.
    message_id = f"<{template}.{batch.pk}.{of}@{settings.SITE_HOST}>"
    headers = {"Auto-Submitted": "auto-generated", "Message-ID": message_id, **unsubscribing.headers(off_url)}
    return EmailMessage(subject, text, None, [batch.user.email], headers=headers)
