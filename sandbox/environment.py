"""The environment variables of the sandbox's process; `run_sandbox` sets them."""

import os
from pathlib import Path

DEFAULT_DELAY_SECONDS = 1.5


def delay_seconds() -> float:
    """How long an image takes at first; the control page changes it later."""
    return float(os.environ.get("SANDBOX_DELAY_SECONDS", DEFAULT_DELAY_SECONDS))


def mail_dir() -> Path:
    """The folder in which the site leaves its mails."""
    return Path(os.environ.get("SANDBOX_MAIL_DIR", "var/mail"))


def site_url() -> str:
    """The site that uses this sandbox, for the way back."""
    return os.environ.get("SANDBOX_SITE_URL", "http://127.0.0.1:8000")


def stripe_file() -> Path | None:
    """Where the stand-in for Stripe keeps its state over a restart; None to keep it in memory only."""
    name = os.environ.get("SANDBOX_STRIPE_FILE", "")
    return Path(name) if name else None


def stripe_finalizes_at_once() -> bool:
    """Whether renewals are charged when the period ends, not an hour later; the control page can change it."""
    return os.environ.get("SANDBOX_STRIPE_FINALIZES_AT_ONCE", "off") == "on"


def stripe_is_served() -> bool:
    """Whether the stand-in for Stripe answers: not if there is a real key."""
    return os.environ.get("SANDBOX_STRIPE", "on") != "off"


def openai_is_served() -> bool:
    """Whether the stand-in for OpenAI answers: not if there is a real key."""
    return os.environ.get("SANDBOX_OPENAI", "on") != "off"


def replicate_is_served() -> bool:
    """Whether the stand-in for Replicate answers: not if there is a real token."""
    return os.environ.get("SANDBOX_REPLICATE", "on") != "off"


def identity_is_served() -> bool:
    """Whether Google and Microsoft are imitated: not if there are real client ids, and never for a public site."""
    return os.environ.get("SANDBOX_IDENTITY", "on") != "off"
