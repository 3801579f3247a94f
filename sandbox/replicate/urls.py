from django.urls import path

from . import views

app_name = "replicate"
urlpatterns = [
    path("v1/predictions", views.predictions, name="predictions"),
    path("v1/predictions/<str:prediction_id>", views.detail, name="prediction"),
    path("v1/predictions/<str:prediction_id>/cancel", views.cancel, name="cancel"),
    path("v1/models/<str:owner>/<str:name>/predictions", views.create, name="create"),
    path("v1/webhooks/default/secret", views.webhook_secret, name="webhook_secret"),
    path("replicate/files/<str:prediction_id>/<str:name>", views.file, name="file"),
]
