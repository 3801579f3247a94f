from django.urls import path, re_path

from . import api, control_page, controls, pages, portal_pages
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
    path("stripe/invoices/<str:invoice_id>/pay", pages.pay_invoice, name="pay_invoice"),
    path("stripe/receipts/<str:charge_id>", pages.receipt, name="receipt"),
    path("stripe/portal/<str:secret>", portal_pages.portal, name="portal"),
    path("stripe/portal/<str:secret>/card", portal_pages.change_card, name="portal_card"),
    path("stripe/portal/<str:secret>/pay", portal_pages.pay_open_invoices, name="portal_pay"),
    path("stripe/portal/<str:secret>/<str:subscription_id>/switch", portal_pages.switch, name="portal_switch"),
    path("stripe/portal/<str:secret>/<str:subscription_id>/keep", portal_pages.keep_plan, name="portal_keep"),
    path("stripe/portal/<str:secret>/<str:subscription_id>/cancel", portal_pages.cancel, name="portal_cancel"),
    path("stripe/portal/<str:secret>/<str:subscription_id>/resume", portal_pages.resume, name="portal_resume"),
    path("stripe/", control_page.index, name="control"),
    path("stripe/clock", control_page.move_clock, name="move_clock"),
    path("stripe/account", control_page.save_behaviour, name="save_behaviour"),
    path("stripe/webhooks", control_page.save_manner, name="save_manner"),
    path("stripe/payments/<str:intent_id>/settle", control_page.settle, name="settle"),
    path("stripe/customers/<str:customer_id>/card", control_page.use_card, name="use_card"),
    path("stripe/charges/<str:charge_id>/refund", control_page.refund, name="refund"),
    path("stripe/charges/<str:charge_id>/dispute", control_page.dispute, name="dispute"),
    path("stripe/disputes/<str:dispute_id>/decide", control_page.decide, name="decide"),
    path("stripe/events/<str:event_id>/again", control_page.redeliver, name="redeliver"),
    path("sandbox/stripe/settings", controls.settings),
    path("sandbox/stripe/clock", controls.clock),
    path("sandbox/stripe/reset", controls.reset),
    path("sandbox/stripe/violations", controls.violations, name="violations"),
    path("sandbox/stripe/requests", controls.requests, name="requests"),
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
