"""URLs of a user's own pages; allauth's are beside them."""

from django.urls import path

from accounts import views
from accounts.audit.views import activity

urlpatterns = [
    path("", views.account, name="account"),
    path("activity/", activity, name="account_activity"),
    path("enrolment/<str:token>/", views.enrolment, name="account_enrolment"),
]
