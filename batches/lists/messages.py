from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from batches.lists.parsing import RowError

#: By code.
_SENTENCES = {
    "empty_list": _("Enter at least one prompt. Write one prompt per line."),
    "too_many_prompts": _(
        "A batch can have up to %(limit)s prompts. You have %(count)s. Split the list into smaller batches."
    ),
    "too_many_lines": _(
        "A batch can have up to %(limit)s prompts, one per line. "
        "This list has %(count)s lines. Split the list into smaller batches."
    ),
    "empty_prompt": _("the prompt is empty."),
    "prompt_too_long": _("the prompt has %(characters)s characters. The limit is %(limit)s."),
    "styled_prompt_too_long": _("the prompt and its style have %(characters)s characters. The limit is %(limit)s."),
    "more_names_than_prompts": _(
        "You have more file names (%(names)s) than prompts (%(prompts)s). Remove file names or add prompts."
    ),
    "unknown_model": _("this model is not available."),
    "unknown_quality": _("this quality is not available for this model."),
    "unknown_format": _("this file format is not available for this model."),
    "unknown_ratio": _("this aspect ratio is not available for this model."),
    "unknown_seconds": _("this length is not available for this model."),
    "unknown_reference": _("a reference photo is not on our server."),
    "too_many_references": _("a prompt can have up to %(limit)s reference photos."),
    "references_not_taken": _("this model doesn’t take reference photos."),
    "one_reference_taken": _("this model takes one photo, as the first frame of the video."),
    "style_too_long": _("the style has %(characters)s characters. The limit is %(limit)s."),
}


def row_sentence(error: RowError) -> str:
    """Return the error's sentence with the number of its prompt, not of its line: blank lines are not counted."""
    text = sentence(error)
    return gettext("Prompt %(row)s: %(text)s") % {"row": error.row, "text": text} if error.row else text


def sentence(error: RowError) -> str:
    return str(_SENTENCES[error.code]) % {name: intcomma(number) for name, number in error.params.items()}
