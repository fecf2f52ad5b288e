"""Where the pages of imports are."""

from __future__ import annotations

from django.urls import path

from aboveboard.desk.imports import pages

app_name = "imports"
urlpatterns = [
    path("events/", pages.first, name="first"),
    path("events/bring", pages.bring, name="bring"),
    path("events/demo", pages.demo, name="demo"),
    path("events/<int:number>/", pages.one, name="one"),
    path("events/<int:number>/take", pages.take, name="take"),
    path("events/<int:number>/begin", pages.begin, name="begin"),
]
