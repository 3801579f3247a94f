"""Addresses of a customer's money."""

from django.urls import path

from billing.views import overview

app_name = "billing"

urlpatterns = [path("", overview.overview, name="overview")]
