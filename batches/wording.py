"""Errors of a list, in sentences for the customer."""

from django.utils.translation import gettext

from batches.lists import RowError


def row_sentence(error: RowError) -> str:
    """Return the sentence for an error, naming its line where it has one."""
    text = _sentence(error.code) % error.params
    return gettext("Line %(row)s: %(text)s") % {"row": error.row, "text": text} if error.row else text


def _sentence(code: str) -> str:
    sentences = {
        "empty_list": gettext("Write at least one prompt, one a line."),
        "too_many_prompts": gettext("A batch takes up to %(limit)s prompts; these are %(count)s. Split the list."),
        "prompt_too_long": gettext("the prompt has %(characters)s characters; up to %(limit)s are possible."),
        "more_names_than_prompts": gettext(
            "There are more names (%(names)s) than prompts (%(prompts)s). Remove names or add prompts."
        ),
    }
    return sentences[code]
