"""The slice `imports`, as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """The slice `imports`."""

    name = "aboveboard.desk.imports"
    label = "imports"
