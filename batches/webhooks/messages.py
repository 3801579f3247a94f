"""What is wrong with a customer's address, or was with an attempt, in sentences for the customer."""

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

_SENTENCES = {
    "not_https": _("The address must begin with https://."),
    "bad_address": _("This is not an address that messages can be sent to."),
    "bad_port": _("The port must be 80, 443, or 1024 or above."),
    "not_public": _("The address does not lead to a server on the public internet."),
    "unreachable": _("No connection: the server does not exist, refused, or hung up."),
    "timeout": _("The server did not answer within 15 seconds."),
    "tls": _("The server's certificate could not be verified."),
    "no_secret": _("The secret was lost. Change it, then send the message again."),
    "switched_off": _("The endpoint was switched off before the message could arrive."),
}


def webhook_sentence(code: str) -> str:
    """Return the sentence for a code of `clients.webhooks` in the reader's language."""
    return gettext(_SENTENCES[code])
