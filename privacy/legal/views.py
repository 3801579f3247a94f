from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from lib.plain_markdown import as_html
from privacy.legal.texts import text_of
from privacy.models import LegalPage


@require_safe
def page(request: HttpRequest, kind: str) -> HttpResponse:
    """Show a legal page. Only operators see whether it is still the template text."""
    chosen = LegalPage.Kind(kind)
    shown = text_of(chosen, get_language() or "en")
    may_change = request.user.has_perm("privacy.change_legalpage")
    context = {
        "title": chosen.label,
        "body": as_html(shown.text),
        "language": shown.language,
        "edit_url": reverse("admin:privacy_legalpage_changelist") if may_change else "",
        "is_template": shown.is_template,
    }
    return render(request, "privacy/legal/page.html", context)
