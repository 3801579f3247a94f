"""Why a prompt waits after a call without an image, and when it is tried again."""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.humanize.templatetags.humanize import ordinal
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

#: The columns that `retry_of` needs.
COLUMNS = ("error_code", "retry_at", "busy_count", "fault_count", "unknown_count")
_REASONS = {
    "upstream_busy": _("The AI service is busy."),
    "upstream_error": _("The AI service has a problem."),
    "unknown_outcome": _("The AI service did not respond."),
}


def retry_of(prompt: Mapping[str, Any], now: datetime, *, is_last: bool = False) -> dict[str, Any] | None:
    """Return the seconds until a waiting prompt is tried again, and a text with `{seconds}` in their place.

    None if the prompt only waits for its turn. Without `is_last`, a prompt that may be paid for waits for the others.
    """
    if prompt["retry_at"] is None or prompt["error_code"] not in _REASONS:
        return None
    count = prompt["busy_count"] + prompt["fault_count"] + prompt["unknown_count"]
    values = {"seconds": "{seconds}", "ordinal": ordinal(count)}
    if prompt["unknown_count"] and not is_last:
        when = gettext("We’ll try once more after the others.")
    elif count > 1:
        when = gettext("Trying again in %(seconds)s s (%(ordinal)s time).") % values
    else:
        when = gettext("Trying again in %(seconds)s s.") % values
    seconds = max(0, math.ceil((prompt["retry_at"] - now).total_seconds()))
    return {"seconds": seconds, "text": f"{_REASONS[prompt['error_code']]} {when}"}


def sentence(retry: Mapping[str, Any]) -> str:
    return str(retry["text"]).replace("{seconds}", str(retry["seconds"]))
