"""Which request is answered by which method, and by which of the SDK's types its parameters are checked."""

import re
from dataclasses import dataclass, field
from functools import cached_property

OBJECT_ID = r"([A-Za-z0-9_]+)"


@dataclass(frozen=True)
class Route:
    """One endpoint. `family` is an attribute of the stand-in, `verb` one of its methods; `params` a type's name."""

    method: str
    path: str
    family: str
    verb: str
    params: str = ""
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        pattern = re.compile(re.escape(self.path).replace(r"\{id\}", OBJECT_ID) + "$")
        object.__setattr__(self, "pattern", pattern)

    @cached_property
    def is_write(self) -> bool:
        """Whether it changes anything."""
        return self.method != "GET"


def _four(path: str, family: str, name: str) -> list[Route]:
    """The four endpoints that most families have. `name` begins the names of their types."""
    return [
        Route("POST", path, family, "create", f"{name}CreateParams"),
        Route("GET", path, family, "list", f"{name}ListParams"),
        Route("GET", f"{path}/{{id}}", family, "retrieve", f"{name}RetrieveParams"),
        Route("POST", f"{path}/{{id}}", family, "update", f"{name}ModifyParams"),
    ]


def _two(path: str, family: str, name: str) -> list[Route]:
    """Reading only: the list and one of it."""
    return [each for each in _four(path, family, name) if each.method == "GET"]


def _delete(path: str, family: str, params: str, verb: str = "delete") -> Route:
    return Route("DELETE", f"{path}/{{id}}", family, verb, params)


def _act(path: str, family: str, verb: str, params: str, word: str = "") -> Route:
    return Route("POST", f"{path}/{{id}}/{word or verb}", family, verb, params)


ROUTES = [
    Route("GET", "/v1/account", "accounts", "retrieve"),
    Route("GET", "/v1/accounts", "accounts", "list", "AccountListParams"),
    Route("GET", "/v1/accounts/{id}", "accounts", "retrieve", "AccountRetrieveParams"),
    Route("GET", "/v2/core/accounts", "accounts", "list_v2"),
    Route("GET", "/v2/core/accounts/{id}", "accounts", "retrieve_v2"),
    *_four("/v1/customers", "customers", "Customer"),
    _delete("/v1/customers", "customers", "CustomerDeleteParams"),
    Route(
        "GET", "/v1/customers/{id}/payment_methods", "customers", "payment_methods", "CustomerListPaymentMethodsParams"
    ),
    *_four("/v1/products", "products", "Product"),
    _delete("/v1/products", "products", "ProductDeleteParams"),
    Route("GET", "/v1/products/{id}/features", "products", "features", "ProductListFeaturesParams"),
    *_four("/v1/prices", "prices", "Price"),
    *_four("/v1/coupons", "coupons", "Coupon"),
    _delete("/v1/coupons", "coupons", "CouponDeleteParams"),
    *_four("/v1/promotion_codes", "promotion_codes", "PromotionCode"),
    *_four("/v1/payment_methods", "payment_methods", "PaymentMethod"),
    _act("/v1/payment_methods", "payment_methods", "attach", "PaymentMethodAttachParams"),
    _act("/v1/payment_methods", "payment_methods", "detach", "PaymentMethodDetachParams"),
    *_four("/v1/payment_intents", "payment_intents", "PaymentIntent"),
    _act("/v1/payment_intents", "payment_intents", "confirm", "PaymentIntentConfirmParams"),
    _act("/v1/payment_intents", "payment_intents", "cancel", "PaymentIntentCancelParams"),
    *_two("/v1/charges", "charges", "Charge"),
    Route("POST", "/v1/charges/{id}", "charges", "update", "ChargeModifyParams"),
    Route("GET", "/v1/balance_transactions", "balance_transactions", "list", "BalanceTransactionListParams"),
    Route(
        "GET", "/v1/balance_transactions/{id}", "balance_transactions", "retrieve", "BalanceTransactionRetrieveParams"
    ),
    *_four("/v1/refunds", "refunds", "Refund"),
    *_two("/v1/disputes", "disputes", "Dispute"),
    Route("POST", "/v1/disputes/{id}", "disputes", "update", "DisputeModifyParams"),
    _act("/v1/disputes", "disputes", "close", "DisputeCloseParams"),
    *_four("/v1/checkout/sessions", "checkout_sessions", "checkout.Session"),
    _act("/v1/checkout/sessions", "checkout_sessions", "expire", "checkout.SessionExpireParams"),
    Route(
        "GET",
        "/v1/checkout/sessions/{id}/line_items",
        "checkout_sessions",
        "line_items",
        "checkout.SessionListLineItemsParams",
    ),
    *_four("/v1/billing_portal/configurations", "portal_configurations", "billing_portal.Configuration"),
    Route("POST", "/v1/billing_portal/sessions", "portal_sessions", "create", "billing_portal.SessionCreateParams"),
    *_four("/v1/subscriptions", "subscriptions", "Subscription"),
    _delete("/v1/subscriptions", "subscriptions", "SubscriptionCancelParams", verb="cancel"),
    *_two("/v1/subscription_items", "subscription_items", "SubscriptionItem"),
    Route("POST", "/v1/subscription_items/{id}", "subscription_items", "update", "SubscriptionItemModifyParams"),
    *_four("/v1/subscription_schedules", "subscription_schedules", "SubscriptionSchedule"),
    _act("/v1/subscription_schedules", "subscription_schedules", "release", "SubscriptionScheduleReleaseParams"),
    _act("/v1/subscription_schedules", "subscription_schedules", "cancel", "SubscriptionScheduleCancelParams"),
    *_four("/v1/invoices", "invoices", "Invoice"),
    _delete("/v1/invoices", "invoices", "InvoiceDeleteParams"),
    Route("GET", "/v1/invoices/{id}/lines", "invoices", "lines", "InvoiceListLinesParams"),
    _act("/v1/invoices", "invoices", "finalize", "InvoiceFinalizeInvoiceParams"),
    _act("/v1/invoices", "invoices", "pay", "InvoicePayParams"),
    _act("/v1/invoices", "invoices", "send", "InvoiceSendInvoiceParams"),
    _act("/v1/invoices", "invoices", "void", "InvoiceVoidInvoiceParams"),
    _act("/v1/invoices", "invoices", "mark_uncollectible", "InvoiceMarkUncollectibleParams"),
    *_four("/v1/invoiceitems", "invoice_items", "InvoiceItem"),
    _delete("/v1/invoiceitems", "invoice_items", "InvoiceItemDeleteParams"),
    *_two("/v1/invoice_payments", "invoice_payments", "InvoicePayment"),
    *_two("/v1/events", "events", "Event"),
    *_four("/v1/webhook_endpoints", "webhook_endpoints", "WebhookEndpoint"),
    _delete("/v1/webhook_endpoints", "webhook_endpoints", "WebhookEndpointDeleteParams"),
]


def routed(method: str, path: str) -> tuple[Route, tuple[str, ...]] | None:
    """The endpoint of a request and the ids in its path; None when there is none."""
    for route in ROUTES:
        match = route.pattern.match(path) if route.method == method else None
        if match:
            return route, match.groups()
    return None
