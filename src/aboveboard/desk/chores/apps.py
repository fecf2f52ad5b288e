"""The slice `chores`, as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class ChoresConfig(AppConfig):
    """The slice `chores`."""

    name = "aboveboard.desk.chores"
    label = "chores"
