from django.urls import path

from privacy.legal import views
from privacy.models import LegalPage

app_name = "legal"
urlpatterns = [path(f"{kind}/", views.page, {"kind": kind}, name=kind) for kind in LegalPage.Kind.values]
