"""Django's settings, made from the checked configuration."""

from __future__ import annotations

import os

from aboveboard.web import configuration

_FOUND = configuration.read(os.environ)

DATABASES = {"default": dict(_FOUND.database)}
INSTALLED_APPS = ["aboveboard.desk.journal"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
