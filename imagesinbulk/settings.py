"""Settings of Images in bulk, from the environment or `.env` (docs/configuration.md).

Without any variables a clone has SQLite, one worker process, the sandbox instead of OpenAI, and emails in a folder.
"""

from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from imagesinbulk.config import accounts as account_settings
from imagesinbulk.config import sentry
from imagesinbulk.config.databases import tuned_database
from imagesinbulk.config.environment import Environment
from imagesinbulk.config.logs import console_logging
from imagesinbulk.config.secret_key import embedded_secret_key
from imagesinbulk.config.security_headers import content_security_policy
from imagesinbulk.config.social_providers import social_providers
from imagesinbulk.config.storage import image_storage
from operations.processes import HOST, running_port

BASE_DIR = Path(__file__).resolve().parent.parent

env = Environment()
env.read_env(BASE_DIR / ".env")

# Database, images, mails and static files of a clone.
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(mode=0o700, exist_ok=True)

# Site

DEBUG = env.bool("DEBUG", default=False)
_port = running_port(VAR_DIR)
SITE_URL = env.str("SITE_URL", default=f"http://{HOST}:{_port}").rstrip("/")
SITE_HOST = urlsplit(SITE_URL).hostname or "127.0.0.1"
# A site with https is public; everything else is a developer's machine.
IS_PUBLIC = SITE_URL.startswith("https://")
IS_LOCAL = SITE_HOST in ("127.0.0.1", "localhost", "::1")
SECRET_KEY = env.str("SECRET_KEY", default="") or embedded_secret_key(VAR_DIR)
# Old keys for existing sessions and encrypted secrets (docs/configuration.md).
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
SECRET_KEY_IS_EMBEDDED = not env.str("SECRET_KEY", default="")
# The key for the customer identifiers that OpenAI gets. Empty: SECRET_KEY is used.
SAFETY_IDENTIFIER_KEY = env.str("SAFETY_IDENTIFIER_KEY", default="")
_OWN_MACHINE = [] if IS_PUBLIC else ["127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[SITE_HOST, *_OWN_MACHINE])
CSRF_TRUSTED_ORIGINS = [SITE_URL]
ROOT_URLCONF = "imagesinbulk.urls"
WSGI_APPLICATION = "imagesinbulk.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "imagesinbulk.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.google",
    "allauth.socialaccount.providers.microsoft",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "accounts",
    # Before our apps, so that its receivers run first.
    "djstripe",
    "billing",
    "batches",
    "privacy",
    "operations",
    "sandbox",
]

MIDDLEWARE = [
    "imagesinbulk.middleware.unread_body.UnreadBodyMiddleware",
    "imagesinbulk.middleware.request_id.RequestIdMiddleware",
    "imagesinbulk.middleware.headers.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "imagesinbulk.middleware.csp.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "imagesinbulk.middleware.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "imagesinbulk.middleware.size.SizeMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.sessions.lifetimes.SessionLifetimeMiddleware",
    "imagesinbulk.middleware.language.UserLanguageMiddleware",
    "privacy.middleware.PendingDeletionMiddleware",
    "imagesinbulk.middleware.api.ApiMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "imagesinbulk.context.site",
            ],
            "libraries": {"import_map": "imagesinbulk.import_map"},
        },
    },
]

# Database: SQLite in the clone, MariaDB in production (docs/decisions/0002).

DATABASES = {
    "default": tuned_database(env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")),
}
# allauth has conditional unique constraints, which MariaDB has not. Our models use nullable unique columns instead.
SILENCED_SYSTEM_CHECKS = ["models.W036"]

# Cache and sessions. The cache is shared by all web processes, because it contains the sign-in limits.

CACHE_URL = env.str("CACHE_URL", default="")
if CACHE_URL:
    CACHES = {"default": env.cache_url_config(CACHE_URL)}
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": VAR_DIR / "cache",
            "OPTIONS": {"MAX_ENTRIES": 5000},
        }
    }
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
# For customers: days without use, and days in all. Operators' sessions are shorter (accounts.sessions.lifetimes).
SESSION_IDLE_DAYS = env.int("SESSION_IDLE_DAYS", default=14)
SESSION_MAX_DAYS = env.int("SESSION_MAX_DAYS", default=30)
SESSION_COOKIE_AGE = SESSION_IDLE_DAYS * 24 * 60 * 60

# Files

MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(VAR_DIR / "media"))
STATIC_URL = "/static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(VAR_DIR / "static"))
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("vendor/client-zip", BASE_DIR / "node_modules" / "client-zip"),
    ("vendor/idb", BASE_DIR / "node_modules" / "idb" / "build"),
]
STORAGES = {
    "default": image_storage(
        env.str("S3_BUCKET", default=""),
        endpoint_url=env.str("S3_ENDPOINT_URL", default=""),
        region_name=env.str("S3_REGION", default=""),
        access_key=env.str("S3_ACCESS_KEY_ID", default=""),
        secret_key=env.str("S3_SECRET_ACCESS_KEY", default=""),
    ),
    "staticfiles": {"BACKEND": "imagesinbulk.backends.staticfiles.StaticFilesStorage"},
}
# 1,000 prompts of 32,000 characters and their names, sent as multipart: urlencoded, a comma would take three bytes.
DATA_UPLOAD_MAX_MEMORY_SIZE = 40_000_000
# Larger photos wait on the disk for their turn to be decoded.
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

# Languages

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "imagesinbulk.formats"
TIME_ZONE = "UTC"

# Accounts: django-allauth (docs/decisions/0008).

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = account_settings.PASSWORD_VALIDATORS
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_FORMS = account_settings.ACCOUNT_FORMS
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
# allauth's default of three minutes is too short for mail servers that delay the first mail of a sender.
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 600
# Allows a school class to sign up from one IP address.
ACCOUNT_RATE_LIMITS = {"signup": "20/m/ip,200/d/ip"}
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_SESSION_REMEMBER = True
# The audit trail (docs/decisions/0016).
AUDIT_TRAIL_DAYS = env.int("AUDIT_TRAIL_DAYS", default=365)
# Days after its end when a batch is deleted with its prompts; 0: only its customer deletes it.
PROMPT_RETENTION_DAYS = env.int("PROMPT_RETENTION_DAYS", default=0)
# How long the deletion of an account can be undone (docs/privacy.md).
ACCOUNT_DELETION_DAYS = env.int("ACCOUNT_DELETION_DAYS", default=7)
# The sender's name is that of the site.
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if IS_PUBLIC else "http"
USERSESSIONS_ADAPTER = "accounts.adapters.UserSessionsAdapter"
USERSESSIONS_TRACK_ACTIVITY = True  # by accounts.sessions.lifetimes
MFA_ADAPTER = "accounts.mfa.adapter.MFAAdapter"
MFA_FORMS = account_settings.MFA_FORMS
MFA_SUPPORTED_TYPES = ["recovery_codes", "totp", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1
MFA_TOTP_ISSUER = "Images in bulk"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_PUBLIC
SOCIALACCOUNT_ADAPTER = "accounts.adapters.SocialAccountAdapter"
SOCIALACCOUNT_FORMS = {"disconnect": "accounts.forms.DisconnectForm"}
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=1 if IS_PUBLIC else 0)

# Mail: without EMAIL_URL each mail is printed and written to a file, which the sandbox shows.

DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"Images in bulk <hello@{SITE_HOST}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 30
MAIL_DIR = env.str("MAIL_DIR", default=str(VAR_DIR / "mail"))
EMAIL_URL = env.str("EMAIL_URL", default="")
if EMAIL_URL:
    globals().update(env.email_url_config(EMAIL_URL))
else:
    EMAIL_BACKEND = "imagesinbulk.backends.mail.PrintedFileBackend"
    EMAIL_FILE_PATH = MAIL_DIR

# Upstream: OpenAI, or a server with the same images API.

SANDBOX_URL = env.str("SANDBOX_URL", default=f"http://{HOST}:{_port + 1}").rstrip("/")
OPENAI_API_KEY = env.str("OPENAI_API_KEY", default="")
SANDBOX = not OPENAI_API_KEY
OPENAI_BASE_URL = env.str(
    "OPENAI_BASE_URL", default=f"{SANDBOX_URL}/v1" if SANDBOX else "https://api.openai.com/v1"
).rstrip("/")
# Other servers often support fewer parameters, and return URLs unless asked for base64.
OPENAI_COMPATIBLE = env.bool(
    "OPENAI_COMPATIBLE",
    default=not SANDBOX and not (urlsplit(OPENAI_BASE_URL).hostname or "").endswith("api.openai.com"),
)
# The limit of our key for all customers; 0 means none. Five is OpenAI's first paid tier.
OPENAI_IMAGES_PER_MINUTE = env.int("OPENAI_IMAGES_PER_MINUTE", default=0 if SANDBOX else 5)
# The length of that "minute": other servers use other windows, and tests shorter ones.
OPENAI_LIMIT_SECONDS = env.int("OPENAI_LIMIT_SECONDS", default=60)

# The model that suggests wordings. Empty: there are no suggestions. Few other servers have the Responses API.
OPENAI_TEXT_MODEL = env.str("OPENAI_TEXT_MODEL", default="" if OPENAI_COMPATIBLE else "gpt-6-luna")
WRITING_SUGGESTIONS_PER_DAY = env.int("WRITING_SUGGESTIONS_PER_DAY", default=200)
# The model that checks prompts before they are sent. Empty: they are not checked.
OPENAI_MODERATION_MODEL = env.str(
    "OPENAI_MODERATION_MODEL", default="" if OPENAI_COMPATIBLE else "omni-moderation-latest"
)
# The limit of our key for that model; 0 means none. 10,000 is OpenAI's first paid tier.
OPENAI_MODERATION_TOKENS_PER_MINUTE = env.int("OPENAI_MODERATION_TOKENS_PER_MINUTE", default=0 if SANDBOX else 10_000)
# Send no prompt unchecked, also while the moderations API is down.
MODERATION_REQUIRED = env.bool("MODERATION_REQUIRED", default=False)

# Videos and further image models: Replicate, or the sandbox beside OpenAI's (docs/decisions/0032).
REPLICATE_API_TOKEN = env.str("REPLICATE_API_TOKEN", default="")
REPLICATE_SANDBOX = SANDBOX and not REPLICATE_API_TOKEN
_replicate_url = f"{SANDBOX_URL}/v1" if REPLICATE_SANDBOX else "https://api.replicate.com/v1"
REPLICATE_BASE_URL = env.str("REPLICATE_BASE_URL", default=_replicate_url).rstrip("/")

# Sign-in with Google and Microsoft, or with the sandbox, where anyone can sign in as anybody.
GOOGLE_CLIENT_ID = env.str("GOOGLE_CLIENT_ID", default="")
MICROSOFT_CLIENT_ID = env.str("MICROSOFT_CLIENT_ID", default="")
IDENTITY_SANDBOX = SANDBOX and IS_LOCAL and not (IS_PUBLIC or GOOGLE_CLIENT_ID or MICROSOFT_CLIENT_ID)
SOCIALACCOUNT_PROVIDERS = social_providers(
    google=(GOOGLE_CLIENT_ID, env.str("GOOGLE_CLIENT_SECRET", default="")),
    microsoft=(MICROSOFT_CLIENT_ID, env.str("MICROSOFT_CLIENT_SECRET", default="")),
    sandbox_url=SANDBOX_URL if IDENTITY_SANDBOX else "",
)

# Payments: Stripe, or the sandbox without a key (docs/decisions/0011).
STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", default="")
# With a key for OpenAI, only a local site uses Stripe's sandbox, which would sell real images for no money.
STRIPE_SANDBOX = not STRIPE_SECRET_KEY and (SANDBOX or IS_LOCAL)
STRIPE_ENABLED = STRIPE_SANDBOX or bool(STRIPE_SECRET_KEY)
STRIPE_LIVE_MODE = STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_"))
if SANDBOX and STRIPE_LIVE_MODE:
    raise ImproperlyConfigured(
        "STRIPE_SECRET_KEY is a live key and OPENAI_API_KEY is not set: customers would pay for the sandbox's pictures."
    )
if STRIPE_SANDBOX:
    STRIPE_SECRET_KEY = "sk_test_ofTheSandboxWhichTakesAnyTestKey"  # noqa: S105  (opens nothing)
# For programs with their own payment form; our pages don't use it.
STRIPE_PUBLISHABLE_KEY = env.str("STRIPE_PUBLISHABLE_KEY", default="")
_stripe_host = SANDBOX_URL if STRIPE_SANDBOX else "https://api.stripe.com"
STRIPE_API_HOST = env.str("STRIPE_API_HOST", default=_stripe_host).rstrip("/")
# dj-stripe's version; our calls must use the same as its models.
STRIPE_API_VERSION = "2026-05-27.dahlia"
STRIPE_AUTOMATIC_TAX = env.bool("STRIPE_AUTOMATIC_TAX", default=False)
STRIPE_GRACE_DAYS = env.int("STRIPE_GRACE_DAYS", default=7)
DJSTRIPE_FOREIGN_KEY_TO_FIELD = "id"
# Only our code links customers to users, never metadata.
DJSTRIPE_SUBSCRIBER_CUSTOMER_KEY = None
MIGRATION_MODULES = {"djstripe": "billing.stripe.djstripe_migrations"}
# Replaced by our own check of STRIPE_API_HOST.
SILENCED_SYSTEM_CHECKS += ["djstripe.W002"]

# Runs and delivery

FREE_CREDITS = env.int("FREE_CREDITS", default=5)
FREE_CREDITS_PER_MONTH = env.int("FREE_CREDITS_PER_MONTH", default=0)
# A batch whose worker has died continues after this time. Short leases expire when the database is slow.
LEASE_SECONDS = env.float("LEASE_SECONDS", default=20)
LEASE_RENEWAL_SECONDS = LEASE_SECONDS / 4
# The server deletes an image this long after the browser has confirmed it, or, if none has, after it was made.
IMAGE_GRACE_HOURS = env.int("IMAGE_GRACE_HOURS", default=24)
IMAGE_MAX_AGE_HOURS = env.int("IMAGE_MAX_AGE_HOURS", default=14 * 24)

# Background jobs: imagesinbulk/config/celery.py has Celery's own settings.

BROKER_URL = env.str("BROKER_URL", default="memory://embedded")
BROKER_IS_EMBEDDED = BROKER_URL.startswith("memory://")
# How often each worker looks for stalled batches; with the embedded broker also for new ones.
SWEEP_SECONDS = 1.0 if BROKER_IS_EMBEDDED else 3.0
# Where `limits` counts images per minute (in workers) and requests per minute (in web processes). In a clone there is
# one process of each kind.
RATE_LIMIT_STORAGE_URL = (
    CACHE_URL.replace("rediscache://", "redis://") if CACHE_URL.startswith("redis") else "memory://"
)

# Security

if IS_PUBLIC:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^(livez|readyz|healthz|metrics)$"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_PUBLIC
# The chosen language is remembered after the browser is closed.
LANGUAGE_COOKIE_AGE = 31_536_000
LANGUAGE_COOKIE_SECURE = IS_PUBLIC
LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SECURITY_CONTACT = env.str("SECURITY_CONTACT", default="")
# Not required on a local site, so that the admin is easy to try.
ADMIN_REQUIRES_MFA = env.bool("ADMIN_REQUIRES_MFA", default=IS_PUBLIC)
# Signing in with a provider and paying are POSTs that redirect to another site.
CONTENT_SECURITY_POLICY = content_security_policy(
    form_targets=[
        *([SANDBOX_URL] if IDENTITY_SANDBOX else ["https://accounts.google.com", "https://login.microsoftonline.com"]),
        *([SANDBOX_URL] if STRIPE_SANDBOX else ["https://checkout.stripe.com", "https://billing.stripe.com"]),
    ],
    is_public=IS_PUBLIC,
)

# The token of /metrics. Empty: there is no such page.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
LOGGING = console_logging(env.str("LOG_LEVEL", default="INFO"), env.str("LOG_FORMAT", default="text"))
if SENTRY_DSN := env.str("SENTRY_DSN", default=""):
    sentry.start(SENTRY_DSN)
