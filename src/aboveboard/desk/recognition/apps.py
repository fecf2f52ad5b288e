"""The slice `recognition`, as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class RecognitionConfig(AppConfig):
    """The slice `recognition`."""

    name = "aboveboard.desk.recognition"
    label = "recognition"
