from django.urls import path, re_path

from . import api, controls, pages
from .routes import ROUTES

app_name = "stripe"
# How the paths begin: OpenAI's own, /v1/images and the like, lie beside them.
FIRST_WORDS = sorted({"/".join(route.path.split("/")[1:3]) for route in ROUTES})

urlpatterns = [
    re_path(rf"^(?:{'|'.join(FIRST_WORDS)})(?:/.*)?$", api.answer, name="api"),
    path("stripe/checkout/<str:session_id>", pages.checkout, name="checkout"),
    path("stripe/checkout/<str:session_id>/pay", pages.pay, name="pay"),
    path("stripe/checkout/<str:session_id>/decline", pages.decline, name="decline"),
    path("stripe/checkout/<str:session_id>/later", pages.pay_later, name="pay_later"),
    path("stripe/checkout/<str:session_id>/code", pages.redeem, name="redeem"),
    path("stripe/invoices/<str:invoice_id>", pages.invoice, name="invoice"),
    path("stripe/receipts/<str:charge_id>", pages.receipt, name="receipt"),
    path("sandbox/stripe/settings", controls.settings),
    path("sandbox/stripe/clock", controls.clock),
    path("sandbox/stripe/reset", controls.reset),
    path("sandbox/stripe/violations", controls.violations, name="violations"),
    path("sandbox/stripe/webhook", controls.webhook),
    path("sandbox/stripe/deliveries", controls.deliveries, name="deliveries"),
    path("sandbox/stripe/deliveries/replay", controls.replay),
    path("sandbox/stripe/deliveries/forge", controls.forge),
    path("sandbox/stripe/deliveries/drain", controls.drain),
    path("sandbox/stripe/checkout/<str:session_id>/pay", controls.pay),
    path("sandbox/stripe/payment_intents/<str:intent_id>/settle", controls.settle),
    path("sandbox/stripe/customers/<str:customer_id>/card", controls.use_card),
    path("sandbox/stripe/charges/<str:charge_id>/dispute", controls.dispute),
    path("sandbox/stripe/disputes/<str:dispute_id>/decide", controls.decide),
    path("sandbox/stripe/refunds/<str:refund_id>/fail", controls.fail_refund),
]
