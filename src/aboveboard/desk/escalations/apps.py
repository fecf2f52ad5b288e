"""The slice `escalations`, as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class EscalationsConfig(AppConfig):
    """The slice `escalations`."""

    name = "aboveboard.desk.escalations"
    label = "escalations"
