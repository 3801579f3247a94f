from django.urls import include, path

from . import control, views

urlpatterns = [
    path("", views.home, name="home"),
    path("mail/", views.mail_list, name="mail"),
    path("mail/<str:name>/", views.mail_detail, name="mail_detail"),
    path("sandbox/settings", control.settings, name="settings"),
    path("sandbox/calls", control.calls, name="calls"),
    path("sandbox/files/<str:name>", control.file, name="file"),
    path("", include("sandbox.identity.urls")),
    path("", include("sandbox.replicate.urls")),
    # Before OpenAI's, whose last pattern takes every path below /v1/.
    path("", include("sandbox.stripe.urls")),
    path("v1/", include("sandbox.openai.urls")),
]
