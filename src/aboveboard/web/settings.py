"""Django's settings, made from the checked configuration."""

from __future__ import annotations

import os
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from aboveboard.web import configuration, logs

FOUND = configuration.read(os.environ)
_HERE = Path(__file__).parent

DATABASES = {"default": dict(FOUND.database)}
# Without a secret nothing that signs is served (`web.server` sees to it); Django wants one all the same.
SECRET_KEY = FOUND.secret or "nothing is signed"
ALLOWED_HOSTS = [FOUND.host, "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [FOUND.address]
INSTALLED_APPS = [
    "aboveboard.web",
    "aboveboard.desk.journal",
    "aboveboard.desk.people",
    "aboveboard.desk.chores",
    "aboveboard.desk.playbook",
    "aboveboard.desk.imports",
    "aboveboard.desk.followups",
    "aboveboard.desk.promises",
    "aboveboard.desk.messages",
    "aboveboard.desk.policies",
    "aboveboard.desk.procedures",
    "aboveboard.desk.escalations",
    "aboveboard.desk.recognition",
    "aboveboard.desk.cases",
    "aboveboard.desk.problems",
    "aboveboard.desk.today",
    "aboveboard.desk.customer_page",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
]
LOGGING = logs.configured(FOUND.log, FOUND.log_level)
MIDDLEWARE = [
    "aboveboard.web.logs.request_line",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "aboveboard.web.middleware.content_security",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "aboveboard.web.middleware.storable_text",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "aboveboard.web.middleware.organisation_clocks",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
]
ROOT_URLCONF = "aboveboard.web.urls"
WSGI_APPLICATION = "aboveboard.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "aboveboard.web.navigation.shown",
            ]
        },
    }
]

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German"))]
FORMAT_MODULE_PATH = ["aboveboard.web.formats"]
LOCALE_PATHS = [_HERE / "locale"]

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = FOUND.secure
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if FOUND.secure else None
X_FRAME_OPTIONS = "SAMEORIGIN"

# An address is unique however it is written, which this check cannot see.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
# What does the timed work: a function that makes it (`web.worker`).
WORKER = "aboveboard.web.jobs.worker"
# What writes backups and takes them in.
BACKUPS = "aboveboard.web.backups"
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "aboveboard.web.sign_in.ByInvitation"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_EMAIL_NOTIFICATIONS = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Aboveboard"
USERSESSIONS_TRACK_ACTIVITY = True
# Sends nothing yet: mail comes with surveys. What would be sent is said in the terminal.
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
