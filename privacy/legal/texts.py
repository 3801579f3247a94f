"""The text of a legal page: the operators', or else the template text that comes with the site."""

from dataclasses import dataclass
from email.utils import parseaddr

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from batches.delivery.retention import policy
from billing.plans import FREE, PACKS, PLANS
from privacy.models import LegalPage

Kind = LegalPage.Kind


@dataclass(frozen=True)
class Text:
    """`language` may differ from the reader's, if the operators wrote the page in another one only."""

    text: str
    language: str
    is_template: bool = False


def text_of(kind: Kind, language: str) -> Text:
    written = {page.language: page.text for page in LegalPage.objects.filter(kind=kind) if page.text.strip()}
    if not written:
        return Text(template_text(kind, language), language, is_template=True)
    chosen = language if language in written else next(iter(written))
    return Text(written[chosen], chosen)


def template_text(kind: Kind, language: str) -> str:
    with translation.override(language):
        facts = {
            "site": settings.SITE_HOST,
            "email": parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
            "policy": policy(),
            "deletion_days": settings.ACCOUNT_DELETION_DAYS,
            "prompt_days": settings.PROMPT_RETENTION_DAYS,
            "replicate": settings.REPLICATE_API_TOKEN,
            "session_days": settings.SESSION_MAX_DAYS,
            "trail_days": settings.AUDIT_TRAIL_DAYS,
            "free": FREE,
            "plans": PLANS,
            "packs": PACKS,
        }
        return render_to_string(f"privacy/legal/{language}/{kind}.md", facts)
