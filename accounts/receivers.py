"""What allauth tells of, and what follows from it."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from accounts.reauthentication import SECOND_STEPS


@receiver(authenticator_added, sender=Authenticator)
def take_the_step_that_was_added(request: HttpRequest, user: User, authenticator: Authenticator, **_about: Any) -> None:
    """Note the second step as taken: who adds an app or a key has just shown its digits or touched it."""
    if authenticator.type in SECOND_STEPS:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)
