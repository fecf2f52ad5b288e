"""The slice `cases`, as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """The slice `cases`."""

    name = "aboveboard.desk.cases"
    label = "cases"
