"""The slice `policies`, as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    """The slice `policies`."""

    name = "aboveboard.desk.policies"
    label = "policies"
