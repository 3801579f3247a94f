"""Replicate's predictions: one call starts a prediction, and later calls read its state (docs/decisions/0032).

Only connecting is retried here. `start` may cost money, so it is never repeated.
"""

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from typing import Any, TypeVar

import requests
import urllib3
from django.conf import settings

from batches.clients import http
from batches.clients.json_calls import call
from batches.clients.openai_errors import Refused, Unknown, error_of, safe_words
from batches.clients.public_http import NotPublic, PublicHttp

Result = TypeVar("Result")

#: Seconds to connect, and for the whole call.
TIMEOUT = (10.0, 60.0)
#: The same for an output file.
DOWNLOAD_TIMEOUT = (10.0, 300.0)
#: Upstream ends a prediction after this time, so that none can run up costs.
CANCEL_AFTER = "20m"
#: An input can hold an image of 256 kB, and a page of the list has a hundred predictions.
_MAX_BODY_BYTES = 64_000_000
_MOST_PAGES = 10
_ID = re.compile(r"[A-Za-z0-9]{1,100}")
_ENDED = ("succeeded", "failed", "canceled", "aborted")


@dataclass(frozen=True, slots=True)
class Prediction:
    """A prediction as it was when the call was answered. `output_url` is empty unless it has succeeded."""

    id: str
    status: str
    model: str
    input: dict[str, Any]
    created_at: datetime | None
    error: str
    output_url: str

    @property
    def has_ended(self) -> bool:
        """Return whether the prediction is over. A status that is not documented counts as running."""
        return self.status in _ENDED

    @property
    def error_code(self) -> str:
        """Return our code for a prediction that has failed. None of them is billed."""
        error = error_of(500, {}, json.dumps({"detail": self.error}).encode(), prompt=str(self.input.get("prompt", "")))
        return error.code if isinstance(error, Refused) else "upstream_error"


def start(model: str, inputs: dict[str, Any], webhook: str) -> Prediction:
    """Start a prediction. Raises an `UpstreamError`; unless it is `Busy`, `Refused` or `Broken`, one may have started.

    `webhook` is the URL to call at the end, empty for none.
    """
    body: dict[str, Any] = {"input": inputs}
    if webhook:
        body |= {"webhook": webhook, "webhook_events_filter": ["completed"]}
    path = f"models/{model}/predictions"
    headers = {"Cancel-After": CANCEL_AFTER}
    return _call("POST", path, _prediction, body=body, prompt=str(inputs.get("prompt", "")), headers=headers)


def look(prediction_id: str) -> Prediction:
    """Return the prediction as it is now. Raises an `UpstreamError`."""
    return _call("GET", f"predictions/{prediction_id}", _prediction)


def cancel(prediction_id: str) -> Prediction:
    """End the prediction, unless it has ended. Raises an `UpstreamError`."""
    return _call("POST", f"predictions/{prediction_id}/cancel", _prediction)


def newest(since: datetime) -> Iterator[Prediction]:
    """Yield our key's predictions since then, newest first. Raises an `UpstreamError`."""
    path = "predictions"
    for _ in range(_MOST_PAGES):
        predictions, query = _call("GET", path, _page)
        for prediction in predictions:
            if prediction.created_at and prediction.created_at < since:
                return
            yield prediction
        if not query:
            return
        # Only the query is used: our key must not be sent to an address in a response.
        path = f"predictions?{query}"


def find(model: str, inputs: dict[str, Any], since: datetime) -> Iterator[Prediction]:
    """Yield our key's predictions of that model and input since then, newest first. Raises an `UpstreamError`."""
    photos = {key: value for key, value in inputs.items() if str(value).startswith("data:")}
    others = {key: value for key, value in inputs.items() if key not in photos}
    for prediction in newest(since):
        shown = prediction.input
        if prediction.model != model or not others.items() <= shown.items():
            continue
        # Compared last, because they may have to be downloaded.
        if all(_is_sent(photo, shown.get(key)) for key, photo in photos.items()):
            yield prediction


def _is_sent(sent: str, shown: Any) -> bool:
    """Return whether a photo is the one that was sent as a data URL. It may come back as the address of a file."""
    if not str(shown).startswith("http"):
        return bool(sent == shown)
    file = BytesIO()
    try:
        download(shown, len(sent), file.write)
    except Refused:
        return False
    return sent.endswith("," + base64.b64encode(file.getvalue()).decode())


def download(url: str, limit_bytes: int, write: Callable[[bytes], object]) -> None:
    """Pass an output file to `write` in pieces: from public addresses only, without our token, without redirects.

    Raises an `UpstreamError`: `Refused` if trying again can't help.
    """
    try:
        for piece in _files(settings.REPLICATE_BASE_URL).pieces(url, limit_bytes, http.Deadline(*DOWNLOAD_TIMEOUT)):
            write(piece)
    except http.TooLarge as error:
        raise Refused("too_large", "the output is too large") from error
    except NotPublic as error:
        raise Refused("upstream_error", f"the output's address is {error}") from error
    except requests.HTTPError as error:
        kind = Unknown if error.response is not None and error.response.status_code >= 500 else Refused
        raise kind("upstream_error", f"no output there ({error})") from error
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        # Their messages quote the URL, which may be signed.
        raise Unknown("no_answer", f"no output there ({type(error).__name__})") from error


def webhook_secret() -> str:
    """Return what webhooks are signed with. Raises an `UpstreamError`."""
    return _call("GET", "webhooks/default/secret", lambda document: str(document["key"]))


def _call(method: str, path: str, read: Callable[[dict[str, Any]], Result], **request: Any) -> Result:
    url, token = settings.REPLICATE_BASE_URL, settings.REPLICATE_API_TOKEN
    return call(url, path, token, TIMEOUT, read, method=method, max_bytes=_MAX_BODY_BYTES, **request)


def _page(document: dict[str, Any]) -> tuple[list[Prediction], str]:
    """Return the predictions of a page, and the query of the next one."""
    return [_prediction(each) for each in document["results"]], str(document.get("next") or "").partition("?")[2]


def _prediction(document: dict[str, Any]) -> Prediction:
    prediction_id = document.get("id")
    if not isinstance(prediction_id, str) or not _ID.fullmatch(prediction_id):
        raise Unknown("unreadable_answer", "no id")
    inputs = document.get("input")
    return Prediction(
        id=prediction_id,
        status=str(document.get("status")),
        model=str(document.get("model")),
        input=inputs if isinstance(inputs, dict) else {},
        created_at=_time(document.get("created_at")),
        error=safe_words(str(document.get("error") or "")),
        output_url=_first_url(document.get("output")),
    )


def _time(text: Any) -> datetime | None:
    try:
        time = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return time if time.tzinfo else None


def _first_url(output: Any) -> str:
    """Return the first address of an output: text, a list, or an object whose values are addresses."""
    if isinstance(output, str):
        return output
    if isinstance(output, dict):
        output = list(output.values())
    if not isinstance(output, list):
        return ""
    return next((url for url in map(_first_url, output) if url), "")


@lru_cache(maxsize=4)
def _files(base_url: str) -> PublicHttp:
    return PublicHttp(base_url)
