from django.urls import path, re_path

from sandbox.stripe.api.routes import ROUTES

from .api import view
from .controls import page, programs
from .hosted import authentication_page, checkout_page, documents, portal_page

app_name = "stripe"
# How the paths begin: OpenAI's own are /v1/images and the like.
FIRST_WORDS = sorted({"/".join(route.path.split("/")[1:3]) for route in ROUTES})

urlpatterns = [
    re_path(rf"^(?:{'|'.join(FIRST_WORDS)})(?:/.*)?$", view.answer, name="api"),
    path("stripe/checkout/<str:session_id>", checkout_page.checkout, name="checkout"),
    path("stripe/checkout/<str:session_id>/pay", checkout_page.pay, name="pay"),
    path("stripe/checkout/<str:session_id>/authenticate", checkout_page.authenticate, name="authenticate_checkout"),
    path("stripe/authenticate/<str:intent_id>", authentication_page.authenticate, name="authenticate"),
    path("stripe/checkout/<str:session_id>/decline", checkout_page.decline, name="decline"),
    path("stripe/checkout/<str:session_id>/later", checkout_page.pay_later, name="pay_later"),
    path("stripe/checkout/<str:session_id>/code", checkout_page.redeem, name="redeem"),
    path("stripe/invoices/<str:invoice_id>", documents.invoice, name="invoice"),
    path("stripe/invoices/<str:invoice_id>/pay", documents.pay_invoice, name="pay_invoice"),
    path("stripe/receipts/<str:charge_id>", documents.receipt, name="receipt"),
    path("stripe/portal/<str:secret>", portal_page.portal, name="portal"),
    path("stripe/portal/<str:secret>/card", portal_page.change_card, name="portal_card"),
    path("stripe/portal/<str:secret>/pay", portal_page.pay_open_invoices, name="portal_pay"),
    path("stripe/portal/<str:secret>/<str:subscription_id>/switch", portal_page.switch, name="portal_switch"),
    path("stripe/portal/<str:secret>/<str:subscription_id>/keep", portal_page.keep_plan, name="portal_keep"),
    path("stripe/portal/<str:secret>/<str:subscription_id>/cancel", portal_page.cancel, name="portal_cancel"),
    path("stripe/portal/<str:secret>/<str:subscription_id>/resume", portal_page.resume, name="portal_resume"),
    path("stripe/", page.index, name="control"),
    path("stripe/clock", page.move_clock, name="move_clock"),
    path("stripe/account", page.save_behaviour, name="save_behaviour"),
    path("stripe/webhooks", page.save_manner, name="save_manner"),
    path("stripe/payments/<str:intent_id>/settle", page.settle, name="settle"),
    path("stripe/customers/<str:customer_id>/card", page.use_card, name="use_card"),
    path("stripe/customers/<str:customer_id>/card/expire", page.expire_card, name="expire_card"),
    path("stripe/charges/<str:charge_id>/refund", page.refund, name="refund"),
    path("stripe/charges/<str:charge_id>/dispute", page.dispute, name="dispute"),
    path("stripe/disputes/<str:dispute_id>/decide", page.decide, name="decide"),
    path("stripe/events/<str:event_id>/again", page.redeliver, name="redeliver"),
    path("sandbox/stripe/settings", programs.settings),
    path("sandbox/stripe/clock", programs.clock),
    path("sandbox/stripe/reset", programs.reset),
    path("sandbox/stripe/violations", programs.violations, name="violations"),
    path("sandbox/stripe/requests", programs.requests, name="requests"),
    path("sandbox/stripe/webhook", programs.webhook),
    path("sandbox/stripe/deliveries", programs.deliveries, name="deliveries"),
    path("sandbox/stripe/deliveries/replay", programs.replay),
    path("sandbox/stripe/deliveries/forge", programs.forge),
    path("sandbox/stripe/deliveries/drain", programs.drain),
    path("sandbox/stripe/checkout/<str:session_id>/pay", programs.pay),
    path("sandbox/stripe/payment_intents/<str:intent_id>/settle", programs.settle),
    path("sandbox/stripe/customers/<str:customer_id>/card", programs.use_card),
    path("sandbox/stripe/customers/<str:customer_id>/card/expire", programs.expire_card),
    path("sandbox/stripe/charges/<str:charge_id>/dispute", programs.dispute),
    path("sandbox/stripe/disputes/<str:dispute_id>/decide", programs.decide),
    path("sandbox/stripe/refunds/<str:refund_id>/fail", programs.fail_refund),
]
