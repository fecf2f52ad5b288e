"""The way around: what stands in the menu, for whoever may go there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aboveboard.desk.people import models, queries, rules


@dataclass(frozen=True)
class Entry:
    """A line of the menu: its words, the name of its page, and the acts of which one must be allowed to see it.

    `whole`: for the whole organisation, not for a team alone.
    """

    title: str | Promise
    url: str
    acts: tuple[str, ...]
    whole: bool = False

    def __init__(self, title: str | Promise, url: str, *acts: str, whole: bool = False) -> None:
        object.__setattr__(self, "title", title)
        object.__setattr__(self, "url", url)
        object.__setattr__(self, "acts", acts)
        object.__setattr__(self, "whole", whole)

    def open_to(self, person: rules.Person) -> bool:
        """Whether this person sees it."""
        reaches = [rules.reach(person, act) for act in self.acts]
        return any(reach.everything if self.whole else bool(reach) for reach in reaches)


WORK: tuple[Entry, ...] = (
    Entry(_("Today"), "today:page", "findings.read"),
    Entry(_("Findings"), "followups:listed", "findings.read"),
    Entry(_("Reports"), "reports:contents", "findings.read", whole=True),
    Entry(_("Cases"), "cases:inbox", "cases.read"),
    Entry(_("Problems"), "problems:board", "findings.read"),
    Entry(_("Promises"), "promises:running", "promises.read"),
    Entry(_("Playbook"), "playbook:in_force", "playbook.read"),
    Entry(_("Policies"), "policies:register", "policies.read"),
    Entry(_("Escalations"), "escalations:page", "escalations.decide", "cases.work", "policies.read"),
    Entry(_("Visits"), "procedures:visits", "procedures.work"),
    Entry(_("Thanks"), "recognition:thanks", "recognition.give"),
    Entry(_("Conduct"), "recognition:reports", "recognition.give", "conduct.read"),
    Entry(_("What I promised"), "messages:promised", "cases.work"),
    Entry(_("Reply templates"), "messages:templates", "playbook.read"),
)
"""What people work on every day, in the order of the menu."""
TODAY: tuple[Entry, ...] = (
    Entry(_("Promises at risk"), "promises:due", "promises.read"),
    Entry(_("What I promised"), "messages:due", "cases.work"),
    Entry(_("Escalations"), "escalations:today", "escalations.decide", "cases.work"),
    Entry(_("Exceptions"), "policies:due", "exceptions.decide"),
    Entry(_("Problems"), "problems:waiting", "findings.read"),
    Entry(_("Findings"), "followups:waiting", "findings.read"),
)
"""What the first page shows of each slice, by address: a fragment of what waits for whoever asks, empty where nothing does."""
SETTINGS: tuple[Entry, ...] = (
    Entry(_("Events"), "imports:first", "events.write"),
    Entry(_("People"), "people:everybody", "people.manage"),
    Entry(_("Keys"), "people:keys", "keys.manage"),
    Entry(_("Who read what"), "people:readings", "audit.read"),
)


def shown(request: HttpRequest) -> Mapping[str, Any]:
    """For every template: `menu` and `settings_menu` as (title, address, whether one is there), and `person`.

    `waiting` is what the first page shows of each slice, as (title, address).
    """
    user = getattr(request, "user", None)
    if not isinstance(user, models.User):
        return {}
    person = queries.person(user=user)

    def listed(entries: tuple[Entry, ...]) -> list[tuple[str | Promise, str, bool]]:
        seen = [(one.title, reverse(one.url)) for one in entries if one.open_to(person)]
        nearest = max((at for _, at in seen if request.path.startswith(at)), key=len, default="")
        return [(title, at, at == nearest) for title, at in seen]

    return {
        "person": person,
        "menu": listed(WORK),
        "settings_menu": listed(SETTINGS),
        "waiting": [(one.title, reverse(one.url)) for one in TODAY if one.open_to(person)],
    }
