"""Errors of a list, in sentences for the customer."""

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from batches.lists.parsing import RowError

#: By code.
_SENTENCES = {
    "empty_list": _("Write at least one prompt, one a line."),
    "too_many_prompts": _("A batch takes up to %(limit)s prompts; these are %(count)s. Split the list."),
    "too_many_lines": _(
        "A batch takes up to %(limit)s prompts, one a line; this list has %(count)s lines. Split the list."
    ),
    "empty_prompt": _("there is no prompt."),
    "prompt_too_long": _("the prompt has %(characters)s characters; up to %(limit)s are possible."),
    "styled_prompt_too_long": _(
        "with its style the prompt has %(characters)s characters; up to %(limit)s are possible."
    ),
    "more_names_than_prompts": _(
        "There are more names (%(names)s) than prompts (%(prompts)s). Remove names or add prompts."
    ),
    "unknown_model": _("this model is not on offer."),
    "unknown_quality": _("this model does not offer this quality."),
    "unknown_format": _("this model does not make this file format."),
    "unknown_ratio": _("this is not one of the ratios 1:1, 9:16 and 16:9."),
    "style_too_long": _("the style has %(characters)s characters; up to %(limit)s are possible."),
}


def row_sentence(error: RowError) -> str:
    """Return the sentence for an error, naming its prompt: not its line, since empty ones are not counted."""
    text = sentence(error)
    return gettext("Prompt %(row)s: %(text)s") % {"row": error.row, "text": text} if error.row else text


def sentence(error: RowError) -> str:
    """Return the sentence for an error without its line."""
    return str(_SENTENCES[error.code]) % {name: intcomma(number) for name, number in error.params.items()}
