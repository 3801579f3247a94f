from typing import Any

import pytest
import requests
import stripe

from .conftest import KEY, VERSION, StandIn


def raw(
    stand_in: StandIn, method: str = "GET", path: str = "/v1/customers", key: str = KEY, **more: object
) -> requests.Response:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return requests.request(method, stand_in.url + path, headers=headers, timeout=60, **more)


def test_the_same_key_gives_the_same_answer(stand_in: StandIn) -> None:
    first, second = (stripe.Customer.create(email="a@example.org", idempotency_key="k1") for _ in range(2))
    assert first.id == second.id
    assert second.last_response.headers["Idempotent-Replayed"] == "true"
    assert stand_in.event_types() == ["customer.created"]


def test_the_same_key_for_something_else_is_refused(stand_in: StandIn) -> None:
    stripe.Customer.create(email="a@example.org", idempotency_key="k1")
    with pytest.raises(stripe.IdempotencyError) as refused:
        stripe.Customer.create(email="b@example.org", idempotency_key="k1")
    assert (refused.value.http_status, refused.value.error.type) == (400, "idempotency_error")


def test_a_declined_card_is_declined_again_for_the_same_key(stand_in: StandIn) -> None:
    payment = stripe.PaymentIntent.create(amount=500, currency="usd")
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            stripe.PaymentIntent.confirm(payment.id, payment_method="pm_card_chargeDeclined", idempotency_key="k2")
    assert len(stripe.Charge.list(payment_intent=payment.id).data) == 1


def test_what_was_not_understood_does_not_use_up_a_key(stand_in: StandIn) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        stripe.Customer.create(emale="x", idempotency_key="k3")
    assert stripe.Customer.create(email="x@example.org", idempotency_key="k3").email == "x@example.org"
    stand_in.forget("violations")


@pytest.mark.parametrize(
    ("key", "status"), [("", 401), ("sk_test_wrong" + "a" * 20, 401), ("nonsense", 401), ("sk_live_" + "a" * 24, 403)]
)
def test_only_test_keys_open(stand_in: StandIn, key: str, status: int) -> None:
    answer = raw(stand_in, key=key)
    assert answer.status_code == status
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_an_answer_has_stripes_headers(stand_in: StandIn) -> None:
    answer = raw(stand_in)
    assert answer.headers["Request-Id"].startswith("req_")
    assert answer.headers["Stripe-Version"] == VERSION


def test_requests_are_logged_with_version_and_key(stand_in: StandIn) -> None:
    stripe.Customer.create(idempotency_key="k4")
    logged = stand_in.shown("requests")["requests"][-1]
    assert (logged["method"], logged["path"], logged["status"]) == ("POST", "/v1/customers", 200)
    assert (logged["version"], logged["idempotency_key"]) == (VERSION, "k4")


def test_an_endpoint_that_is_not_there_says_so(stand_in: StandIn) -> None:
    answer = raw(stand_in, "DELETE", "/v1/events/evt_1")
    assert answer.status_code == 404
    assert answer.json()["error"]["message"].startswith("Unrecognized request URL (DELETE: /v1/events/evt_1)")


def test_a_body_that_is_no_text_is_refused(stand_in: StandIn) -> None:
    assert raw(stand_in, "POST", data=b"name=\xff\xfe").status_code == 400


@pytest.mark.parametrize(("status", "error"), [(500, stripe.APIError), (429, stripe.RateLimitError)])
def test_an_ordered_fault_strikes_and_is_over(stand_in: StandIn, status: int, error: Any) -> None:
    stand_in.control("settings", fail_status=status, fail_count=1, fail_path="/v1/customers")
    with pytest.raises(error):
        stripe.Customer.create()
    assert stripe.Customer.create().id


def test_the_sdk_tries_a_fault_again_without_doing_it_twice(stand_in: StandIn) -> None:
    stand_in.control("settings", fail_status=500, fail_count=1)
    stripe.Customer.create(max_network_retries=2)
    assert len(stripe.Customer.list().data) == 1


def test_a_list_comes_in_pages(stand_in: StandIn) -> None:
    made = [stripe.Product.create(name=f"Product {number}").id for number in range(5)]
    first = stripe.Product.list(limit=2)
    assert ([each.id for each in first], first.has_more) == (made[:2:-1], True)
    rest = stripe.Product.list(limit=3, starting_after=made[3])
    assert ([each.id for each in rest], rest.has_more) == (made[2::-1], False)
    assert [each.id for each in stripe.Product.list(limit=2).auto_paging_iter()] == made[::-1]


def test_a_list_goes_backwards_too(stand_in: StandIn) -> None:
    made = [stripe.Product.create(name=f"Product {number}").id for number in range(4)]
    assert [each.id for each in stripe.Product.list(limit=2, ending_before=made[0])] == [made[2], made[1]]


def test_a_page_has_a_hundred_at_most(stand_in: StandIn) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="between 1 and 100"):
        stripe.Product.list(limit=101)


def test_ids_are_expanded_also_inside_lists(subscription: stripe.Subscription) -> None:
    paths = ["latest_invoice.payments.data.payment.payment_intent", "customer", "items.data.price.product"]
    full = stripe.Subscription.retrieve(subscription.id, expand=paths)
    assert full.latest_invoice.payments.data[0].payment.payment_intent.status == "succeeded"
    assert full.customer.email == "alice@example.org"
    assert full["items"].data[0].price.product.name == "Starter"


def test_what_cannot_be_expanded_is_refused(alice: stripe.Customer) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        stripe.Customer.retrieve(alice.id, expand=["nonsense"])


def test_metadata_have_limits(stand_in: StandIn) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="up to 40 characters"):
        stripe.Customer.create(metadata={"k" * 41: "v"})
