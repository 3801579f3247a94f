from django.urls import path

from accounts import views
from accounts.audit.views import activity

urlpatterns = [
    path("", views.account, name="account"),
    path("activity/", activity, name="account_activity"),
    path("batch-mails/", views.batch_mails, name="account_batch_mails"),
    path("batch-mails/off/<str:token>/", views.batch_mails_off, name="account_batch_mails_off"),
    path("enrolment/<str:token>/", views.enrolment, name="account_enrolment"),
]
