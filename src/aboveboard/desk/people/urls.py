"""Where the pages of people are."""

from __future__ import annotations

from django.urls import path

from aboveboard.desk.people import pages

app_name = "people"
urlpatterns = [
    path("people/", pages.everybody, name="everybody"),
    path("people/invite", pages.invite, name="invite"),
    path("people/teams", pages.team, name="team"),
    path("people/invitations/<int:invitation>/withdraw", pages.withdraw, name="withdraw"),
    path("people/<int:user>/role", pages.role, name="role"),
    path("people/<int:user>/account", pages.account, name="account"),
    path("keys/", pages.keys, name="keys"),
    path("keys/<int:key>/revoke", pages.revoke_key, name="revoke_key"),
    path("readings/", pages.readings, name="readings"),
    path("undo", pages.undo, name="undo"),
    path("me/", pages.me, name="me"),
    path("people/<int:user>/back", pages.let_back_in, name="let_back_in"),
    path("back/<str:token>", pages.come_back, name="come_back"),
    path("join/<str:token>", pages.join, name="join"),
]
