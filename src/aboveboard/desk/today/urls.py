"""Where the first page is."""

from __future__ import annotations

from django.urls import path

from aboveboard.desk.today import pages

app_name = "today"
urlpatterns = [
    path("today/", pages.page, name="page"),
    path("today/freshness", pages.freshness, name="freshness"),
]
