"""Upstream's errors, sorted by what helps: waiting, retrying, another prompt, or an operator.

Source of the codes: OpenAI's OpenAPI document and help centre (article 5955604 for 429), and responses of compatible
servers. Codes take precedence over types, and types over the status.
"""

import json
import math
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

MAX_MESSAGE_CHARACTERS = 500
_MAX_PAGE_BYTES = 8 * 1024
#: Longer delays are cut: a wrong clock upstream must not delay a batch for a year.
MAX_DELAY_SECONDS = 3600.0

_REFUSALS = {"moderation_blocked", "content_policy_violation", "content_filter", "safety_violation"}
#: Other servers forward refusals under codes of their own, or with only a message.
_REFUSAL_WORDS = re.compile(
    r"safety.system|content.?polic|violat\w+ .{0,40}polic|unsafe.?(?:generation|content)|data.?inspection.?failed"
    r"|(?:blocked|flagged|rejected) by .{0,20}(?:moderation|safety|filter)"
    r"|sensitive.{0,20}(?:content|words?|detected)|flagged as (?:sensitive|unsafe)|nsfw",
    re.I,
)
#: The text of a model that sent no image.
_DECLINING_WORDS = re.compile(
    r"sorry|(?:can(?:no|['’])t|unable to|won['’]t|not able to) .{0,40}"
    r"(?:assist|comply|create|fulfil|generate|help|make)",
    re.I,
)
_MONEY = {
    "insufficient_quota",
    "credit_balance_exhausted",
    "organization_spend_limit_exceeded",
    "project_spend_limit_exceeded",
    "organization_usage_limit_exceeded",
    "billing_hard_limit_reached",
    "billing_not_active",
}
#: Relays forward OpenAI's messages, but not always the codes, and have words of their own for our account with them.
_MONEY_WORDS = re.compile(
    r"exceeded your current quota|billing.hard.limit|insufficient.{0,6}(?:quota|balance|credit|fund)"
    r"|(?:out of|not enough|no remaining|no more) (?:credit|balance|fund|quota)"
    r"|balance.{0,12}(?:too low|exhausted|insufficient|not enough)|payment.required|余额不足|额度不足",
    re.I,
)
_KEY = {"invalid_api_key", "incorrect_api_key", "authentication_error", "permission_error"}
_BLOCKED = {"unsupported_country_region_territory", "account_deactivated", "account_suspended"}
_BLOCKED_WORDS = re.compile(
    r"country|region|territory|(?:you|account|organi[sz]ation|access|user|address|project)\b.{0,40}"
    r"\b(?:blocked|suspended|banned|deactivated|disabled|terminated)",
    re.I,
)
_MODEL = {"model_not_found", "model_not_available", "model_deprecated"}
_ADDRESS = {"unknown_url", "method_not_supported"}
_ADDRESS_STATUSES = {*range(300, 400), 404, 405, 407, 410, 421, 426}
_BUSY = {
    "rate_limit_exceeded",
    "rate_limit_error",
    "slow_down",
    "server_is_overloaded",
    "service_unavailable_error",
    "overloaded_error",
}
_BUSY_STATUSES = {409, 425, 429, 503, 521, 523}
#: A gateway gave up, but the server behind it may have made the image, and billed it.
_UNKNOWN_STATUSES = {408, 502, 504, 520, 522, 524}
_SECRETS = re.compile(r"\b(?:sk|r8|hf)[-_][\w*-]{4,}|(?<=Bearer )\S+")
_WAIT_MESSAGE = re.compile(
    r"(?:again|retry|resets?) (?:in|after) ~?((?:\d+(?:\.\d+)?\s?(?:ms|milli|h|m|s)[a-z]*\s?)+)", re.I
)
_LENGTH_OF_TIME = re.compile(r"(\d+(?:\.\d+)?)\s?(ms|milli|h|m|s)", re.I)
_UNIT_SECONDS = {"ms": 0.001, "milli": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


class UpstreamError(Exception):
    """A call without an image: our code, upstream's message without secrets, and its request id."""

    #: The delay that upstream has sent, if any.
    delay_seconds: float | None = None

    def __init__(self, code: str, message: str = "", request_id: str = "") -> None:
        self.code = code
        self.message = safe_words(message)
        self.request_id = request_id
        super().__init__(f"{code}: {self.message}")


class Temporary(UpstreamError):
    """A temporary error. Retry, after `delay_seconds` if upstream has sent a delay."""


class Busy(Temporary):
    """Nothing was made or billed: upstream is overloaded or limits our rate."""


class Faulty(Temporary):
    """A fault of the server, which may last a few minutes."""


class Refused(UpstreamError):
    """The prompt cannot succeed: `refused` by moderation, `bad_input`, or a response that is `too_large`.

    Also an `upstream_error` that upstream says not to retry.
    """


class Broken(UpstreamError):
    """Every prompt fails until an operator acts. The codes are those of `WaitReason` that begin with `upstream_`."""


class Unknown(UpstreamError):
    """The outcome is unknown: the image may be billed."""


def safe_words(text: str, secret: str = "") -> str:
    """Return the message on one line of at most 500 characters, without keys, `secret` and control characters."""
    if secret:
        text = text.replace(secret, "***")
    printable = "".join(
        character if character.isprintable() else " " for character in text[: 4 * MAX_MESSAGE_CHARACTERS]
    )
    return _SECRETS.sub("***", " ".join(printable.split()))[:MAX_MESSAGE_CHARACTERS]


def error_of(
    status: int, headers: Mapping[str, str], body: bytes, *, secret: str = "", prompt: str = ""
) -> UpstreamError:
    """Return the error for a response without an image. `secret` is removed from its message."""
    fields = _fields(body)
    words = {word for word in (fields.get("code"), fields.get("type")) if isinstance(word, str)}
    message = str(fields.get("message") or _plain_text(body) or f"status {status}")
    error_class, code = _kind(status, fields, words, message, prompt)
    may_retry = issubclass(error_class, Temporary | Unknown)
    if status >= 500 and may_retry and headers.get("x-should-retry", "").lower() == "false":
        error_class, code = Refused, "upstream_error"
    error = error_class(code, safe_words(message, secret), headers.get("x-request-id", "")[:200])
    if may_retry:
        error.delay_seconds = delay_seconds(headers, message)
    return error


def _kind(
    status: int, fields: dict[str, Any], words: set[str], message: str, prompt: str
) -> tuple[type[UpstreamError], str]:
    """Return the first that applies: codes come before messages, and messages before the status."""
    said = " ".join([*words, message])
    is_busy = bool(words & _BUSY) or status in _BUSY_STATUSES
    # A message may quote the prompt, and a customer's words must not alarm the operators.
    is_about_money = not words & _BUSY and _MONEY_WORDS.search(said) and not _MONEY_WORDS.search(prompt)
    is_about_model = "model" in message.lower() if fields else False
    kinds: tuple[tuple[object, type[UpstreamError], str], ...] = (
        (words & _REFUSALS, Refused, "refused"),
        (words & _MONEY or status == 402 or is_about_money, Broken, "upstream_money"),
        (words & _BLOCKED or (status in (401, 403, 451) and _BLOCKED_WORDS.search(said)), Broken, "upstream_blocked"),
        (words & _KEY or status == 401, Broken, "upstream_key"),
        (words & _MODEL or (status in (400, 422) and fields.get("param") == "model"), Broken, "upstream_model"),
        (words & _ADDRESS, Broken, "upstream_address"),
        (not is_busy and _REFUSAL_WORDS.search(said), Refused, "refused"),
        (status in (403, 404) and is_about_model, Broken, "upstream_model"),
        # An HTML page is from a gateway or firewall, so it isn't about our key.
        (status == 403, Broken, "upstream_key" if fields else "upstream_blocked"),
        (status in _ADDRESS_STATUSES, Broken, "upstream_address"),
        (is_busy, Busy, "upstream_busy"),
        (status in _UNKNOWN_STATUSES, Unknown, "no_answer"),
        (400 <= status < 500, Refused, "bad_input"),
        (status >= 500, Faulty, "upstream_error"),
        (_DECLINING_WORDS.search(message), Refused, "refused"),
    )
    return next(((kind, code) for applies, kind, code in kinds if applies), (Unknown, "unreadable_answer"))


def _fields(body: bytes) -> dict[str, Any]:
    """Return the error object from any of `{"error": {…}}`, `{"error": "…"}` and `{"detail": …}`.

    Also the text of a model that sent no image.
    """
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(content, dict):
        return {}
    error = content.get("error") or content
    if isinstance(error, str):
        return {"message": error}
    if not isinstance(error, dict):
        return {}
    detail = error.get("detail")
    if detail is not None:
        return {"message": detail if isinstance(detail, str) else json.dumps(detail), **error}
    images = content.get("data")
    image = images[0] if isinstance(images, list) and images and isinstance(images[0], dict) else {}
    return {"message": content.get("output_text") or image.get("revised_prompt"), **error}


def _plain_text(body: bytes) -> str:
    """Return the text of an HTML page or plain text. Only its start: 64 kB of `<` would take seconds."""
    start = body[:_MAX_PAGE_BYTES].decode(errors="replace")
    return re.sub(r"<(?:style|script)\b.*?</(?:style|script)>|<[^>]*>", " ", start, flags=re.S | re.I)


def delay_seconds(headers: Mapping[str, str], message: str) -> float | None:
    """Return the delay that upstream requests in its headers or message; None if there is none."""
    found = (
        _scaled(headers.get("retry-after-ms", ""), 0.001),
        _scaled(headers.get("retry-after", ""), 1.0),
        _until(headers.get("retry-after", "")),
        _delay_in(message),
    )
    delay = next((seconds for seconds in found if seconds is not None), None)
    return None if delay is None else min(max(delay, 0.0), MAX_DELAY_SECONDS)


def _scaled(text: str, unit_seconds: float) -> float | None:
    try:
        seconds = float(text) * unit_seconds
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) else None


def _until(http_date: str) -> float | None:
    try:
        return parsedate_to_datetime(http_date).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError):
        return None


def _delay_in(message: str) -> float | None:
    wait = _WAIT_MESSAGE.search(message)
    if wait is None:
        return None
    return sum(float(number) * _UNIT_SECONDS[unit.lower()] for number, unit in _LENGTH_OF_TIME.findall(wait[1]))
