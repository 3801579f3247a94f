from django.urls import path

from . import views

app_name = "identity"
# Google's and Microsoft's own paths, below the name of each.
urlpatterns = [
    path("google/o/oauth2/v2/auth", views.authorize, {"provider": "google"}, name="google"),
    path("google/token", views.token, {"provider": "google"}),
    path("microsoft/common/oauth2/v2.0/authorize", views.authorize, {"provider": "microsoft"}, name="microsoft"),
    path("microsoft/common/oauth2/v2.0/token", views.token, {"provider": "microsoft"}),
    path("microsoft/v1.0/me", views.profile),
]
