"""`/v1/predictions`, `/v1/models/{owner}/{name}/predictions`, the webhooks' secret and the output files."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET

from sandbox import environment
from sandbox.behaviour import DIRECTOR
from sandbox.calls import LOG, Call
from sandbox.openai import connection, faults

from . import errors, webhooks
from .catalogue import model_named
from .errors import ProblemError
from .files import content_of
from .predictions import PREDICTIONS, Prediction, seconds_in

WRONG_TOKEN = "r8_wrong"  # noqa: S105  (opens nothing)
PAGE_SIZE = 100
ELSEWHERE = "https://example.com/out.mp4"

Endpoint = Callable[..., HttpResponseBase]


def endpoint(method: str) -> Callable[[Endpoint], Endpoint]:
    """Make a view `(request, call, …)` an endpoint that may raise `ProblemError`."""

    def decorate(view: Endpoint) -> Endpoint:
        @csrf_exempt
        @wraps(view)
        def answer(request: HttpRequest, **path: Any) -> HttpResponseBase:
            with LOG.record(request.path.removeprefix("/v1/")) as call:
                try:
                    _authenticate(request)
                    if request.method != method:
                        raise ProblemError(405, "Method not allowed", f'Method "{request.method}" not allowed.')
                    response = view(request, call, **path)
                except ProblemError as error:
                    response = error.response()
                call.status = response.status_code
            return response

        return answer

    return decorate


def _authenticate(request: HttpRequest) -> None:
    if not environment.replicate_is_served():
        raise errors.real_token()
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip() or token.strip() == WRONG_TOKEN:
        raise errors.unauthenticated()


@csrf_exempt
def predictions(request: HttpRequest) -> HttpResponseBase:
    """Create a prediction by the version of a model, or list the last ones."""
    return create_by_version(request) if request.method == "POST" else listing(request)


@endpoint("POST")
def create_by_version(request: HttpRequest, call: Call) -> HttpResponseBase:
    """Create a prediction of the model that `version` names."""
    return _create(request, call, str(_body(request).get("version", "")).partition(":")[0])


@endpoint("POST")
def create(request: HttpRequest, call: Call, owner: str, name: str) -> HttpResponseBase:
    """Create a prediction of an official model."""
    return _create(request, call, f"{owner}/{name}")


def _create(request: HttpRequest, call: Call, model_name: str) -> HttpResponseBase:
    body, model = _body(request), model_named(model_name)
    given = body.get("input")
    if not isinstance(given, dict):
        raise ProblemError(422, "Input validation failed", "- input is required")
    call.endpoint, call.model, call.prompt = "predictions", model.name, str(given.get("prompt", ""))
    LOG.start(call)
    model.check(given)
    struck = faults.due(given["prompt"], "predictions")
    words = {fault.word for fault in struck}
    call.fault = " ".join(sorted(words))
    _refuse(struck)
    prediction = Prediction(
        model,
        given,
        request.build_absolute_uri("/").rstrip("/"),
        seconds=faults.delay_seconds(struck),
        cancel_after=seconds_in(request.headers.get("Cancel-After", "")),
        webhook=str(body.get("webhook") or ""),
    )
    PREDICTIONS.add(prediction)
    webhooks.send_at_the_end(prediction)
    if "drop" in words:
        return connection.dropped(request)
    return JsonResponse(prediction.as_json(), status=201)


def _refuse(struck: list[faults.Fault]) -> None:
    for fault in struck:
        if fault.word in _REFUSALS:
            raise _REFUSALS[fault.word](
                DIRECTOR.current.retry_after_seconds if fault.seconds is None else fault.seconds
            )


_REFUSALS: dict[str, Callable[[float], ProblemError]] = {
    "429": errors.throttled,
    "500": lambda wait: errors.fault(),
    "503": errors.overloaded,
    "money": lambda wait: errors.no_money(),
    "key": lambda wait: errors.unauthenticated(),
}


@endpoint("GET")
def listing(request: HttpRequest, call: Call) -> HttpResponseBase:
    """The predictions, newest first, a page at a time."""
    start = int(request.GET.get("cursor") or 0)
    found = PREDICTIONS.newest_first()
    more = request.build_absolute_uri(f"{request.path}?cursor={start + PAGE_SIZE}")
    page = [prediction.as_json() for prediction in found[start : start + PAGE_SIZE]]
    return JsonResponse({"previous": None, "next": more if len(found) > start + PAGE_SIZE else None, "results": page})


@endpoint("GET")
def detail(request: HttpRequest, call: Call, prediction_id: str) -> HttpResponseBase:
    """One prediction."""
    return JsonResponse(_found(prediction_id).as_json())


@endpoint("POST")
def cancel(request: HttpRequest, call: Call, prediction_id: str) -> HttpResponseBase:
    """End a prediction that has not ended yet."""
    prediction = _found(prediction_id)
    prediction.cancel()
    return JsonResponse(prediction.as_json())


@endpoint("GET")
def webhook_secret(request: HttpRequest, call: Call) -> HttpResponseBase:
    """What webhooks are signed with."""
    return JsonResponse({"key": webhooks.SECRET})


@require_GET
def file(request: HttpRequest, prediction_id: str, name: str) -> HttpResponseBase:
    """An output file. The real host needs no token, and deletes the file after an hour."""
    prediction = PREDICTIONS.get(prediction_id)
    if prediction is None or prediction.status != "succeeded" or "gone" in prediction.words:
        raise Http404
    if "redirect" in prediction.words:
        return HttpResponseRedirect(ELSEWHERE)
    content_type, length, pieces = content_of(prediction)
    if "halffile" in prediction.words:
        return connection.half(request, HttpResponse(b"".join(pieces), content_type=content_type))
    return StreamingHttpResponse(pieces, content_type=content_type, headers={"Content-Length": str(length)})


def _found(prediction_id: str) -> Prediction:
    prediction = PREDICTIONS.get(prediction_id)
    if prediction is None:
        raise errors.not_found()
    return prediction


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ProblemError(400, "Bad request", "JSON parse error")
    return body
