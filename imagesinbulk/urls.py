from django.contrib import admin
from django.urls import include, path

from accounts.sessions.views import list_sessions
from batches.predictions.views import webhook
from batches.urls import key_urlpatterns, usage_urlpatterns, webhook_urlpatterns
from billing.stripe.endpoint import WebhookView
from imagesinbulk import pages, well_known
from imagesinbulk.api.docs import docs
from imagesinbulk.api.examples import example, examples
from imagesinbulk.api.routes import api
from operations.monitoring.views import healthz, livez, metrics, readyz

handler429 = "accounts.audit.views.too_many_requests"  # for allauth's rate limits

urlpatterns = [
    path("", pages.home, name="home"),
    # First, because open tabs and programs poll these every few seconds.
    path("batches/", include("batches.urls")),
    path("api/v1/", api.urls),
    path("", include("privacy.legal.urls")),
    path("pricing/", pages.pricing, name="pricing"),
    # Before allauth's own at the same URL, which has no setting for its form.
    path("accounts/sessions/", list_sessions, name="usersessions_list"),
    path("accounts/", include("allauth.urls")),
    path("account/", include("accounts.urls")),
    path("account/privacy/", include("privacy.urls")),
    path("account/billing/", include("billing.urls")),
    path("account/keys/", include(key_urlpatterns)),
    path("account/usage/", include(usage_urlpatterns)),
    path("account/webhooks/", include(webhook_urlpatterns)),
    # Before dj-stripe's own at the same URL, which is needed for its name.
    path("stripe/webhook/<uuid:uuid>/", WebhookView.as_view()),
    path("stripe/", include("djstripe.urls", namespace="djstripe")),
    path("replicate/webhook/", webhook, name="replicate_webhook"),
    path("admin/", admin.site.urls),
    path("api/v1/docs", docs, name="api_docs"),
    path("api/v1/examples", examples, name="api_examples"),
    path("api/v1/examples/<str:file>", example, name="api_example"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("livez", livez, name="livez"),
    path("readyz", readyz, name="readyz"),
    path("healthz", healthz, name="healthz"),
    path("metrics", metrics, name="metrics"),
    path(".well-known/security.txt", well_known.security_txt, name="security_txt"),
    path(".well-known/change-password", well_known.change_password, name="change_password"),
]
