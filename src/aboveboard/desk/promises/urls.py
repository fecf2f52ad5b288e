"""Where the pages of promises are."""

from __future__ import annotations

from django.urls import path

from aboveboard.desk.promises import pages

app_name = "promises"
urlpatterns = [
    path("promises/", pages.running, name="running"),
    path("promises/kept/", pages.register, name="register"),
    path("promises/kept/<path:name>/", pages.promise, name="promise"),
    path("promises/kept/<path:name>/risk", pages.choose, name="choose"),
    path("promises/one/<int:number>/", pages.clock, name="clock"),
    path("promises/due", pages.due, name="due"),
    path("promises/alerts/<int:alert>/seen", pages.seen, name="seen"),
]
