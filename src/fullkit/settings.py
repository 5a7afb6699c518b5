"""Every setting, from the environment, with a working default."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fullkit.env import (
    database,
    envbool,
    envchoice,
    envint,
    envlist,
    envsecret,
    envstr,
    envzone,
    private_file,
)

ROOM = Path(__file__).resolve().parent

# Where everything lives that is not code: the database, uploaded files, secrets, collected static files.
VAR = Path(envstr("FULLKIT_VAR", "var")).expanduser().resolve()
VAR.mkdir(mode=0o700, parents=True, exist_ok=True)

DEBUG = envbool("FULLKIT_DEBUG", False)
SECRET_KEY = envsecret("FULLKIT_SECRET_KEY") or private_file(VAR / "secret_key")
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *envlist("FULLKIT_HOSTS")]
TLS = envbool("FULLKIT_TLS", False)
BEHIND_PROXY = envbool("FULLKIT_BEHIND_PROXY", False)

# Web processes: 0 means one on SQLite and one per core on PostgreSQL.
WORKERS = envint("FULLKIT_WORKERS", 0, least=0, most=64)
# Whether the web processes also do what happens by itself; without, run `fullkit work` beside them.
WORK = envbool("FULLKIT_WORK", True)

# Database

DATABASES = {
    "default": database(
        envsecret("DATABASE_URL"),
        var=VAR,
        synchronous=envchoice("FULLKIT_SQLITE_SYNCHRONOUS", "FULL", ("FULL", "NORMAL", "OFF")),
        pool_size=envint("FULLKIT_DB_POOL_SIZE", 8, least=1, most=200),
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# What is installed

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "fullkit",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "fullkit.web.security.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "fullkit.web.security.UploadLimit",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "fullkit.web.doors.SayNo",
]
ROOT_URLCONF = "fullkit.urls"
WSGI_APPLICATION = "fullkit.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOM / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "fullkit.web.context.shell",
            ],
            # What nearly every page uses, so that no template starts with a list of what it loads.
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "fullkit.web.templatetags.fullkit",
            ],
        },
    },
]

# People

AUTH_USER_MODEL = "fullkit.Person"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_VALIDATION = "django.contrib.auth.password_validation."
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"{_VALIDATION}MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATION}UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATION}CommonPasswordValidator"},
    {"NAME": f"{_VALIDATION}NumericPasswordValidator"},
]
SIGN_IN_ATTEMPTS = envint("FULLKIT_SIGN_IN_ATTEMPTS", 10, least=1)
SIGN_IN_WINDOW_MINUTES = envint("FULLKIT_SIGN_IN_WINDOW_MINUTES", 15, least=1)
DEMO_PASSWORD_FILE = VAR / "demo_password"
SETUP_CODE_FILE = VAR / "setup_code"

# Sessions, cookies, transport

SESSION_COOKIE_AGE = 3600 * envint("FULLKIT_SESSION_HOURS", 12, least=1)
SESSION_COOKIE_NAME = "fullkit_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = TLS
CSRF_COOKIE_NAME = "fullkit_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = TLS
CSRF_TRUSTED_ORIGINS = envlist("FULLKIT_TRUSTED_ORIGINS")
SECURE_SSL_REDIRECT = TLS
SECURE_REDIRECT_EXEMPT = [r"^health$", r"^ready$"]  # probes inside the house speak plain HTTP
SECURE_HSTS_SECONDS = 31_536_000 if TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False  # the neighbours on this domain are not ours to promise for
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
USE_X_FORWARDED_HOST = BEHIND_PROXY
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Files that come in

MAX_UPLOAD_MB = envint("FULLKIT_MAX_UPLOAD_MB", 25, least=1, most=2048)
FILE_UPLOAD_MAX = MAX_UPLOAD_MB * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = FILE_UPLOAD_MAX
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600
MEDIA_ROOT = VAR / "files"

# Files that go out. A manifest puts a fingerprint into each name, so browsers may keep them for ever.

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [folder for folder in [ROOM / "web" / "static"] if folder.is_dir()]
STATIC_MANIFEST = envbool("FULLKIT_STATIC_MANIFEST", not DEBUG)
_PLAIN_STATIC = "django.contrib.staticfiles.storage.StaticFilesStorage"
_FINGERPRINTED_STATIC = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _FINGERPRINTED_STATIC if STATIC_MANIFEST else _PLAIN_STATIC},
}
WHITENOISE_USE_FINDERS = not STATIC_MANIFEST
WHITENOISE_AUTOREFRESH = DEBUG

# Language and time. Stored in UTC; shown in the zone of the house.

LANGUAGE_CODE = envstr("FULLKIT_LANGUAGE", "en")
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [ROOM / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = envzone("FULLKIT_TIME_ZONE", "UTC")

# Logs: one JSON object per line on stderr.

LOG_LEVEL = envchoice("FULLKIT_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "fullkit.jsonlog.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": LOG_LEVEL, "propagate": True},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.db.backends": {"level": "INFO"},  # at DEBUG it writes out every value of every statement
    },
}
