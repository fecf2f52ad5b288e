"""Where the pages of recognition are."""

from __future__ import annotations

from django.urls import path

from aboveboard.desk.recognition import pages

app_name = "recognition"
urlpatterns = [
    path("thanks/", pages.thanks, name="thanks"),
    path("conduct/", pages.reports, name="reports"),
    path("conduct/<int:number>/", pages.report, name="report"),
    path("conduct/<int:number>/answer", pages.answer, name="answer"),
]
