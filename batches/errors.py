"""Why a prompt failed, in sentences for the customer. Codes are in the API and the manifest."""

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

SENTENCES = {
    "refused": _("The image service refused this prompt for safety reasons. Change the wording and try again."),
    "bad_input": _("The image service could not use this prompt with these settings."),
    "upstream_error": _("The image service had a fault that did not pass. Try again later."),
    "upstream_busy": _("The image service was too busy for too long. Try again later."),
    "unknown_outcome": _("The image service gave no usable answer, twice. Try again later."),
    "not_an_image": _("The image service answered with something that is not an image. Try again."),
    "too_many_pixels": _("The image service answered with an image that is too large. Try again."),
    "truncated": _("The image arrived damaged. Try again."),
    "unsupported_format": _("The image service answered with a kind of image that we cannot use. Try again."),
    "too_large": _("The image service sent more data than an image can have. Try again."),
}


def sentence(code: str) -> str:
    """Return the sentence for an error code in the reader's language."""
    return gettext(SENTENCES.get(code, _("The image could not be made. Try again later.")))
