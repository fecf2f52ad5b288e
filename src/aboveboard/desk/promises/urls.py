"""Where the pages of promises are."""

from __future__ import annotations

from django.urls import path

from aboveboard.desk.promises import pages

app_name = "promises"
urlpatterns = [
    path("promises/", pages.running, name="running"),
    path("promises/kept/", pages.register, name="register"),
    path("promises/kept/<str:name>/", pages.promise, name="promise"),
    path("promises/kept/<str:name>/risk", pages.choose, name="choose"),
    path("promises/one/<int:number>/", pages.clock, name="clock"),
    path("promises/for-matter", pages.for_matter, name="for_matter"),
    path("promises/alerts/<int:alert>/seen", pages.seen, name="seen"),
]
