"""One settings file, read from the environment. Business policy is not here: it is rows."""

import os
import re
import secrets
from pathlib import Path
from typing import Any

from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from o2c.core.database_url import FORM, NotADatabaseUrl, read_database_url

BASE_DIR = Path(__file__).resolve().parent.parent


def env(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def env_flag(name: str, default: bool = False) -> bool:
    return env(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


def env_list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in env(name, default).split(",") if part.strip()]


STATE_DIR = Path(env("O2C_STATE_DIR", str(BASE_DIR / ".o2c")))
# Another database of the same server keeps its files in a folder of its own.
DATABASE_NAME = env("DATABASE_NAME")
if DATABASE_NAME and not re.fullmatch(r"[A-Za-z0-9_-]{1,63}", DATABASE_NAME):
    raise ImproperlyConfigured("DATABASE_NAME: letters, digits, - and _ only, at most 63.")
DATA_DIR = STATE_DIR / DATABASE_NAME
CONTENT_STORE = DATA_DIR / "files"

DEBUG = env_flag("DEBUG")
# Unset, each process draws its own: nothing can be forged, and a restart signs everybody out.
# start.py draws one and keeps it.
SECRET_KEY = env("SECRET_KEY") or (
    "development-only-" + "x" * 40 if DEBUG else secrets.token_urlsafe(50)
)
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")

STAGES = [
    "orders",
    "credit",
    "fulfillment",
    "shipping",
    "invoicing",
    "receivables",
    "reconciliation",
]
INSTALLED_APPS = [
    "o2c.core",
    "o2c.masters",
    "o2c.stock",
    "o2c.ledger",
    *STAGES,
    "o2c.desk",
    "o2c.rehearsal",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_fsm",
    "django_htmx",
    "djmoney",
    "lucide",
    "pgtrigger",
    "simple_history",
    "template_partials",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "o2c.web.middleware.EdgeMiddleware",
    "o2c.web.once.OnceMiddleware",
]
ROOT_URLCONF = "o2c.urls"
FORM_RENDERER = "o2c.web.forms.Renderer"
CSRF_FAILURE_VIEW = "o2c.web.errors.csrf_failure"
O2C_NAVIGATION = "o2c.desk.navigation.NAVIGATION"
O2C_ENVIRONMENT = env("O2C_ENVIRONMENT")  # words for the striped bar of systems not for real
WSGI_APPLICATION = "o2c.wsgi.application"
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
                "o2c.web.shell.shell",
            ],
            "libraries": {"o2c": "o2c.web.templatetags.o2c"},
        },
    }
]


def database(name: str, url: str, kind: str = "") -> dict[str, Any]:
    """Django's settings for the database whose address the variable `name` holds."""
    try:
        address = read_database_url(url, kind=kind)
    except NotADatabaseUrl:
        raise ImproperlyConfigured(f"{name} is not of the form {FORM}.") from None
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": DATABASE_NAME or address.database,
        "USER": address.user,
        "PASSWORD": address.password,
        "HOST": address.hosts,
        "PORT": address.ports,
        "OPTIONS": address.options,
        "CONN_HEALTH_CHECKS": True,  # after a restart of the database no request gets a dead one
    }


DATABASES = {
    "default": database("DATABASE_URL", env("DATABASE_URL", "postgres://o2c@127.0.0.1:5432/o2c"))
}
# A database that is away is waited for as long as a reader bears; then comes a 503.
DATABASES["default"]["OPTIONS"]["pool"] = {
    "min_size": 1,
    "max_size": int(env("DATABASE_POOL", "8")),
    "timeout": 5,
    "reconnect_timeout": 4,
}
# Where reports and exports are read (o2c/core/standby.py).
if env("STANDBY_URL"):
    DATABASES["standby"] = database("STANDBY_URL", env("STANDBY_URL"), kind="standby")
    DATABASES["standby"]["TEST"] = {"MIRROR": "default"}
STANDBY_MAX_LAG = float(env("STANDBY_MAX_LAG", "30"))  # seconds
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator",
                 "CommonPasswordValidator", "NumericPasswordValidator")
]  # fmt: skip
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "o2c.web.accounts.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
# TLS ends at the proxy in production; on a laptop there is none.
SECURE_COOKIES = env_flag("SECURE_COOKIES")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
# Whose X-Forwarded-For is believed: rate limits count the address of the client, not the proxy's.
TRUSTED_PROXIES = env_list("TRUSTED_PROXIES")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_COOKIES else None
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_COOKIES else 0
SECURE_SSL_REDIRECT = SECURE_COOKIES
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]  # asked from inside, behind the proxy
# Whether other names of the domain speak TLS is not for us to promise (HSTS for subdomains).
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 30 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

LANGUAGE_CODE = "en"  # of every page
#: of documents and letters, by customer (docs/adr/0011)
LANGUAGES = [("en", _("English")), ("de", _("German"))]
LOCALE_PATHS = [BASE_DIR / "o2c" / "locale"]
TIME_ZONE = env("TIME_ZONE", "Europe/Berlin")
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(env("STATIC_ROOT", str(STATE_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
if DEBUG or env_flag("O2C_TESTING"):
    STATIC_STORAGE = "django.contrib.staticfiles.storage.StaticFilesStorage"
elif env_flag("COMPRESS_STATIC"):  # pays off behind a network, and costs ten seconds
    STATIC_STORAGE = "whitenoise.storage.CompressedManifestStaticFilesStorage"
else:
    STATIC_STORAGE = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": STATIC_STORAGE},
}
WHITENOISE_USE_FINDERS = DEBUG or env_flag("O2C_TESTING")

REDIS_URL = env("REDIS_URL", "redis://127.0.0.1:6379/0")
CELERY_BROKER_URL = REDIS_URL
CACHES = {
    "default": {
        "BACKEND": "o2c.core.shared_cache.SharedCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": f"o2c:{DATABASE_NAME}",
        "OPTIONS": {"socket_timeout": 0.2, "socket_connect_timeout": 0.2},  # seconds
    }
}
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE = {
    "pay what a crash left behind": {
        "task": "o2c.core.tasks.sweep_deliveries",
        "schedule": 60.0,  # seconds
    },
    "prove that the books hold": {
        "task": "o2c.core.tasks.verify_books",
        "schedule": crontab(hour="3", minute="0"),
    },
    "tell credit who is late": {
        "task": "o2c.desk.tasks.tell_credit_who_is_late",
        "schedule": crontab(hour="4", minute="30"),
    },
    "propose the reminders of the day": {
        "task": "receivables.tasks.propose_dunning_of_the_day",
        "schedule": crontab(hour="5", minute="0"),
    },
}

#: The pages of the outbox stand in invoicing.
ABSOLUTE_URL_OVERRIDES = {
    "core.outgoingmessage": lambda m: reverse("invoicing:message_detail", args=[m.pk])
}

EMAIL_BACKEND = env("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = str(DATA_DIR / "mail")
EMAIL_HOST = env("EMAIL_HOST", "localhost")
EMAIL_PORT = int(env("EMAIL_PORT", "25"))
EMAIL_HOST_USER = env("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env_flag("EMAIL_USE_TLS")
EMAIL_TIMEOUT = 20
PDF_WRITER = "o2c.core.pdf.write_pdf"  # a function of the HTML of a document that returns its PDF
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", "billing@localhost")

SIMPLE_HISTORY_HISTORY_ID_USE_UUID = False
SIMPLE_HISTORY_ENABLED = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", "INFO")},
}
