"""Errors of a list, in sentences for the customer."""

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext

from batches.lists import RowError


def row_sentence(error: RowError) -> str:
    """Return the sentence for an error, naming its prompt: not its line, since empty ones are not counted."""
    text = sentence(error)
    return gettext("Prompt %(row)s: %(text)s") % {"row": error.row, "text": text} if error.row else text


def sentence(error: RowError) -> str:
    """Return the sentence for an error without its line."""
    sentences = {
        "empty_list": gettext("Write at least one prompt, one a line."),
        "too_many_prompts": gettext("A batch takes up to %(limit)s prompts; these are %(count)s. Split the list."),
        "empty_prompt": gettext("there is no prompt."),
        "prompt_too_long": gettext("the prompt has %(characters)s characters; up to %(limit)s are possible."),
        "styled_prompt_too_long": gettext(
            "with its style the prompt has %(characters)s characters; up to %(limit)s are possible."
        ),
        "more_names_than_prompts": gettext(
            "There are more names (%(names)s) than prompts (%(prompts)s). Remove names or add prompts."
        ),
        "unknown_model": gettext("this model is not on offer."),
        "unknown_quality": gettext("this model does not offer this quality."),
        "unknown_format": gettext("this model does not make this file format."),
        "unknown_ratio": gettext("this is not one of the ratios 1:1, 9:16 and 16:9."),
        "style_too_long": gettext("the style has %(characters)s characters; up to %(limit)s are possible."),
    }
    return sentences[error.code] % {name: intcomma(number) for name, number in error.params.items()}
