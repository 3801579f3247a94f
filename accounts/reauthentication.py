"""Asking once more who it is, before something that opens the account to others (docs/decisions).

allauth asks for the password or the second step and lets everybody else through. Those are asked for a code that
is mailed to them, which is how they sign in.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.models import User
from accounts.requests import SignedInRequest

_STATE = "reauthentication_code"
#: An app or a key. Recovery codes stand in for them.
SECOND_STEPS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
View = Callable[..., HttpResponse]


def has_second_step(user: User) -> bool:
    """Return whether the user signs in with an app or a key besides."""
    return bool(is_mfa_enabled(user, types=SECOND_STEPS))


def took_second_step(request: SignedInRequest) -> bool:
    """Return whether a second step was taken in this session; one from before it was added knows nothing of it."""
    return any(record["method"] == "mfa" for record in get_authentication_records(request, request.user))


def second_step_url(user: User, next_url: str) -> str:
    """Return the page that asks for the second step, with the one that follows it."""
    has_digits = is_mfa_enabled(user, types=[Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES])
    name = "mfa_reauthenticate" if has_digits else "mfa_reauthenticate_webauthn"
    return reverse(name, query={"next": next_url})


def is_recent(request: SignedInRequest) -> bool:
    """Return whether this browser's user signed in, or was asked again, within allauth's time for it.

    Who has a second step must have taken it: a mailed code alone is not enough.
    """
    records = get_authentication_records(request, request.user)
    if has_second_step(request.user):
        records = [record for record in records if record["method"] == "mfa" or record.get("reauthenticated")]
    oldest = time.time() - app_settings.REAUTHENTICATION_TIMEOUT
    return any(record["at"] > oldest for record in records)


def recent_authentication_required(view: View) -> View:
    """Let the view be reached only by somebody who has just shown who they are; others are asked, then go on."""

    @wraps(view)
    def asking(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_recent(request):
            # Without any way to ask, allauth would send back and forth between this page and the sign-in.
            if not get_adapter().get_reauthentication_methods(request.user):
                raise PermissionDenied
            raise ReauthenticationRequired
        return view(request, *args, **kwargs)

    return asking


def mailable_address(user: User) -> str:
    """Return the confirmed address that codes go to, the primary one first; empty where no code may be mailed."""
    if has_second_step(user):
        return ""
    confirmed = EmailAddress.objects.filter(user=user, verified=True).order_by("-primary", "pk")
    return confirmed.values_list("email", flat=True).first() or ""


class MailedCode(AbstractCodeVerificationProcess):
    """The code mailed to one browser's user, with allauth's own limits of time and tries; kept in the session."""

    def __init__(self, request: HttpRequest, state: dict[str, Any]) -> None:
        self.request = request
        super().__init__(
            max_attempts=app_settings.LOGIN_BY_CODE_MAX_ATTEMPTS,
            timeout=app_settings.LOGIN_BY_CODE_TIMEOUT,
            state=state,
            user=request.user,
        )

    @classmethod
    def start(cls, request: SignedInRequest, address: str) -> None:
        """Mail a code to the user; an earlier one opens nothing any more."""
        process = cls(request, cls.initial_state(user=request.user, email=address))
        process.send()
        process.persist()

    @classmethod
    def pending(cls, request: HttpRequest) -> "MailedCode | None":
        """Return the code that is waited for, None if there is none or its time is over."""
        state = request.session.get(_STATE)
        process: MailedCode | None = cls(request, state).abort_if_invalid() if state else None
        return process

    def send(self) -> None:
        """Mail a fresh code."""
        adapter = get_adapter()
        self.state["code"] = adapter.generate_login_code()
        context = {"request": self.request, "code": self.code}
        adapter.send_mail("account/email/reauthentication_code", self.state["email"], context)

    def finish(self) -> None:
        """Note that the right code was entered."""
        self.abort()
        email = self.state["email"]
        record_authentication(self.request, self.user, method="code", email=email, reauthenticated=True)

    def persist(self) -> None:
        """Keep the state in the session."""
        self.request.session[_STATE] = self.state

    def abort(self) -> None:
        """Forget the code."""
        self.request.session.pop(_STATE, None)
