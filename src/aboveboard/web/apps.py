"""The site shell, as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Templates and static files of the whole site."""

    name = "aboveboard.web"
    label = "web"
