from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register


@register(Tags.security)
def check_public_site(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    return list(_public_faults()) if settings.IS_PUBLIC else []


def _public_faults() -> Iterator[CheckMessage]:
    if settings.SECRET_KEY_IS_EMBEDDED:
        yield Error("SECRET_KEY is not set.", hint="Set it, the same on all machines.", id="imagesinbulk.E001")
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
        yield Error("EMAIL_URL is not set: nobody could get a sign-in code.", id="imagesinbulk.E004")


@register()
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


@register()
def check_engine(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse negative limits; warn of limits that each process counts for itself."""
    faults: list[CheckMessage] = []
    if settings.IMAGE_GRACE_HOURS < 0 or settings.IMAGE_MAX_AGE_HOURS < 1 or settings.OPENAI_IMAGES_PER_MINUTE < 0:
        faults.append(
            Error("IMAGE_GRACE_HOURS, IMAGE_MAX_AGE_HOURS and OPENAI_IMAGES_PER_MINUTE cannot be negative.",
                  id="imagesinbulk.E006")
        )  # fmt: skip
    if not settings.BROKER_IS_EMBEDDED and settings.RATE_LIMIT_STORAGE_URL.startswith("memory:"):
        faults.append(
            Warning(
                "Each process would count images per minute for itself.",
                hint="Set CACHE_URL to a Redis server.",
                id="imagesinbulk.W002",
            )
        )
    return faults
