"""The one settings module. Every switch is an environment variable listed in docs/settings.md.

Nothing here starts a server: `manage.py` and `bin/up` put DATABASE_URL, REDIS_URL and SECRET_KEY
into the environment first (lms_progress.embedded), a deployment sets them itself.
"""

import logging
import os
import re
import warnings
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from lms_progress import content_security, logs, upload_storage
from lms_progress.administration.theme import UNFOLD  # noqa: F401, the admin's look
from lms_progress.broker_url import celery_url
from lms_progress.sign_in import providers

BASE_DIR = Path(__file__).resolve().parent.parent


def _flag(name: str, default: bool = False) -> bool:
    return os.environ.get(name, str(default)).strip().lower() in {"1", "true", "yes", "on"}


def _number(name: str, default: str, kind: type = int, *, above: float = 0):
    text = os.environ.get(name, default)
    try:
        value = kind(text)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a number, not {text!r}") from None
    # `not (value > above)` also refuses NaN.
    if not (value > above) or value == float("inf"):
        raise ImproperlyConfigured(f"{name} must be a number above {above}, not {text!r}")
    return value


def _list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


# --- Safety -----------------------------------------------------------------------------------
SECRET_KEY = os.environ.get("SECRET_KEY", "")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. `bin/up` makes one in STATE_DIR; anywhere else set it yourself."
    )
DEBUG = _flag("DEBUG")
PUBLIC_URL = os.environ.get("PUBLIC_URL", "").rstrip("/")
_public = urlsplit(PUBLIC_URL)
ALLOWED_HOSTS = _list("ALLOWED_HOSTS") or [
    host for host in {"localhost", "127.0.0.1", "[::1]", _public.hostname} if host
]
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"] if _public.hostname else []
# Trackers on other origins carry a session's token, never this site's cookies.
# What hourly rates are in.
CURRENCY = os.environ.get("CURRENCY") or "EUR"
# What certificates say about their issuer.
CERTIFICATE_ISSUER = os.environ.get("CERTIFICATE_ISSUER") or "Learning progress"
CERTIFICATE_SIGNATORY = os.environ.get("CERTIFICATE_SIGNATORY", "")
CERTIFICATE_SIGNATORY_TITLE = os.environ.get("CERTIFICATE_SIGNATORY_TITLE", "")
CERTIFICATE_KEY = os.environ.get("CERTIFICATE_KEY", "")
CERTIFICATE_CHAIN = os.environ.get("CERTIFICATE_CHAIN", "")
BADGE_KEY = os.environ.get("BADGE_KEY", "")
# Where keys are made that none of these names.
STATE_DIR = BASE_DIR / (os.environ.get("STATE_DIR") or ".state")
# Without a mail server, mail is written to files in STATE_DIR: what people are sent is no log line.
EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_PORT = _number("EMAIL_PORT", "587")
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = _flag("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 10
EMAIL_BACKEND = (
    "progress.mail.smtp.EmailBackend"
    if EMAIL_HOST
    else "django.core.mail.backends.filebased.EmailBackend"
)
EMAIL_FILE_PATH = STATE_DIR / "mail"
DEFAULT_FROM_EMAIL = os.environ.get("EMAIL_FROM") or "learning@localhost"
CORS_ALLOWED_ORIGINS = _list("CORS_ALLOWED_ORIGINS")
CORS_URLS_REGEX = r"^/api/"
CORS_EXPOSE_HEADERS = ["retry-after", "etag", "api-version", "idempotent-replayed"]
CORS_EXPOSE_HEADERS += ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"]
CORS_PREFLIGHT_MAX_AGE = 86_400
# Behind so many proxies a client's address is the one that the first of ours saw.
PROXY_COUNT = _number("PROXY_COUNT", "0", above=-1)
# Plain HTTP on loopback works without further settings; an https PUBLIC_URL switches these on.
_https = _public.scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
# Where no proxy of ours overwrites it, anybody could write this header.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https and PROXY_COUNT else None
SECURE_SSL_REDIRECT = _https
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
SESSION_COOKIE_HTTPONLY = True
# A course's own simulations are framed by its pages.
X_FRAME_OPTIONS = "SAMEORIGIN"
PLAYER_FRAME_ANCESTORS = content_security.sites(
    "PLAYER_FRAME_ANCESTORS", _list("PLAYER_FRAME_ANCESTORS")
)
EMBEDDED_PLAYERS = content_security.players("EMBEDDED_PLAYERS", _list("EMBEDDED_PLAYERS"))
SILENCED_SYSTEM_CHECKS = ["security.W019"]

# --- What counts as progress (tracking rules) -------------------------------------------------
HEARTBEAT_SECONDS = _number("HEARTBEAT_SECONDS", "5")
IDLE_TIMEOUT_SECONDS = _number("IDLE_TIMEOUT_SECONDS", "300")
SESSION_TIMEOUT_SECONDS = _number("SESSION_TIMEOUT_SECONDS", "1800")
LATE_EVENT_DAYS = _number("LATE_EVENT_DAYS", "7")
MAX_EVENT_SECONDS = _number("MAX_EVENT_SECONDS", "120")
MAX_PLAYBACK_RATE = _number("MAX_PLAYBACK_RATE", "2.0", float)
PAGE_READ_SECONDS = _number("PAGE_READ_SECONDS", "2", float)
COMPLETE_AT = _number("COMPLETE_AT", "90", float)
if COMPLETE_AT > 100:
    raise ImproperlyConfigured(f"COMPLETE_AT is a percentage up to 100, not {COMPLETE_AT}")

# --- What is kept, and looked at again ---------------------------------------------------------
EVIDENCE_MONTHS = _number("EVIDENCE_MONTHS", "24", above=-1)
EVIDENCE_ARCHIVE = os.environ.get("EVIDENCE_ARCHIVE", "")
CHECK_SAMPLE = _number("CHECK_SAMPLE", "2000")

# --- Webhooks ---------------------------------------------------------------------------------
WEBHOOK_ALLOW_PRIVATE = _flag("WEBHOOK_ALLOW_PRIVATE")
WEBHOOK_PROGRESS_SECONDS = _number("WEBHOOK_PROGRESS_SECONDS", "60")
WEBHOOK_TIMEOUT_SECONDS = _number("WEBHOOK_TIMEOUT_SECONDS", "10")
WEBHOOK_MAX_ENDPOINTS = _number("WEBHOOK_MAX_ENDPOINTS", "20")
WEBHOOK_ROTATION_HOURS = _number("WEBHOOK_ROTATION_HOURS", "24")
WEBHOOK_DUE_DAYS = _number("WEBHOOK_DUE_DAYS", "7")
WEBHOOK_EXPIRING_DAYS = _number("WEBHOOK_EXPIRING_DAYS", "30")
WEBHOOK_KEPT_DAYS = _number("WEBHOOK_KEPT_DAYS", "30")
OWN_DATA_DAYS = _number("OWN_DATA_DAYS", "7")

# --- Parts ------------------------------------------------------------------------------------
INSTALLED_APPS = [
    # Before the admin, whose templates it replaces.
    "unfold.apps.BasicAppConfig",
    "lms_progress.administration.apps.Administration",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "corsheaders",
    "knox",
    "axes",
    "csp",
    "django_celery_beat",
    "django_structlog",
    "progress",
    "analytics",
    "certificates",
    "connections",
    "authoring",
    *(f"lms_progress.sign_in.apps.{name}" for name in ("Accounts", "Links", "SignIn")),
    "lms_progress.demo",
    "lms_progress.schema",
]
MIDDLEWARE = [
    "lms_progress.garbage_collection.GarbageCollectionSetup",
    "lms_progress.metrics.RequestTimes",
    "lms_progress.logs.RequestLog",
    "connections.inspector.middleware.Inspector",
    "lms_progress.request_checks.RequestChecks",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "csp.middleware.CSPMiddleware",
    "lms_progress.api_answers.ApiAnswers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "progress.pages.language.ChosenLanguage",
    "progress.pages.devices.NotedSignIns",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "progress.api.idempotency.IdempotencyKeys",
]
ROOT_URLCONF = "lms_progress.urls"
WSGI_APPLICATION = "lms_progress.wsgi.application"
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
                "django.template.context_processors.i18n",
            ],
        },
    },
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Database, cache, broker ------------------------------------------------------------------
if not os.environ.get("DATABASE_URL"):
    raise ImproperlyConfigured("DATABASE_URL is not set (`manage.py` and `bin/up` set it).")
DATABASES = {"default": dj_database_url.config(conn_max_age=60, conn_health_checks=True)}
if os.environ.get("DATABASE_REPLICA_URL"):
    DATABASES["replica"] = dj_database_url.config(
        "DATABASE_REPLICA_URL", conn_max_age=60, conn_health_checks=True
    )
DATABASE_ROUTERS = ["progress.operations.replica.ReplicaRouter"]
for _database in DATABASES.values():
    # A pooler that lends connections by the transaction can't keep a cursor between two of them.
    _database["DISABLE_SERVER_SIDE_CURSORS"] = True
if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL database.")
# Set once `manage.py distribution_plan` was applied: statements name the learner then.
DATABASE_DISTRIBUTED = _flag("DATABASE_DISTRIBUTED")
if DATABASE_DISTRIBUTED:
    DATABASES["default"]["ENGINE"] = "lms_progress.distributed_postgresql"

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
}
CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL") or celery_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# However long the broker is away, workers and beat come back with it.
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# Where thousands complete a course at once, what beat asks for doesn't wait behind their files.
# Of Redis 9 is the last; RabbitMQ, whose queues have no priorities here, keeps the order.
LAST_PRIORITY = 9
CELERY_TASK_ROUTES = {
    f"certificates.tasks.{name}": {"priority": LAST_PRIORITY}
    for name in ("render_certificate", "seal_evidence")
}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
# What a killed worker had taken comes back to the others after ten minutes (Celery's default: an
# hour), unless a sweep was quicker. A task that takes longer is started twice: each is safe then.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
}

# --- People -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "progress.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "lms_progress.sign_in.backends.PasswordsOnlyInEmergencies",
    "progress.security.permission_backend.PermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
]
# A classroom shares one address: lock the pair of name and address, never the address.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
# A user name or an address in any case: one account, one lock.
AXES_USERNAME_CALLABLE = "progress.security.lockout.account_name"
AXES_LOCKOUT_CALLABLE = "lms_progress.errors.locked_out"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25
AXES_HANDLER = "lms_progress.lockout.BoundedLockoutHandler"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "lms_progress.client_address.client_address"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}Validator"}
    for name in ("UserAttributeSimilarity", "MinimumLength", "CommonPassword", "NumericPassword")
]
CSRF_FAILURE_VIEW = "lms_progress.errors.stale_form"
SIGN_IN_PROVIDERS = providers.from_environment(os.environ)
SIGN_IN_ONLY_BY_PROVIDER = providers.only_by_provider(os.environ, SIGN_IN_PROVIDERS)
SOCIALACCOUNT_ADAPTER = "lms_progress.sign_in.adapter.ProviderAdapter"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "my-learning"
LOGOUT_REDIRECT_URL = "login"

# --- API --------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    # Whose address limits go by; what else stands in X-Forwarded-For anybody can write there.
    "NUM_PROXIES": PROXY_COUNT,
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "progress.api.authentication.TokenAuthentication",
        "progress.api.authentication.CookieAuthentication",
    ],
    "DEFAULT_PARSER_CLASSES": [
        "progress.api.parsers.TolerantJSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["progress.api.rate_limit.AccountThrottle"],
    "DEFAULT_SCHEMA_CLASS": "drf_standardized_errors.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "progress.api.pagination.Pages",
    "PAGE_SIZE": 50,
    "DEFAULT_FILTER_BACKENDS": [
        "progress.api.filtering.StrictFilterBackend",
        "progress.api.filtering.StrictOrderingFilter",
    ],
    "EXCEPTION_HANDLER": "progress.api.error_response.error_response",
    "NON_FIELD_ERRORS_KEY": "non_field_errors",
    "COERCE_DECIMAL_TO_STRING": False,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
# Each key begins with `lp_<environment>_`, so that one in the wrong place is seen at once.
API_KEY_ENVIRONMENT = os.environ.get("API_KEY_ENVIRONMENT") or "live"
if not re.fullmatch("[a-z]{2,6}", API_KEY_ENVIRONMENT):
    raise ImproperlyConfigured("API_KEY_ENVIRONMENT is a word of 2 to 6 small letters.")
REST_KNOX = {
    "AUTH_HEADER_PREFIX": "Token",
    "TOKEN_TTL": None,
    "TOKEN_PREFIX": f"lp_{API_KEY_ENVIRONMENT}_",
}
API_RATE_PER_MINUTE = _number("API_RATE_PER_MINUTE", "1200")
DRF_STANDARDIZED_ERRORS = {"ALLOWED_ERROR_STATUS_CODES": ["400", "401", "403", "404"]}
SPECTACULAR_SETTINGS = {
    "ENUM_NAME_OVERRIDES": {
        "WaiverReasonEnum": "progress.models.Waiver.Reason",
        "AlertKindEnum": "analytics.models.AlertKind",
        "StateEnum": "analytics.models.Alert.State",
        "DeliveryStateEnum": "connections.models.Delivery.State",
        "BucketKindEnum": "analytics.models.ContentEdition.Kind",
    },
    "TITLE": "Learning progress",
    "DESCRIPTION": "Who learned what: trustworthy seconds, live and explained.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "progress.api.openapi.complete_schema",
    ],
}

# --- Pages ------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("es", "Español"), ("ar", "العربية")]
LOCALE_PATHS = [BASE_DIR / "progress" / "locale"]
FORMAT_MODULE_PATH = "lms_progress.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("TIME_ZONE") or "UTC"
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT", BASE_DIR / ".static"))
STORAGES = upload_storage.storages(STATE_DIR)
UPLOAD_MAX_MB = _number("UPLOAD_MAX_MB", "1024")
UPLOAD_MEASURE_AT_ONCE_MB = _number("UPLOAD_MEASURE_AT_ONCE_MB", "32")
OFFICE_CONVERTER = os.environ.get("OFFICE_CONVERTER", "")
WAREHOUSE_DIR = os.environ.get("WAREHOUSE_DIR", "")
REMOTE_PDF_MAX_MB = _number("REMOTE_PDF_MAX_MB", "50")
REMOTE_PDF_SECONDS = _number("REMOTE_PDF_SECONDS", "30")
REMOTE_PDF_ALLOW_PRIVATE = _flag("REMOTE_PDF_ALLOW_PRIVATE")
UPLOAD_LINK_SECONDS = _number("UPLOAD_LINK_SECONDS", "21600")
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "progress.operations.tracker_modules.VersionedModules",
]
WHITENOISE_USE_FINDERS = "STATIC_ROOT" not in os.environ
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/progress-[0-9a-f]{12}/"
# Without STATIC_ROOT nothing needs to be collected for the finders to serve it.
warnings.filterwarnings("ignore", "No directory at", module="django.core.handlers.base")
CONTENT_SECURITY_POLICY = content_security.POLICY
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# --- Logs: ids, never names or addresses -------------------------------------------------------
LOG_FORMAT = os.environ.get("LOG_FORMAT", "line")
if LOG_FORMAT not in {"line", "json"}:
    raise ImproperlyConfigured(f"LOG_FORMAT is line or json, not {LOG_FORMAT!r}")
LOGGING = logs.configuration(LOG_FORMAT, os.environ.get("LOG_LEVEL", "INFO"))
# A request keeps the id that the proxy gave it, and hands it to the tasks that it starts.
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
# Asking who it is would cost each heartbeat of a browser two queries.
DJANGO_STRUCTLOG_USER_ID_FIELD = None
# The proxy logs every request, the job page every run; here only what went wrong is news.
DJANGO_STRUCTLOG_STATUS_DEFAULT_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_CELERY_DEFAULT_LOG_LEVEL = logging.DEBUG
