"""The slice `people`, as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """The slice `people`."""

    name = "aboveboard.desk.people"
    label = "people"
