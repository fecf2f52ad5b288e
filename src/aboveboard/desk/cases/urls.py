"""Where the pages of cases are."""

from __future__ import annotations

from django.urls import path

from aboveboard.desk.cases import pages

app_name = "cases"
urlpatterns = [
    path("cases/", pages.inbox, name="inbox"),
    path("cases/download.csv", pages.download, name="download"),
    path("cases/new", pages.new, name="new"),
    path("cases/together", pages.together, name="together"),
    path("cases/views", pages.keep_view, name="keep_view"),
    path("cases/views/<int:view>/drop", pages.drop_view, name="drop_view"),
    path("cases/<int:case>/", pages.case, name="case"),
    path("cases/<int:case>/here", pages.here, name="here"),
    path("cases/<int:case>/happened", pages.happened, name="happened"),
    path("cases/<int:case>/person", pages.person, name="person"),
    path("cases/<int:case>/person/<str:do>", pages.about_person, name="about_person"),
    path("cases/<int:case>/<str:do>", pages.act, name="act"),
]
