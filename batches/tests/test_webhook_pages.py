"""The pages of webhook endpoints and their deliveries."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from batches.choices import DisabledReason
from batches.models import WebhookAccount, WebhookDelivery, WebhookEndpoint
from batches.webhooks import forms, sender
from tests.cast import SignedIn

pytestmark = pytest.mark.any_database

URL = "https://alice.example.org/hook"
LIST = "/account/webhooks/"


@pytest.fixture
def endpoint(alice: User) -> WebhookEndpoint:
    return WebhookEndpoint.objects.create(user=alice, url=URL)


@pytest.fixture
def delivery(endpoint: WebhookEndpoint) -> WebhookDelivery:
    return sender.send_test(endpoint)


@pytest.fixture
def recents(just_signed_in: SignedIn, alice: User) -> Client:
    """Alice's browser, in which she has proved a moment ago who she is."""
    return just_signed_in(alice)


def post(browser: Any, name: str, key: Any, **fields: Any) -> Any:
    return browser.post(reverse(f"webhooks:{name}", args=[key]), fields)


def test_an_endpoint_is_added(alices: Client, alice: User) -> None:
    answer = alices.post(LIST, {"url": URL, "on_finished": "on", "on_image_ready": "on"})
    endpoint = WebhookEndpoint.objects.get(user=alice)
    assert answer.url == f"{LIST}{endpoint.pk}/"
    assert endpoint.events == ["batch.finished", "image.ready"]
    assert URL in alices.get(LIST).content.decode()


def test_addresses_that_nothing_is_sent_to_are_refused(alices: Client, settings: Any) -> None:
    settings.SANDBOX = False
    refused = [
        "http://alice.example.org/hook",
        "https://127.0.0.1/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/hook",
        "https://localhost/hook",
        "https://user:word@example.org/",
        "https://database.internal/",
        "ftp://example.org/",
        "nonsense",
    ]
    found = {url: alices.post(LIST, {"url": url, "on_finished": "on"}).status_code for url in refused}
    assert found == dict.fromkeys(refused, 422)
    assert not WebhookEndpoint.objects.exists()


def test_a_sandbox_may_send_webhooks_to_its_own_machine(alices: Client) -> None:
    assert alices.post(LIST, {"url": "http://127.0.0.1:9000/", "on_finished": "on"}).status_code == 302


def test_the_same_address_twice_is_refused(alices: Client, endpoint: WebhookEndpoint) -> None:
    assert alices.post(LIST, {"url": URL, "on_finished": "on"}).status_code == 422


def test_a_form_that_is_sent_twice_at_the_same_time_adds_one_endpoint(
    alices: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def add_meanwhile(form: forms.WebhookForm) -> str:
        WebhookEndpoint.objects.create(user=alice, url=URL)
        return URL

    monkeypatch.setattr(forms.WebhookForm, "clean_url", add_meanwhile)
    answer = alices.post(LIST, {"url": URL, "on_finished": "on"})
    assert answer.url == f"{LIST}{WebhookEndpoint.objects.get().pk}/"


def test_an_endpoint_without_events_is_refused(alices: Client, db: None) -> None:
    assert "Select at least one event." in alices.post(LIST, {"url": URL}).content.decode()


def test_a_change_does_not_undo_what_happens_at_the_same_time(
    alices: Client, endpoint: WebhookEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disable_meanwhile(_url: str) -> None:
        sender.disable(WebhookEndpoint.objects.get(), DisabledReason.GONE)
        WebhookEndpoint.objects.get().rotate()

    monkeypatch.setattr(forms, "check_address", disable_meanwhile)
    assert post(alices, "endpoint", endpoint.pk, url=f"{URL}/2", on_waiting="on").status_code == 302
    changed = WebhookEndpoint.objects.get()
    assert (changed.url, changed.events) == (f"{URL}/2", ["batch.waiting"])
    assert (changed.disabled_reason, changed.former_secret) == (DisabledReason.GONE, endpoint.secret)


def test_there_is_an_end_of_endpoints(alices: Client, alice: User) -> None:
    WebhookEndpoint.objects.bulk_create(WebhookEndpoint(user=alice, url=f"{URL}/{n}") for n in range(10))
    assert alices.post(LIST, {"url": URL, "on_finished": "on"}).status_code == 422


def test_an_endpoint_is_changed(alices: Client, endpoint: WebhookEndpoint) -> None:
    alices.post(f"{LIST}{endpoint.pk}/", {"url": f"{URL}/new", "on_waiting": "on"})
    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.events) == (f"{URL}/new", ["batch.waiting"])


def test_a_test_event_is_sent(alices: Client, endpoint: WebhookEndpoint) -> None:
    answer = post(alices, "send_test", endpoint.pk)
    sent = WebhookDelivery.objects.get()
    assert (sent.event, answer.url) == ("webhook.test", f"{LIST}deliveries/{sent.message_id}/")
    assert "webhook.test" in alices.get(answer.url).content.decode()


def test_a_message_is_sent_again(alices: Client, delivery: WebhookDelivery) -> None:
    WebhookDelivery.objects.update(status="failed", next_attempt_at=None, attempt_count=8)
    post(alices, "send_again", delivery.message_id)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempt_count) == ("pending", 0)


def test_an_endpoint_is_switched_off_and_on(
    alices: Client, endpoint: WebhookEndpoint, delivery: WebhookDelivery
) -> None:
    post(alices, "switch_off", endpoint.pk)
    endpoint.refresh_from_db()
    assert endpoint.disabled_reason == "customer"
    post(alices, "switch_on", endpoint.pk)
    endpoint.refresh_from_db()
    assert endpoint.disabled_at is None


def test_an_endpoint_is_removed_with_its_log(alices: Client, delivery: WebhookDelivery) -> None:
    post(alices, "remove", delivery.endpoint.pk)
    assert not WebhookDelivery.objects.exists()


def test_the_secret_is_shown_to_who_has_just_signed_in(recents: Any, endpoint: WebhookEndpoint, alice: User) -> None:
    assert endpoint.secret in recents.get(f"{LIST}{endpoint.pk}/secret/").content.decode()
    shown = recents.get(f"{LIST}secret/").content.decode()
    assert WebhookAccount.objects.get(user=alice).secret in shown


def test_the_secret_is_not_shown_to_who_signed_in_long_ago(alices: Client, endpoint: WebhookEndpoint) -> None:
    answer = alices.get(f"{LIST}{endpoint.pk}/secret/")
    assert answer.status_code == 302
    assert "reauthenticate" in answer.url


def test_the_secret_is_changed(recents: Any, endpoint: WebhookEndpoint) -> None:
    former = endpoint.secret
    post(recents, "rotate", endpoint.pk)
    endpoint.refresh_from_db()
    assert endpoint.secret != former
    assert endpoint.valid_secrets == [endpoint.secret, former]
    assert "also sign with the previous secret" in recents.get(f"{LIST}{endpoint.pk}/secret/").content.decode()


@pytest.mark.parametrize("name", ["endpoint", "secret"])
def test_pages_of_strangers_are_not_found(recents: Any, charlie: User, name: str) -> None:
    theirs = WebhookEndpoint.objects.create(user=charlie, url=URL)
    assert recents.get(reverse(f"webhooks:{name}", args=[theirs.pk])).status_code == 404


@pytest.mark.usefixtures("one_minute")
def test_test_events_and_repeated_messages_are_limited(
    alices: Client, endpoint: WebhookEndpoint, delivery: WebhookDelivery
) -> None:
    tests = [post(alices, "send_test", endpoint.pk).status_code for _ in range(20)]
    assert tests == [302] * 20
    assert post(alices, "send_test", endpoint.pk).status_code == 429
    assert post(alices, "send_again", delivery.message_id).status_code == 429
    assert WebhookDelivery.objects.count() == 21


@pytest.mark.parametrize("verb", ["send_test", "switch_on", "switch_off", "remove", "rotate"])
def test_endpoints_of_strangers_are_not_found(recents: Any, charlie: User, verb: str) -> None:
    theirs = WebhookEndpoint.objects.create(user=charlie, url=URL)
    assert post(recents, verb, theirs.pk).status_code == 404


def test_messages_of_strangers_are_not_found(alices: Client, charlie: User) -> None:
    theirs = sender.send_test(WebhookEndpoint.objects.create(user=charlie, url=URL))
    assert alices.get(reverse("webhooks:delivery", args=[theirs.message_id])).status_code == 404
    assert post(alices, "send_again", theirs.message_id).status_code == 404


def test_pages_ask_to_sign_in(client: Client, db: None) -> None:
    assert client.get(LIST).status_code == 302
