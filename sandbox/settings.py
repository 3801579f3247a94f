"""Settings of the sandbox's own small project: no database, no users, nothing that is worth protecting."""

import logging
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.management.utils import get_random_secret_key
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent

# Made at each start: it signs nothing but the forms of the control page.
SECRET_KEY = get_random_secret_key()
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
ROOT_URLCONF = "sandbox.urls"
WSGI_APPLICATION = "sandbox.wsgi.application"
DATABASES: dict[str, dict[str, object]] = {}
INSTALLED_APPS = ["django.contrib.staticfiles", "csp", "sandbox"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"

# Cookies know no ports: under its own name this one leaves the site's forms alone.
CSRF_COOKIE_NAME = "sandbox_csrftoken"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Up to 16 reference images of 20 MB each come inside one JSON body.
DATA_UPLOAD_MAX_MEMORY_SIZE = 350_000_000


def _has_traceback(record: logging.LogRecord) -> bool:
    return bool(record.exc_info)


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    # Faults on request are not errors of the sandbox: only tracebacks are logged.
    "filters": {"traceback": {"()": "django.utils.log.CallbackFilter", "callback": _has_traceback}},
    "handlers": {"console": {"class": "logging.StreamHandler", "filters": ["traceback"]}},
    "loggers": {"django": {"handlers": ["console"], "level": "ERROR", "propagate": False}},
}
