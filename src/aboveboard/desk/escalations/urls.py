"""Where the pages of escalations are."""

from __future__ import annotations

from django.urls import path

from aboveboard.desk.escalations import pages

app_name = "escalations"
urlpatterns = [
    path("escalations/", pages.waiting, name="page"),
    path("escalations/all", pages.listed, name="listed"),
    path("escalations/register", pages.register, name="register"),
    path("escalations/today", pages.today, name="today"),
    path("escalations/for-matter", pages.for_matter, name="for_matter"),
    path("escalations/may", pages.may, name="may"),
    path("escalations/open", pages.escalate, name="escalate"),
    path("escalations/<int:number>", pages.one, name="one"),
    path("escalations/<int:number>/take", pages.take, name="take"),
    path("escalations/<int:number>/pass", pages.pass_on, name="pass_on"),
    path("escalations/<int:number>/decide", pages.decide, name="decide"),
]
