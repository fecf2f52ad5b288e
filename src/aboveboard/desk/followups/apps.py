"""The slice `followups`, as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class FollowupsConfig(AppConfig):
    """The slice `followups`."""

    name = "aboveboard.desk.followups"
    label = "followups"
