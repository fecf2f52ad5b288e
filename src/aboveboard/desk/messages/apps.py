"""The slice `messages`, as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class MessagesConfig(AppConfig):
    """The slice `messages`. Its label differs from its name, which Django's own notices have."""

    name = "aboveboard.desk.messages"
    label = "desk_messages"
