"""Styles: words that are added to every prompt of a list."""

from django.utils.translation import gettext_lazy as _

#: Words that the form offers as buttons. A button adds what it says.
LOOKS = (
    _("photograph"), _("watercolour"), _("oil painting"), _("pencil drawing"), _("flat vector drawing"),
    _("3D rendering"), _("comic"), _("pixel art"), _("paper cut-out"),
)  # fmt: skip
COLOURS = (
    _("warm colours"), _("cool colours"), _("pastel colours"), _("bright colours"), _("muted colours"),
    _("earth colours"), _("black and white"),
)  # fmt: skip

_SENTENCE_STOPS = (".", "!", "?", "…", "。", "！", "？")
_LOOSE_ENDS = " \t,;，、；"


def styled_prompt(prompt: str, style: str) -> str:
    """Return the prompt as it is sent and shown: the style follows after a comma, or as a new sentence."""
    return "".join(prompt_and_ending(prompt, style))


def prompt_and_ending(prompt: str, style: str) -> tuple[str, str]:
    style = style.strip(_LOOSE_ENDS)
    if not style:
        return prompt, ""
    prompt = prompt.rstrip(_LOOSE_ENDS)
    if not prompt:
        return "", style
    joint = " " if prompt.endswith(_SENTENCE_STOPS) else ", "
    return prompt, f"{joint}{style}"
