import json
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from batches.clients.openai_errors import Broken, Busy, Faulty, Refused, Unknown, delay_seconds, error_of, safe_words


def answered(
    status: int,
    code: str | None = None,
    kind: str | None = None,
    message: str = "no",
    param: str | None = None,
    **headers: Any,
) -> Any:
    body = json.dumps({"error": {"code": code, "type": kind, "param": param, "message": message}})
    return error_of(status, headers, body.encode())


@pytest.mark.parametrize("code", ["moderation_blocked", "content_policy_violation"])
def test_a_refusal_by_moderation_concerns_this_prompt_only(code: str) -> None:
    error = answered(400, code, "image_generation_user_error")
    assert (type(error), error.code) == (Refused, "refused")


def test_a_refusal_is_known_by_its_words_where_a_server_gives_no_code() -> None:
    error = answered(400, None, "invalid_request_error", "Your request was rejected by the safety system.")
    assert (type(error), error.code) == (Refused, "refused")


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_parameter_that_upstream_cannot_use_is_bad_input(status: int) -> None:
    error = answered(status, "invalid_value", "invalid_request_error")
    assert (type(error), error.code) == (Refused, "bad_input")


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (429, "insufficient_quota", "insufficient_quota"),
        (429, "credit_balance_exhausted", "insufficient_quota"),
        (429, "project_spend_limit_exceeded", "insufficient_quota"),
        (429, None, "insufficient_quota"),
        (400, "billing_hard_limit_reached", "image_generation_user_error"),
        (402, None, None),
    ],
)
def test_an_exhausted_quota_needs_an_operator_whatever_the_status(
    status: int, code: str | None, kind: str | None
) -> None:
    error = answered(status, code, kind)
    assert (type(error), error.code) == (Broken, "upstream_money")


def test_an_exhausted_quota_is_recognised_by_its_message_if_there_is_no_code() -> None:
    error = answered(429, None, None, "You exceeded your current quota, please check your plan and billing details.")
    assert (type(error), error.code) == (Broken, "upstream_money")


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (400, None, "Billing hard limit has been reached"),
        (403, "insufficient_user_quota", "no"),
        (403, None, "user quota is not enough: insufficient balance"),
        (500, None, "You are out of credits"),
        (429, "1113", "Insufficient balance or no resource package."),
        (200, None, "payment required"),
    ],
)
def test_other_servers_have_other_words_about_money(status: int, code: Any, message: str) -> None:
    error = answered(status, code, message=message)
    assert (type(error), error.code) == (Broken, "upstream_money")


def test_a_customers_words_about_money_alarm_nobody() -> None:
    prompt = "a poster that says: out of credits"
    body = json.dumps({"error": {"message": f"Invalid prompt: {prompt}"}}).encode()
    assert error_of(400, {}, body, prompt=prompt).code == "bad_input"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"error": {"code": "400", "message": "litellm.ContentPolicyViolationError: no"}}),
        (400, {"error": {"code": "400", "message": "This prompt may violate our policies."}}),
        (422, {"error": {"code": "content_policy_violation"}}),
        (403, {"error": {"message": "Rejected by the content filter"}}),
        (500, {"error": {"message": "reason: PUBLIC_ERROR_UNSAFE_GENERATION"}}),
        (400, {"code": "DataInspectionFailed", "message": "Input data may contain inappropriate content."}),
        (400, {"error": {"code": "InputTextSensitiveContentDetected"}}),
        (200, {"data": [], "output_text": "I’m sorry, but I can’t help with that."}),
        (200, {"data": None, "output_text": "I cannot create this image."}),
        (200, {"data": [{"revised_prompt": "This request violates the content policy."}]}),
    ],
)
def test_other_servers_have_other_words_for_a_refusal(status: int, body: dict[str, Any]) -> None:
    error = error_of(status, {}, json.dumps(body).encode())
    assert (type(error), error.code) == (Refused, "refused")


def test_a_code_counts_more_than_words_about_money() -> None:
    assert type(answered(429, "rate_limit_exceeded", None, "You exceeded your current quota of images.")) is Busy


@pytest.mark.parametrize(
    ("status", "code"), [(401, "invalid_api_key"), (401, None), (403, None), (400, "invalid_api_key")]
)
def test_a_refused_key_needs_an_operator(status: int, code: str | None) -> None:
    error = answered(status, code, "invalid_request_error")
    assert (type(error), error.code) == (Broken, "upstream_key")


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (404, "model_not_found", "no"),
        (403, "model_not_available", "no"),
        (404, None, "The model `x` does not exist."),
        (404, 404, "Model x not found"),
    ],
)
def test_a_model_that_is_not_offered_is_the_operators(status: int, code: Any, message: str) -> None:
    error = answered(status, code, message=message)
    assert (type(error), error.code) == (Broken, "upstream_model")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (301, b""),
        (307, b"<html>Moved</html>"),
        (404, b"<html><h1>404 Not Found</h1>Our models of cars</html>"),
        (404, b'{"detail": "Not Found"}'),
        (404, b'{"error": {"code": "unknown_url", "message": "Unknown request URL: POST /images/generations."}}'),
        (405, b'{"detail": "Method Not Allowed"}'),
        (410, b""),
    ],
)
def test_a_wrong_address_is_not_called_a_missing_model(status: int, body: bytes) -> None:
    error = error_of(status, {}, body)
    assert (type(error), error.code) == (Broken, "upstream_address")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (403, b'{"error": {"code": "unsupported_country_region_territory", "type": "request_forbidden"}}'),
        (403, b'{"error": {"message": "Country, region, or territory not supported"}}'),
        (403, b'{"error": {"message": "Your account has been temporarily blocked for violating our usage policies."}}'),
        (401, b'{"error": {"code": "account_deactivated"}}'),
        (403, b"<html><title>Attention Required! | Cloudflare</title>Sorry, you have been blocked</html>"),
        (451, b'{"message": "not available in your region"}'),
    ],
)
def test_a_blocked_region_or_account_is_not_called_a_wrong_key(status: int, body: bytes) -> None:
    error = error_of(status, {}, body)
    assert (type(error), error.code) == (Broken, "upstream_blocked")


@pytest.mark.parametrize("status", [400, 422])
def test_a_model_that_is_called_an_invalid_value_is_no_fault_of_the_prompt(status: int) -> None:
    error = answered(status, "invalid_value", "invalid_request_error", param="model")
    assert (type(error), error.code) == (Broken, "upstream_model")


def test_an_unverified_organisation_counts_as_an_unavailable_model() -> None:
    error = answered(403, None, None, "Your organization must be verified to use the model gpt-image-2.")
    assert error.code == "upstream_model"


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (429, "rate_limit_exceeded", "requests"),
        (429, "slow_down", "rate_limit_error"),
        (429, None, None),
        (503, "server_is_overloaded", "service_unavailable_error"),
        (503, None, None),
        (521, None, None),
        (523, None, None),
        (409, None, None),
        (500, "slow_down", None),
    ],
)
def test_a_busy_upstream_is_waited_for(status: int, code: str | None, kind: str | None) -> None:
    assert type(answered(status, code, kind)) is Busy


@pytest.mark.parametrize("status", [408, 502, 504, 520, 522, 524])
def test_a_gateway_that_gave_up_leaves_the_outcome_unknown(status: int) -> None:
    error = answered(status, None, None, **{"retry-after": "30"})
    assert (type(error), error.code, error.delay_seconds) == (Unknown, "no_answer", 30)


@pytest.mark.parametrize("status", [500, 501, 507, 525])
def test_a_fault_of_the_server_may_be_tried_again(status: int) -> None:
    error = answered(status, None, "server_error")
    assert (type(error), error.code) == (Faulty, "upstream_error")


@pytest.mark.parametrize("status", [500, 507])
def test_the_wait_after_a_fault_is_upstreams_too(status: int) -> None:
    assert answered(status, None, "server_error", **{"retry-after": "30"}).delay_seconds == 30


@pytest.mark.parametrize("status", [500, 503, 504])
def test_a_fault_that_upstream_calls_final_is_not_tried_again(status: int) -> None:
    error = answered(status, None, "server_error", **{"x-should-retry": "false"})
    assert (type(error), error.code) == (Refused, "upstream_error")


def test_a_limit_is_waited_for_whatever_upstream_advises() -> None:
    assert type(answered(429, "rate_limit_exceeded", **{"x-should-retry": "false"})) is Busy


@pytest.mark.parametrize("code", [429, 500, None, ["x"], {"a": 1}])
def test_codes_that_are_no_words_are_ignored(code: Any) -> None:
    assert type(answered(400, code)) is Refused


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"detail": "Model is loading"}', "Model is loading"),
        (b'{"detail": [{"loc": ["body", "size"], "msg": "bad"}]}', '[{"loc": ["body", "size"], "msg": "bad"}]'),
        (b'{"error": "out of memory"}', "out of memory"),
        (b'{"error": {"message": "m", "code": 500}}', "m"),
        (b"<html><head><style>p{}</style></head><h1>502 Bad Gateway</h1>\n<hr>nginx</html>", "502 Bad Gateway nginx"),
        (b"upstream connect error", "upstream connect error"),
        (b"", "status 500"),
        (b"\xff\xfe\x00", "\ufffd\ufffd"),
        (b"[" * 100_000, "[" * 500),
        (b"null", "null"),
    ],
)
def test_every_shape_of_error_is_read(body: bytes, message: str) -> None:
    error = error_of(500, {}, body)
    assert (type(error), error.message) == (Faulty, message)


def test_a_page_of_nothing_but_brackets_costs_little_cpu() -> None:
    began_at = time.thread_time()
    error_of(502, {}, b"<" * 64 * 1024)
    assert time.thread_time() - began_at < 0.5


def test_a_good_status_with_a_known_error_inside_is_that_error() -> None:
    assert type(answered(200, "moderation_blocked")) is Refused


def test_a_good_status_with_anything_else_inside_is_an_unknown_outcome() -> None:
    assert type(answered(200, "whatever")) is Unknown


def test_an_error_has_the_request_id() -> None:
    assert error_of(500, {"x-request-id": "req_7"}, b"").request_id == "req_7"


@pytest.mark.parametrize(
    ("headers", "message", "seconds"),
    [
        ({"retry-after": "12"}, "", 12),
        ({"retry-after": "0.5"}, "", 0.5),
        ({"retry-after-ms": "250", "retry-after": "12"}, "", 0.25),
        ({}, "Limit: 5/min. Please try again in 12s.", 12),
        ({}, "Please try again in 1m30s.", 90),
        ({}, "Please try again in 350ms.", 0.35),
        ({}, "Please retry after 500 milliseconds.", 0.5),
        ({}, "Please retry after 2 minutes 500 Milliseconds.", 120.5),
        ({}, "Request was throttled. Your rate limit resets in ~30s.", 30),
        ({"retry-after": "3"}, "Please try again in 12s.", 3),
        ({}, "Too many requests", None),
        ({"retry-after": "soon"}, "", None),
        ({"retry-after": "nan"}, "", None),
        ({"retry-after": "-5"}, "", 0),
        ({"retry-after": "1e12"}, "", 3600),
    ],
)
def test_the_wait_is_as_long_as_upstream_says(headers: Any, message: str, seconds: float | int | None) -> None:
    assert delay_seconds(headers, message) == (seconds if seconds is None else pytest.approx(seconds))


def test_the_wait_may_be_given_as_a_date() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=2_000), usegmt=True)
    assert delay_seconds({"retry-after": date}, "") == pytest.approx(2_000, abs=60)


def test_a_date_gone_by_means_no_wait() -> None:
    assert delay_seconds({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, "") == 0


@pytest.mark.parametrize("secret", ["sk-proj-abc123DEF", "r8_abcdef12", "Bearer abcdef"])
def test_keys_are_cut_out_of_messages(secret: str) -> None:
    words = safe_words(f"Incorrect API key provided: {secret}.")
    assert secret.removeprefix("Bearer ") not in words
    assert "Incorrect API key provided" in words


def test_messages_are_one_short_line_without_control_characters() -> None:
    words = safe_words("a\x00b\r\nc\u202e" + "x" * 9999)
    assert words.startswith("a b c x")
    assert len(words) == 500
