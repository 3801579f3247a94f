from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig, apps
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.checks import CheckMessage, Error, Tags, Warning, register, run_checks
from django.core.exceptions import ImproperlyConfigured

#: Tag of the checks that the web server and workers make before they start.
_AT_START = "start"
#: Smaller numbers would delete what is still needed, sign everybody out, or stop all batches.
_SMALLEST = {
    "ACCOUNT_DELETION_DAYS": 0,
    "AUDIT_TRAIL_DAYS": 1,
    "FREE_CREDITS": 0,
    "FREE_CREDITS_PER_MONTH": 0,
    "IMAGE_GRACE_HOURS": 0,
    "IMAGE_MAX_AGE_HOURS": 1,
    "LEASE_SECONDS": 1,
    "OPENAI_IMAGES_PER_MINUTE": 0,
    "OPENAI_LIMIT_SECONDS": 1,
    "OPENAI_MODERATION_TOKENS_PER_MINUTE": 0,
    "PROMPT_RETENTION_DAYS": 0,
    "SESSION_IDLE_DAYS": 1,
    "SESSION_MAX_DAYS": 1,
    "STRIPE_GRACE_DAYS": 0,
}


def refuse_wrong_settings() -> None:
    """Raise `ImproperlyConfigured` if a check of ours finds an error. Commands do the same by themselves."""
    messages = run_checks(tags=[_AT_START], include_deployment_checks=True)
    if errors := [f"{message.msg} {message.hint or ''}".strip() for message in messages if message.is_serious()]:
        raise ImproperlyConfigured(" ".join(errors))


@register(Tags.security, _AT_START)
def check_public_site(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    return list(_public_faults()) if settings.IS_PUBLIC else []


def _public_faults() -> Iterator[CheckMessage]:
    if settings.SECRET_KEY_IS_EMBEDDED:
        yield Error("SECRET_KEY is not set.", hint="Set it, the same on all machines.", id="imagesinbulk.E001")
    if not settings.SAFETY_IDENTIFIER_KEY:
        yield Warning(
            "SAFETY_IDENTIFIER_KEY is not set: after a change of SECRET_KEY, all customers are new ones to OpenAI.",
            hint="Set it to the present SECRET_KEY, on a new site to a random text.",
            id="imagesinbulk.W003",
        )
    if settings.DEBUG:
        yield Error("DEBUG shows our code and settings to strangers.", hint="Unset it.", id="imagesinbulk.E002")
    if not settings.CACHE_URL:
        yield Error(
            "CACHE_URL is not set: sign-in limits and sessions would be stored on one machine only.",
            hint="Set it to a Redis server.",
            id="imagesinbulk.E003",
        )
    if settings.SANDBOX:
        yield Warning("OPENAI_API_KEY is not set: customers would get the sandbox's pictures.", id="imagesinbulk.W001")
    if not settings.EMAIL_URL:
        yield Error("EMAIL_URL is not set: sign-in codes could not be sent.", id="imagesinbulk.E004")


@register(_AT_START)
def check_upstream(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    parts = urlsplit(settings.OPENAI_BASE_URL)
    if parts.scheme in ("http", "https") and parts.hostname:
        return []
    return [
        Error(
            f"OPENAI_BASE_URL is not a web address: {settings.OPENAI_BASE_URL!r}",
            hint="It includes the version, e.g. https://api.openai.com/v1",
            id="imagesinbulk.E005",
        )
    ]


@register(_AT_START)
def check_engine(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse numbers that are too small; warn of limits that each process counts for itself."""
    faults: list[CheckMessage] = [
        Error(f"{name} is {value}, and must be at least {smallest}.", id="imagesinbulk.E006")
        for name, smallest in _SMALLEST.items()
        if (value := getattr(settings, name)) < smallest
    ]
    if not settings.BROKER_IS_EMBEDDED and settings.RATE_LIMIT_STORAGE_URL.startswith("memory:"):
        faults.append(
            Warning(
                "Each process would count images per minute for itself.",
                hint="Set CACHE_URL to a Redis server.",
                id="imagesinbulk.W002",
            )
        )
    return faults


@register(_AT_START, deploy=True)
def check_static_files(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Every page needs them: a page that names a file which `collectstatic` has not seen is an error 500."""
    collected = getattr(staticfiles_storage, "hashed_files", None)
    if settings.DEBUG or collected is None:
        return []
    ignored = apps.get_app_config("staticfiles").ignore_patterns  # type: ignore[attr-defined]
    found = (pair for finder in get_finders() for pair in finder.list(ignored))
    names = {str(PurePosixPath(getattr(storage, "prefix", None) or "", name)) for name, storage in found}
    if not (missing := names - collected.keys()):
        return []
    return [
        Error(
            f"STATIC_ROOT lacks {len(missing)} of {len(names)} static files, such as {min(missing)}.",
            hint="Run manage.py collectstatic.",
            id="imagesinbulk.E008",
        )
    ]
