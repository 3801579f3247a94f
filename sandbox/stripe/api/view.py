"""The view behind all paths of the API: it checks key, parameters and idempotency, and answers."""

import secrets
import time
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from sandbox import environment
from sandbox.stripe.errors import (
    StripeError,
    invalid,
    live_key,
    no_key,
    ordered_fault,
    real_key,
    unknown_url,
    wrong_key,
)
from sandbox.stripe.events.events import API_VERSION
from sandbox.stripe.persistence import start_saving
from sandbox.stripe.stand_in import STRIPE
from sandbox.stripe.store import Obj

from .contract import Check, params_type
from .expansion import expanded
from .form_body import decoded
from .idempotency import Answer, fingerprint
from .request_log import Request
from .routes import Route, routed

TEST_KEYS = ("sk_test_", "rk_test_")
WRONG_KEY = "sk_test_wrong"


@csrf_exempt
def answer(request: HttpRequest) -> HttpResponse:
    """Answer one request as Stripe does."""
    start_saving()
    request_id = f"req_{secrets.token_hex(7)}"
    replayed = False
    try:
        if not environment.stripe_is_served():
            raise real_key()
        _authenticate(request)
        _play_fault(request)
        found = routed(str(request.method), request.path)
        if found is None:
            raise unknown_url(str(request.method), request.path)
        status, body, replayed = _answered(request, request_id, *found)
    except StripeError as error:
        status, body = error.status, error.body(request_id)
    response = _response(request, request_id, status, body, replayed=replayed)
    version, key = response["Stripe-Version"], request.headers.get("Idempotency-Key", "")
    STRIPE.requests.note(Request(request_id, str(request.method), request.path, status, version, key, replayed))
    return response


def _answered(request: HttpRequest, request_id: str, route: Route, ids: tuple[str, ...]) -> tuple[int, Obj, bool]:
    """Status, body, and whether this is the answer to an earlier request with the same key."""
    key = request.headers.get("Idempotency-Key", "") if request.method == "POST" else ""
    print_of_request = fingerprint(str(request.method), request.get_full_path(), request.body)
    with STRIPE.store.lock:
        if key and (first := STRIPE.answers.given(key, print_of_request)):
            return first.status, first.body, True
        params = _parameters(request, route)
        STRIPE.base_url = request.build_absolute_uri("/").rstrip("/")
        STRIPE.request_id, STRIPE.idempotency_key = request_id, key or None
        try:
            status, body = 200, _act(route, ids, params)
        except StripeError as error:
            status, body = error.status, error.body(request_id)
        finally:
            STRIPE.request_id = STRIPE.idempotency_key = None
        if key:
            STRIPE.answers.keep(key, Answer(status, body, print_of_request))
    return status, body, False


def _act(route: Route, ids: tuple[str, ...], params: Obj) -> Obj:
    STRIPE.catch_up()
    paths = params.pop("expand", [])
    verb = getattr(getattr(STRIPE, route.family), route.verb)
    try:
        return expanded(STRIPE, verb(params, *ids), paths)
    finally:
        if route.is_write:
            STRIPE.touch()


def _parameters(request: HttpRequest, route: Route) -> dict[str, Any]:
    """The parameters in their types. All problems are recorded as violations, the first one is the error."""
    raw = decoded(_encoded(request))
    if not route.params:
        return raw
    check = Check()
    params = check.fields(params_type(route.params), raw)
    if check.problems:
        STRIPE.violations.note(str(request.method), request.path, check.problems)
        first = check.problems[0]
        raise invalid(first.message, first.param, first.code)
    return params


def _encoded(request: HttpRequest) -> str:
    query = request.META.get("QUERY_STRING", "")
    if request.method == "GET":
        return str(query)
    try:
        return "&".join(filter(None, (query, request.body.decode())))
    except UnicodeDecodeError:
        raise invalid("Invalid request: the body is not UTF-8.") from None


def _authenticate(request: HttpRequest) -> None:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise no_key()
    if "_live_" in key:
        raise live_key()
    if not key.startswith(TEST_KEYS) or key.startswith(WRONG_KEY):
        raise wrong_key(key)


def _play_fault(request: HttpRequest) -> None:
    time.sleep(STRIPE.behaviour.delay_seconds)
    with STRIPE.store.lock:
        status = STRIPE.take_failure(request.path)
    if status:
        raise ordered_fault(status)


def _response(request: HttpRequest, request_id: str, status: int, body: Obj, *, replayed: bool) -> HttpResponse:
    response = JsonResponse(body, status=status)
    response["Request-Id"] = request_id
    response["Stripe-Version"] = request.headers.get("Stripe-Version", API_VERSION)
    if key := request.headers.get("Idempotency-Key"):
        response["Idempotency-Key"] = key
    if replayed:
        response["Idempotent-Replayed"] = "true"
        response["Original-Request"] = request_id
    if status in (409, 429):
        response["Stripe-Should-Retry"] = "true"
    return response
