"""Addresses of a customer's own pages, beside allauth's."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("", views.account, name="account"),
    path("enrolment/<str:token>/", views.enrolment, name="account_enrolment"),
]
