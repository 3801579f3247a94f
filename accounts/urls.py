"""Addresses of a customer's own pages, beside allauth's."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("", views.account, name="account"),
    path("reauthenticate/", views.reauthenticate_by_code, name="account_reauthenticate_by_code"),
    path("reauthenticate/send/", views.send_reauthentication_code, name="account_send_reauthentication_code"),
]
