"""The link that turns emails about batches off, for their text and for the buttons of mail programs (RFC 8058)."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from accounts.models import User

_SALT = "batch-mails"


def off_url(user: User) -> str:
    """Return the link. It needs no session and does not expire, because people open old emails."""
    token = signing.dumps({"user": user.pk}, salt=_SALT)
    return settings.SITE_URL + reverse("account_batch_mails_off", args=[token])


def headers(url: str) -> dict[str, str]:
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def user_of(token: str) -> User | None:
    """Return the user to whom the link was sent; None if it is not one of ours, or the account is deleted."""
    try:
        user_id = signing.loads(token, salt=_SALT)["user"]
    except signing.BadSignature:
        return None
    return User.objects.filter(pk=user_id, erased_at=None).first()


def set_wanted(user: User, wanted: bool) -> None:
    User.objects.filter(pk=user.pk).update(wants_batch_mails=wanted)
