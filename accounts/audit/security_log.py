"""The `security` log: one JSON object per line, for log collectors and fail2ban."""

import json
import logging

logger = logging.getLogger("security")


def write(fields: dict[str, object], *, is_refusal: bool) -> None:
    """Write the fields that are not empty. JSON escapes line breaks, so lines can't be forged."""
    fields = {name: value for name, value in fields.items() if value}
    level = logging.WARNING if is_refusal else logging.INFO
    logger.log(level, "%s", json.dumps(fields), extra={"audit": fields})
