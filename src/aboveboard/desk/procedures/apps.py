"""The slice `procedures`, as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class ProceduresConfig(AppConfig):
    """The slice `procedures`."""

    name = "aboveboard.desk.procedures"
    label = "procedures"
