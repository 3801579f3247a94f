from datetime import UTC, datetime, timedelta

import pytest

from lib.standard_webhooks import is_genuine, new_secret, signed_headers

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
SECRET = new_secret()


def headers(**changes: str) -> dict[str, str]:
    signed = signed_headers("msg_1", "{}", [SECRET], NOW)
    return {**signed, **{name.replace("_", "-"): value for name, value in changes.items()}}


def test_a_signed_message_is_genuine() -> None:
    assert is_genuine(headers(), b"{}", SECRET, NOW + timedelta(minutes=4))


def test_one_right_signature_among_several_is_enough() -> None:
    given = "v1,bm8= " + headers()["webhook-signature"]
    assert is_genuine(headers(webhook_signature=given), b"{}", SECRET, NOW)


@pytest.mark.parametrize("passed", [timedelta(minutes=6), timedelta(minutes=-6)])
def test_an_old_message_or_one_of_the_future_is_not(passed: timedelta) -> None:
    assert not is_genuine(headers(), b"{}", SECRET, NOW + passed)


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook_id": "msg_2"},
        {"webhook_signature": ""},
        {"webhook_signature": "v1,ÿ"},
        {"webhook_timestamp": ""},
        {"webhook_timestamp": "٣"},
        {"webhook_timestamp": "9" * 400},
    ],
)
def test_a_changed_message_is_not(changes: dict[str, str]) -> None:
    assert not is_genuine(headers(**changes), b"{}", SECRET, NOW)


def test_another_body_or_secret_is_not() -> None:
    assert not is_genuine(headers(), b"{ }", SECRET, NOW)
    assert not is_genuine(headers(), b"{}", new_secret(), NOW)
