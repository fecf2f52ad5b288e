"""Where the pages of policies are."""

from __future__ import annotations

from django.urls import path

from aboveboard.desk.policies import pages

app_name = "policies"
urlpatterns = [
    path("policies/", pages.register, name="register"),
    path("policies/rule/<path:name>", pages.policy, name="policy"),
    path("policies/levels", pages.level, name="level"),
    path("policies/for-matter", pages.for_matter, name="for_matter"),
    path("policies/may", pages.may, name="may"),
    path("policies/ask", pages.ask, name="ask"),
    path("policies/waiting", pages.waiting, name="waiting"),
    path("policies/due", pages.due, name="due"),
    path("policies/exceptions/<int:request_id>", pages.exception, name="exception"),
    path("policies/exceptions/<int:request_id>/decide", pages.decide, name="decide"),
    path("policies/exceptions/<int:request_id>/withdraw", pages.withdraw, name="withdraw"),
    path("policies/in-the-way", pages.suggest, name="suggest"),
    path("policies/suggestions", pages.suggestions, name="suggestions"),
    path("policies/suggestions/mine", pages.own_suggestions, name="own_suggestions"),
    path("policies/suggestions/<int:suggestion>/answer", pages.answer, name="answer"),
    path("policies/proposals", pages.proposals, name="proposals"),
    path("policies/proposals/new", pages.propose, name="propose"),
    path("policies/proposals/<int:number>", pages.proposal, name="proposal"),
    path("policies/proposals/<int:number>/change", pages.change, name="change"),
    path("policies/proposals/<int:number>/refuse", pages.refuse, name="refuse"),
    path("policies/told", pages.told, name="told"),
]
