from django.urls import path

from billing.views import overview, payments

app_name = "billing"

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("checkout/", payments.checkout, name="checkout"),
    path("portal/", payments.portal, name="portal"),
    path("success/", payments.success, name="success"),
    path("cancelled/", payments.cancelled, name="cancelled"),
]
