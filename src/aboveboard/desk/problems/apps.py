"""The slice `problems`, as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class ProblemsConfig(AppConfig):
    """The slice `problems`."""

    name = "aboveboard.desk.problems"
    label = "problems"
