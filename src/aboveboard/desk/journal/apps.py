"""The journal, as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class JournalConfig(AppConfig):
    """The slice `journal`."""

    name = "aboveboard.desk.journal"
    label = "journal"
