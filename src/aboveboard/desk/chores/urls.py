"""Where the pages of chores are."""

from __future__ import annotations

from django.urls import path

from aboveboard.desk.chores import pages

app_name = "chores"
urlpatterns = [
    path("chores/<int:chore>/", pages.one, name="one"),
    path("chores/<int:chore>/stop", pages.stop, name="stop"),
]
