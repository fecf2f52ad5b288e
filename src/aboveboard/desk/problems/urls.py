"""Where the pages of problems are."""

from __future__ import annotations

from django.urls import path

from aboveboard.desk.problems import pages

app_name = "problems"
urlpatterns = [
    path("problems/", pages.board, name="board"),
    path("problems/new", pages.new, name="new"),
    path("problems/waiting", pages.waiting, name="waiting"),
    path("problems/of-finding/<str:finding>", pages.of_finding, name="of_finding"),
    path("problems/<int:number>/", pages.one, name="one"),
    path("problems/<int:number>/describe", pages.describe, name="describe"),
    path("problems/<int:number>/responsible", pages.own, name="own"),
    path("problems/<int:number>/cause", pages.answer, name="answer"),
    path("problems/<int:number>/criterion", pages.set_criterion, name="criterion"),
    path("problems/<int:number>/change", pages.change, name="change"),
    path("problems/<int:number>/close", pages.close, name="close"),
    path("problems/<int:number>/reopen", pages.reopen, name="reopen"),
    path("problems/<int:number>/matter", pages.add_matter, name="matter"),
    path("problems/<int:number>/struck", pages.struck, name="struck"),
    path("problems/<int:number>/silent", pages.silent, name="silent"),
]
