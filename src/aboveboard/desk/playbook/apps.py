"""The slice `playbook`, as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class PlaybookConfig(AppConfig):
    """The slice `playbook`."""

    name = "aboveboard.desk.playbook"
    label = "playbook"
