"""Where the pages of procedures are."""

from __future__ import annotations

from django.urls import path

from aboveboard.desk.procedures import pages

app_name = "procedures"
urlpatterns = [
    path("visits/", pages.visits, name="visits"),
    path("visits/matter", pages.for_matter, name="for_matter"),
    path("visits/<int:number>/", pages.visit, name="visit"),
    path("visits/<int:number>/answer", pages.answer, name="answer"),
    path("visits/<int:number>/end", pages.end, name="end"),
]
