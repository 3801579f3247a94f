from typing import Any

import pytest
import stripe

from sandbox.stripe.api.contract import Check, fields_of, params_type
from sandbox.stripe.api.form_body import decoded
from sandbox.stripe.api.routes import ROUTES

from .conftest import SUCCESS_URL, StandIn


def checked(name: str, body: str) -> tuple[dict, list[str]]:
    check = Check()
    params = check.fields(params_type(name), decoded(body))
    return params, [problem.message for problem in check.problems]


@pytest.mark.parametrize(
    "route", [each for each in ROUTES if each.params], ids=lambda route: f"{route.method} {route.path}"
)
def test_the_sdk_has_types_for_every_endpoint(route: Any) -> None:
    assert isinstance(fields_of(params_type(route.params)), dict)


@pytest.mark.parametrize("name", ["CustomerCreateParams", "checkout.SessionCreateParams"])
def test_the_sdks_own_options_are_no_parameters(name: str) -> None:
    assert {"api_key", "idempotency_key", "stripe_version"}.isdisjoint(fields_of(params_type(name)))


def test_strings_of_the_form_get_their_types() -> None:
    body = (
        "mode=payment&line_items[0][price]=price_1&line_items[0][quantity]=2&allow_promotion_codes=true&metadata[n]=1"
    )
    params, problems = checked("checkout.SessionCreateParams", body)
    assert problems == []
    assert params["line_items"] == [{"price": "price_1", "quantity": 2}]
    assert (params["allow_promotion_codes"], params["metadata"]) == (True, {"n": "1"})


@pytest.mark.parametrize("encoded", ["expand[]=a&expand[]=b", "expand[0]=a&expand[1]=b", "expand[1]=b&expand[0]=a"])
def test_lists_come_in_three_forms(encoded: str) -> None:
    assert checked("CustomerRetrieveParams", encoded) == ({"expand": ["a", "b"]}, [])


@pytest.mark.parametrize(
    ("name", "body", "problem"),
    [
        ("CustomerCreateParams", "emale=x", "Received unknown parameter: emale"),
        ("PaymentIntentCreateParams", "currency=usd", "Missing required param: amount."),
        ("RefundCreateParams", "amount=ten", "Invalid integer: ten"),
        (
            "RefundCreateParams",
            "reason=meh",
            "Invalid reason: must be one of duplicate, fraudulent, requested_by_customer",
        ),
        ("PriceListParams", "active=yes", "Invalid boolean: yes"),
        ("CouponCreateParams", "percent_off=half", "Invalid decimal: half"),
        ("CustomerCreateParams", "expand=name", "Invalid array"),
        ("CustomerCreateParams", "address=here", "Invalid object"),
        ("CustomerCreateParams", "name[first]=Al", "Invalid str: name is an object"),
        (
            "PriceCreateParams",
            "currency=usd&recurring[interval_count]=1",
            "Missing required param: recurring[interval].",
        ),
        ("EventListParams", "created[since]=3", "Received unknown parameter: created[since]"),
    ],
)
def test_what_stripe_does_not_know_is_named(name: str, body: str, problem: str) -> None:
    assert checked(name, body)[1] == [problem]


@pytest.mark.parametrize("value", ["", "in_store"])
def test_a_text_that_can_be_emptied_takes_any_text(value: str) -> None:
    assert checked("CustomerModifyParams", f"name={value}") == ({"name": value}, [])


@pytest.mark.parametrize("value", ["min_period_end", "1800000000", ""])
def test_a_parameter_of_several_types_takes_each(value: str) -> None:
    assert checked("SubscriptionModifyParams", f"cancel_at={value}")[1] == []


def test_a_violation_is_refused_and_noted(stand_in: StandIn) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stripe.Customer.create(emale="alice@example.org")
    assert (refused.value.code, refused.value.param, refused.value.http_status) == ("parameter_unknown", "emale", 400)
    (noted,) = stand_in.shown("violations")["violations"]
    assert (noted["method"], noted["path"], noted["param"]) == ("POST", "/v1/customers", "emale")
    stand_in.forget("violations")


def test_a_violation_deep_inside_names_its_place(stand_in: StandIn) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stripe.checkout.Session.create(mode="payment", line_items=[{"prize": "x"}], success_url=SUCCESS_URL)
    assert refused.value.param == "line_items[0][prize]"
    stand_in.forget("violations")


def test_a_refusal_of_well_formed_parameters_is_no_violation(stand_in: StandIn) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stripe.checkout.Session.create(mode="payment", success_url=SUCCESS_URL)
    assert (refused.value.code, refused.value.param) == ("parameter_missing", "line_items")


def test_what_only_the_real_stripe_can_do_is_refused(alice: stripe.Customer, starter: stripe.Price) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="does not support `default_incomplete`"):
        stripe.Subscription.create(
            customer=alice.id, items=[{"price": starter.id}], payment_behavior="default_incomplete"
        )
