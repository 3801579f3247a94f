"""The endpoints that the site, dj-stripe and their tests call, each with the SDK's type of its parameters."""

import re
from dataclasses import dataclass, field

from django.utils.functional import cached_property

OBJECT_ID = r"([A-Za-z0-9_]+)"
PORTAL = "/v1/billing_portal/configurations"
CLOCKS = "/v1/test_helpers/test_clocks"
RELEASE = "/v1/subscription_schedules/{id}/release"


@dataclass(frozen=True)
class Route:
    """One endpoint. `family` is an attribute of `StandIn`, `verb` one of its methods, `params` the name of a type."""

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
        return self.method != "GET"


ROUTES = [
    Route("GET", "/v1/account", "accounts", "retrieve"),
    Route("POST", "/v1/customers", "customers", "create", "CustomerCreateParams"),
    Route("GET", "/v1/customers", "customers", "list", "CustomerListParams"),
    Route("GET", "/v1/customers/{id}", "customers", "retrieve", "CustomerRetrieveParams"),
    Route("POST", "/v1/customers/{id}", "customers", "update", "CustomerModifyParams"),
    Route("DELETE", "/v1/customers/{id}", "customers", "delete", "CustomerDeleteParams"),
    Route("POST", "/v1/products", "products", "create", "ProductCreateParams"),
    Route("GET", "/v1/products", "products", "list", "ProductListParams"),
    Route("GET", "/v1/products/{id}", "products", "retrieve", "ProductRetrieveParams"),
    Route("POST", "/v1/products/{id}", "products", "update", "ProductModifyParams"),
    Route("GET", "/v1/products/{id}/features", "products", "features", "ProductListFeaturesParams"),
    Route("POST", "/v1/prices", "prices", "create", "PriceCreateParams"),
    Route("GET", "/v1/prices", "prices", "list", "PriceListParams"),
    Route("GET", "/v1/prices/{id}", "prices", "retrieve", "PriceRetrieveParams"),
    Route("POST", "/v1/coupons", "coupons", "create", "CouponCreateParams"),
    Route("POST", "/v1/promotion_codes", "promotion_codes", "create", "PromotionCodeCreateParams"),
    Route("GET", "/v1/payment_methods/{id}", "payment_methods", "retrieve", "PaymentMethodRetrieveParams"),
    Route("POST", "/v1/payment_methods/{id}/attach", "payment_methods", "attach", "PaymentMethodAttachParams"),
    Route("POST", "/v1/payment_intents", "payment_intents", "create", "PaymentIntentCreateParams"),
    Route("GET", "/v1/payment_intents/{id}", "payment_intents", "retrieve", "PaymentIntentRetrieveParams"),
    Route("POST", "/v1/payment_intents/{id}/confirm", "payment_intents", "confirm", "PaymentIntentConfirmParams"),
    Route("GET", "/v1/charges", "charges", "list", "ChargeListParams"),
    Route("GET", "/v1/charges/{id}", "charges", "retrieve", "ChargeRetrieveParams"),
    Route("POST", "/v1/refunds", "refunds", "create", "RefundCreateParams"),
    Route("GET", "/v1/refunds", "refunds", "list", "RefundListParams"),
    Route("GET", "/v1/refunds/{id}", "refunds", "retrieve", "RefundRetrieveParams"),
    Route("GET", "/v1/disputes", "disputes", "list", "DisputeListParams"),
    Route("GET", "/v1/disputes/{id}", "disputes", "retrieve", "DisputeRetrieveParams"),
    Route("POST", "/v1/checkout/sessions", "checkout_sessions", "create", "checkout.SessionCreateParams"),
    Route("GET", "/v1/checkout/sessions", "checkout_sessions", "list", "checkout.SessionListParams"),
    Route("GET", "/v1/checkout/sessions/{id}", "checkout_sessions", "retrieve", "checkout.SessionRetrieveParams"),
    Route("POST", "/v1/checkout/sessions/{id}/expire", "checkout_sessions", "expire", "checkout.SessionExpireParams"),
    Route("POST", PORTAL, "portal_configurations", "create", "billing_portal.ConfigurationCreateParams"),
    Route("GET", PORTAL, "portal_configurations", "list", "billing_portal.ConfigurationListParams"),
    Route("POST", f"{PORTAL}/{{id}}", "portal_configurations", "update", "billing_portal.ConfigurationModifyParams"),
    Route("POST", "/v1/billing_portal/sessions", "portal_sessions", "create", "billing_portal.SessionCreateParams"),
    Route("POST", "/v1/subscriptions", "subscriptions", "create", "SubscriptionCreateParams"),
    Route("GET", "/v1/subscriptions", "subscriptions", "list", "SubscriptionListParams"),
    Route("GET", "/v1/subscriptions/{id}", "subscriptions", "retrieve", "SubscriptionRetrieveParams"),
    Route("POST", "/v1/subscriptions/{id}", "subscriptions", "update", "SubscriptionModifyParams"),
    Route("DELETE", "/v1/subscriptions/{id}", "subscriptions", "cancel", "SubscriptionCancelParams"),
    Route("POST", RELEASE, "subscription_schedules", "release", "SubscriptionScheduleReleaseParams"),
    Route("POST", "/v1/invoices", "invoices", "create", "InvoiceCreateParams"),
    Route("GET", "/v1/invoices", "invoices", "list", "InvoiceListParams"),
    Route("GET", "/v1/invoices/{id}", "invoices", "retrieve", "InvoiceRetrieveParams"),
    Route("DELETE", "/v1/invoices/{id}", "invoices", "delete", "InvoiceDeleteParams"),
    Route("POST", "/v1/invoices/{id}/finalize", "invoices", "finalize", "InvoiceFinalizeInvoiceParams"),
    Route("POST", "/v1/invoices/{id}/pay", "invoices", "pay", "InvoicePayParams"),
    Route("POST", "/v1/invoices/{id}/send", "invoices", "send", "InvoiceSendInvoiceParams"),
    Route("POST", "/v1/invoices/{id}/void", "invoices", "void_open", "InvoiceVoidInvoiceParams"),
    Route("POST", "/v1/invoiceitems", "invoice_items", "create", "InvoiceItemCreateParams"),
    Route("GET", "/v1/invoice_payments", "invoice_payments", "list", "InvoicePaymentListParams"),
    Route("POST", CLOCKS, "test_clocks", "create", "test_helpers.TestClockCreateParams"),
    Route("GET", f"{CLOCKS}/{{id}}", "test_clocks", "retrieve", "test_helpers.TestClockRetrieveParams"),
    Route("DELETE", f"{CLOCKS}/{{id}}", "test_clocks", "delete", "test_helpers.TestClockDeleteParams"),
    Route("POST", f"{CLOCKS}/{{id}}/advance", "test_clocks", "advance", "test_helpers.TestClockAdvanceParams"),
    Route("GET", "/v1/events", "events", "list", "EventListParams"),
    Route("GET", "/v1/events/{id}", "events", "retrieve", "EventRetrieveParams"),
    Route("POST", "/v1/webhook_endpoints", "webhook_endpoints", "create", "WebhookEndpointCreateParams"),
    Route("GET", "/v1/webhook_endpoints", "webhook_endpoints", "list", "WebhookEndpointListParams"),
    Route("POST", "/v1/webhook_endpoints/{id}", "webhook_endpoints", "update", "WebhookEndpointModifyParams"),
]


def routed(method: str, path: str) -> tuple[Route, tuple[str, ...]] | None:
    """The endpoint of a request and the ids in its path; None when there is none."""
    for route in ROUTES:
        match = route.pattern.match(path) if route.method == method else None
        if match:
            return route, match.groups()
    return None
