"""What can be tried again is; what arrives is what was made."""

import socket
import ssl
import threading
from contextlib import suppress
from typing import Any

import pytest
import requests
import urllib3
from fake_site import KEY, FakeSite, Fault, picture

from conftest import Command
from iib import pace, patience
from iib.failures import ExitCode, ServerFailure, UsageFailure
from iib.patience import Patience, Retryable, backoff_seconds
from iib.site_client import Site, checked_url, retry_after_seconds


@pytest.mark.parametrize(
    "fault",
    [
        Fault("batches/b1", 500),
        Fault("batches/b1", 503, headers={"Retry-After": "0"}),
        Fault("batches/b1", 429, headers={"Retry-After": "0"}),
        Fault("batches/b1", is_drop=True),
        Fault("batches/b1/images/1", 502),
        Fault("batches/b1/images/1", 200, headers={"Content-Length": "90000", "Connection": "close"}),
        Fault("batches", 409, headers={"Retry-After": "0"}),
    ],
)
def test_temporary_errors_are_retried_silently(iib: Command, site: FakeSite, fault: Any) -> None:
    site.faults.append(fault)
    assert iib.run() == 0
    assert not site.faults
    assert (iib.folder / "01.png").read_bytes() == picture(1)


def test_a_server_that_hangs_up_before_it_has_shown_its_certificate_is_retried() -> None:
    hung_up = []

    def hang_up() -> None:
        # The socket is closed at the end of the test.
        with suppress(OSError):
            while True:
                connection, _address = server.accept()
                hung_up.append(True)
                connection.recv(65_536)
                connection.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=hang_up, daemon=True).start()
        site = Site(f"https://127.0.0.1:{server.getsockname()[1]}", KEY, Patience(1))
        with pytest.raises(ServerFailure, match="Gave up after several attempts"):
            site.account()
    assert len(hung_up) > 1


def test_a_certificate_that_is_not_valid_is_reported_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    reason = urllib3.exceptions.SSLError(ssl.SSLCertVerificationError(1, "self-signed certificate"))

    def refuse(*given: Any, **named: Any) -> None:
        raise requests.exceptions.SSLError(urllib3.exceptions.MaxRetryError(None, "/", reason))

    monkeypatch.setattr(requests.Session, "request", refuse)
    with pytest.raises(ServerFailure, match="certificate"):
        Site("https://images.example.com", KEY, Patience(0)).account()


def test_bytes_that_differ_are_fetched_again(iib: Command, site: FakeSite) -> None:
    site.damaged = 1
    assert iib.run("cat\n") == 0
    assert (iib.folder / "01.png").read_bytes() == picture(1)


def test_bytes_that_always_differ_are_not_saved(iib: Command, site: FakeSite) -> None:
    site.damaged = 99
    assert iib.run("cat\n") == ExitCode.SERVER
    assert iib.files() == ["manifest.csv"]
    assert not list(iib.folder.glob(".iib-*.part"))


def test_a_site_that_stays_away_is_given_up_in_time(iib: Command, site: FakeSite) -> None:
    site.faults.extend(Fault("batches/b1") for _ in range(500))
    assert iib.run("cat\n", "--patience", "0.2") == ExitCode.SERVER
    assert "Run the same command later to continue" in iib.printed().err


def test_a_wait_longer_than_the_patience_is_reported_at_once(iib: Command, site: FakeSite) -> None:
    site.faults.append(Fault("batches/b1", 429, headers={"Retry-After": "3600"}))
    assert iib.run("cat\n") == ExitCode.SERVER
    assert "in 3600 s to continue" in iib.printed().err


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_reported(iib: Command, site: FakeSite, status: int) -> None:
    site.faults.append(Fault("batches", status, {"title": "No", "detail": "Not with this key."}))
    assert iib.run() == ExitCode.NOT_ALLOWED
    assert "Not with this key." in iib.printed().err


def test_an_address_that_moved_is_not_followed(iib: Command, site: FakeSite) -> None:
    site.faults.append(Fault("batches", 302, headers={"Location": "https://elsewhere.example/"}))
    assert iib.run() == ExitCode.SERVER
    assert "https://elsewhere.example/" in iib.printed().err


def test_another_web_site_at_the_address_is_recognised(iib: Command, site: FakeSite) -> None:
    site.answer = lambda *request: (200, b"<!doctype html>", {})
    assert iib.run() == ExitCode.SERVER
    assert "is not the API" in iib.printed().err


@pytest.mark.parametrize("answer", [{}, [], {"credits": 1}, {"total": "x", "names": [], "credits": {}}])
def test_an_answer_of_another_shape_is_reported(iib: Command, site: FakeSite, answer: Any) -> None:
    site.answer = lambda *request: (200, answer, {})
    assert iib.run() == ExitCode.SERVER
    assert "not what was expected" in iib.printed().err


def test_the_wait_is_the_one_that_the_server_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = []
    monkeypatch.setattr("time.sleep", waits.append)
    replies = iter([Retryable("busy", 7.0), Retryable("gone")])

    def act() -> str:
        if trouble := next(replies, None):
            raise trouble
        return "done"

    assert Patience(600).retry(act) == "done"
    assert waits[0] == 7.0


def test_retrying_ends_after_the_given_time() -> None:
    def act() -> None:
        raise Retryable("It is down.")

    with pytest.raises(ServerFailure, match="It is down"):
        Patience(0).retry(act)


def test_waits_grow_to_half_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "FIRST_SECONDS", 0.5)
    assert 0.25 <= backoff_seconds(0) <= 0.5 < backoff_seconds(2)
    assert 15 <= backoff_seconds(1000) <= 30


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("3", 3.0), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0), ("soon", None), ("", None), (None, None), ("-1", None)],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(header) == seconds


@pytest.mark.parametrize("url", ["http://images.example.com", "ftp://x", "images.example.com", ""])
def test_a_key_goes_to_encrypted_addresses_only(url: str) -> None:
    with pytest.raises(UsageFailure):
        checked_url(url, allow_http=False)


def test_loopback_needs_no_encryption() -> None:
    assert checked_url("http://127.0.0.1:8000/", allow_http=False) == "http://127.0.0.1:8000"


def test_with_no_request_left_the_next_one_waits(iib: Command, site: FakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    slept = []
    monkeypatch.setattr(pace.time, "sleep", slept.append)
    site.headers = {"RateLimit-Remaining": "0", "RateLimit-Reset": "50"}
    assert iib("account") == 0
    assert iib.run("cat\n") == 0
    assert max(slept) == pytest.approx(50, abs=40)
