"""Words in square brackets of a prompt that change what becomes of its prediction.

Those of `sandbox.openai.faults` that concern the call itself work too: [429], [500], [503], [money], [key], [slow 20],
and [drop], which closes the connection after the prediction was created.
"""

import re
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_BRACKETS = re.compile(r"\[([a-z0-9]+)(?: +(\d{1,4}))?\]", re.IGNORECASE)


@dataclass(frozen=True)
class Word:
    """One magic word of predictions."""

    word: str
    description: str | Promise


WORDS = (
    Word("failed", _("The prediction fails.")),
    Word("nsfw", _("The prediction fails, because its content was flagged.")),
    Word("aborted", _("The prediction is aborted before it starts.")),
    Word("never", _("The prediction never ends.")),
    Word("gone", _("The output file is not there.")),
    Word("private", _("The output is at a private address.")),
    Word("redirect", _("The output’s address redirects to another server.")),
    Word("halffile", _("The output breaks off in the middle.")),
    Word("textfile", _("The output is a text file.")),
    Word("h265", _("A video with H.265, which most browsers can’t play.")),
    Word("mb", _("A video file of so many megabytes: [mb 300].")),
)
_KNOWN = {word.word for word in WORDS}


def words_of(prompt: str) -> dict[str, int]:
    """The magic words of a prompt, each with its number, 0 without one."""
    found = ((word.lower(), int(number or 0)) for word, number in _BRACKETS.findall(prompt))
    return {word: number for word, number in found if word in _KNOWN}
