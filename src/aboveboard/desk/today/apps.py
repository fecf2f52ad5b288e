"""The slice `today`, as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class TodayConfig(AppConfig):
    """The slice `today`. It keeps nothing of its own."""

    name = "aboveboard.desk.today"
    label = "today"
