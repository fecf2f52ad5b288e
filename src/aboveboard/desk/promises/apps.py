"""The slice `promises`, as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class PromisesConfig(AppConfig):
    """The slice `promises`."""

    name = "aboveboard.desk.promises"
    label = "promises"
