from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

_SENTENCES = {
    "not_https": _("The URL must start with https://."),
    "bad_address": _("We can’t send messages to this URL."),
    "bad_port": _("The port must be 80, 443, or 1024 or above."),
    "not_public": _("The URL must point to a server on the public internet."),
    "unreachable": _("We couldn’t connect to the server."),
    "timeout": _("The server didn’t respond within 15 seconds."),
    "tls": _("We couldn’t verify the server’s certificate."),
    "no_secret": _("The secret is no longer available. Change it, then resend the message."),
    "switched_off": _("The endpoint was turned off before we could deliver the message."),
}


def webhook_sentence(code: str) -> str:
    return gettext(_SENTENCES[code])
