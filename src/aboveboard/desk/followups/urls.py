"""Where the pages of followups are."""

from __future__ import annotations

from django.urls import path

from aboveboard.desk.followups import pages

app_name = "followups"
urlpatterns = [
    path("findings/", pages.listed, name="listed"),
    path("findings/waiting", pages.waiting, name="waiting"),
    path("findings/run", pages.run, name="run"),
    path("findings/<str:finding>/", pages.one, name="one"),
    path("findings/<str:finding>/move", pages.move, name="move"),
    path("findings/<str:finding>/owner", pages.own, name="own"),
    path("findings/<str:finding>/comment", pages.comment, name="comment"),
    path("findings/<str:finding>/events", pages.events, name="events"),
]
