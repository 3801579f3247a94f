import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe
from django.core.management import CommandError, call_command

from sandbox.management.commands import run_sandbox

from .conftest import KEY, StandIn, price_of


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("settings", {"after_last_attempt": "explode"}),
        ("settings", {"after": "cancel"}),
        ("clock", {"months": -1}),
        ("deliveries", {"copies": 0}),
        ("deliveries/forge", {"type": "invoice.paid"}),
        ("webhook", {"url": "nowhere", "secret": "s"}),
    ],
)
def test_a_wrong_order_is_refused(stand_in: StandIn, path: str, body: Any) -> None:
    answer = requests.post(f"{stand_in.url}/sandbox/stripe/{path}", json=body, timeout=60)
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_orders_are_taken_as_json_only(stand_in: StandIn) -> None:
    assert requests.post(f"{stand_in.url}/sandbox/stripe/reset", data={"a": "b"}, timeout=60).status_code == 415


def test_an_order_about_nothing_is_not_found(stand_in: StandIn) -> None:
    answer = requests.post(f"{stand_in.url}/sandbox/stripe/charges/ch_never/dispute", json={}, timeout=60)
    assert answer.json()["error"]["code"] == "resource_missing"


def test_the_clock_never_goes_back(stand_in: StandIn) -> None:
    before = stand_in.control("clock", days=2)["now"]
    assert stand_in.control("clock", to=before - 86400)["now"] >= before


def test_a_reset_forgets_everything(stand_in: StandIn, alice: stripe.Customer) -> None:
    stand_in.control("clock", months=1)
    stand_in.control("reset")
    assert stripe.Customer.list().data == []
    assert stripe.Event.list().data == []


def test_a_live_key_lets_nothing_start(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STRIPE_SECRET_KEY = "sk_live_" + "a" * 24
    monkeypatch.setattr(os, "execvpe", lambda *_: pytest.fail("it started"))
    with pytest.raises(CommandError, match="live key"):
        call_command("run_sandbox")


@pytest.mark.parametrize(("is_stand_in", "word"), [(True, "on"), (False, "off")])
def test_beside_a_real_key_it_does_not_serve(settings: Any, is_stand_in: bool, word: str) -> None:
    settings.STRIPE_SANDBOX = is_stand_in
    assert run_sandbox.environment()["SANDBOX_STRIPE"] == word


def test_a_restart_keeps_what_was_bought_and_the_clock(
    start_sandbox: Callable[..., Any], stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    process, url = start_sandbox()
    monkeypatch.setattr(stripe, "api_base", url)
    customer = stripe.Customer.create(payment_method="pm_card_visa")
    price = price_of("Starter", 500, "starter", recurring={"interval": "month"})
    subscription = stripe.Subscription.create(customer=customer.id, items=[{"price": price.id}])
    requests.post(f"{url}/sandbox/stripe/clock", json={"days": 20}, timeout=60).raise_for_status()
    process.stop()
    monkeypatch.setattr(stripe, "api_base", start_sandbox()[1])
    requests.post(f"{stripe.api_base}/sandbox/stripe/clock", json={"days": 12}, timeout=60).raise_for_status()
    assert stripe.Subscription.retrieve(subscription.id).status == "active"
    assert len(stripe.Invoice.list(customer=customer.id).data) == 2


def test_a_file_that_cannot_be_read_is_put_aside(
    start_sandbox: Callable[..., Any], stand_in: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sandbox-stripe.json").write_text("{half")
    monkeypatch.setattr(stripe, "api_base", start_sandbox()[1])
    assert stripe.Customer.list().data == []
    assert (tmp_path / "sandbox-stripe.unreadable").exists()


def test_the_file_holds_no_key(
    start_sandbox: Callable[..., Any], stand_in: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process, url = start_sandbox()
    monkeypatch.setattr(stripe, "api_base", url)
    stripe.Customer.create()
    process.stop()
    content = (tmp_path / "sandbox-stripe.json").read_text()
    assert json.loads(content)["tables"]["customer"]
    assert KEY not in content


def test_off_means_that_nothing_is_answered(start_sandbox: Callable[..., Any], stand_in: StandIn) -> None:
    _, url = start_sandbox(SANDBOX_STRIPE="off")
    answer = requests.get(f"{url}/v1/customers", headers={"Authorization": f"Bearer {KEY}"}, timeout=60)
    assert answer.status_code == 403
