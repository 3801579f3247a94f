from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from django.contrib import messages
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.verification import changes_own_address, remove_other_access


@receiver(email_confirmed, sender=EmailAddress)
def address_confirmed(request: HttpRequest, email_address: EmailAddress, **_about: Any) -> None:
    """Remove what another person may have added before the owner of the address confirmed it."""
    if changes_own_address(request, email_address):
        return
    if remove_other_access(request, email_address.user):
        text = _("We removed the ways to sign in that were added before this email address was confirmed.")
        messages.warning(request, text)
