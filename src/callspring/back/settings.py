"""Django's settings, all derived from `callspring.config`."""

from __future__ import annotations

import hmac
from typing import Any
from urllib.parse import unquote, urlsplit

from callspring.config import Config, assets, load

CONFIG: Config = load()


def database(config: Config) -> dict[str, Any]:
    """Django's DATABASES entry. SQLite is opened `mode=rw`: a lost file is an error, never a new empty record."""
    if config.database_url:
        url = urlsplit(config.database_url)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": url.path.lstrip("/"),
            "USER": unquote(url.username or ""),
            "PASSWORD": unquote(url.password or ""),
            "HOST": url.hostname or "",
            "PORT": str(url.port or ""),
            "CONN_HEALTH_CHECKS": True,
            "CONN_MAX_AGE": 60,
        }
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": f"file:{config.database_file}?mode=rw",
        "OPTIONS": {
            "uri": True,
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        },
        "TEST": {"NAME": None},
    }


DEBUG = CONFIG.debug
SECRET_KEY = hmac.new(CONFIG.secret, b"django", "sha256").hexdigest()
ALLOWED_HOSTS = [urlsplit(CONFIG.console_url).hostname or "", "127.0.0.1", "localhost", "testserver"]
CSRF_TRUSTED_ORIGINS = [CONFIG.console_url]
DATABASES = {"default": database(CONFIG)}
# Who tries too often is counted in it (callspring.console.attempts). With Django's 300 entries a hundred strangers
# would push out the count of whoever is tried.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "ninja",
    "callspring.jobs",
    "callspring.mail",
    "callspring.accounts",
    "callspring.billing",
    "callspring.sites",
    "callspring.numbers",
    "callspring.scenarios",
    "callspring.visits",
    "callspring.calls",
    "callspring.inbox",
    "callspring.usage",
    "callspring.maintenance",
    "callspring.reports",
    "callspring.ingest",
    "callspring.console",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "callspring.console.middleware.CompanyMiddleware",
]
ROOT_URLCONF = "callspring.back.urls"
WSGI_APPLICATION = "callspring.back.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "callspring.console.context.console",
            ]
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 60 * 60  # seconds
LOGIN_URL = "console:sign_in"
LOGIN_REDIRECT_URL = "console:dashboard"
SESSION_COOKIE_NAME = "callspring_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CONFIG.console_url.startswith("https:")
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# A form may list every number of a large pool (20,000, `callspring.scenarios.sizing`), each in a field of its own.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 21_000
FILE_UPLOAD_HANDLERS = [
    "callspring.console.uploads.Measured",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
SILENCED_SYSTEM_CHECKS: list[str] = []

DEFAULT_FROM_EMAIL = SERVER_EMAIL = CONFIG.mail_from
EMAIL_TIMEOUT = 20  # seconds without a word from the server
EMAIL_BACKEND = "callspring.mail.folder.FolderBackend"
if CONFIG.smtp is not None:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = CONFIG.smtp.host, CONFIG.smtp.port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = CONFIG.smtp.user, CONFIG.smtp.password
    EMAIL_USE_SSL, EMAIL_USE_TLS = CONFIG.smtp.tls == "at once", CONFIG.smtp.tls == "starttls"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [str(assets() / "static")]
WHITENOISE_USE_FINDERS = True
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    # Its lines hold addresses, and those the company's account at the carrier.
    "loggers": {"django.request": {"level": "ERROR"}, "httpx": {"level": "WARNING"}},
}
