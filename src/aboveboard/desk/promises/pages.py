"""Pages of promises: what is at risk now, how each promise is kept, one promise, and what concerns a case."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from aboveboard.desk.people import pages
from aboveboard.desk.people import rules as people
from aboveboard.desk.promises import actions, forms, queries, rules

_ACT = "promises.read"
_PER_PAGE = 100
_MOST_ROWS = 50_000
_MOST_SHOWN = 5
_HEADER = (
    "promise", "subject", "customer", "team", "channel", "started_at", "due_at", "met_at", "state", "chance_share", "chance_low",
    "chance_high", "chance_count",
)  # fmt: skip
_REGISTER = (
    "promise", "owner", "objective", "running_count", "at_risk_count", "ended_count", "missed_count", "kept_share",
    "kept_share_low", "kept_share_high", "budget_burnt",
)  # fmt: skip


@pages.page(act=_ACT)
def running(request: HttpRequest, person: people.Person) -> HttpResponse:
    """What is at risk, what runs, what broke in the last day."""
    reach, at = people.reach(person, _ACT), pages.now()
    form = forms.Filter(request.GET, promises=queries.names(), teams=queries.teams(reach=reach))
    counted = queries.counted(reach=reach, now=at)
    asked = {name: value for name, value in form.cleaned_data.items() if value} if form.is_valid() else {}
    asked.setdefault("show", "at risk" if counted["at_risk"] else "running")
    sort = request.GET.get("sort", "")
    sort = sort if sort in queries.SORTS else "due"
    found = queries.clocks(
        reach=reach, now=at, show=asked["show"], promise=asked.get("promise", ""), team=asked.get("team", ""),
        words=asked.get("q", ""), sort=sort,
    )  # fmt: skip
    if request.GET.get("as") == "csv":
        return pages.csv("promises", _HEADER, ([getattr(one, name) for name in _HEADER] for one in found[:_MOST_ROWS]))
    form.data = asked | {"q": asked.get("q", "")}
    more = {name: value for name, value in asked.items() if value}
    shown = {
        "found": Paginator(found, _PER_PAGE).get_page(request.GET.get("page")),
        "form": form,
        "counted": counted,
        "alerts": queries.alerts(person=person),
        "show": asked["show"],
        "sort": sort,
        "more": urlencode(more | {"sort": sort}),
        "columns": _columns(sort, more),
        "behind": queries.behind(),
        "advanced_at": queries.advanced_at(),
        "now": at,
    }
    return render(request, "promises/page.html", shown | _zone(at))


@pages.page(act=_ACT)
def register(request: HttpRequest, person: people.Person) -> HttpResponse:
    """Every promise, and how it is kept."""
    at = pages.now()
    found = _sorted(queries.register(reach=people.reach(person, _ACT), now=at), request.GET.get("sort", ""))
    if request.GET.get("as") == "csv":
        return pages.csv("promises-kept", _REGISTER, map(_register_row, found))
    ended = sum(one.ended_count for one in found)
    kept = sum(one.kept_count for one in found)
    shown = {"found": found, "ended": ended, "kept": kept, "share": kept / ended * 100 if ended else None}
    return render(request, "promises/register.html", shown)


@pages.page(act=_ACT)
def promise(request: HttpRequest, person: people.Person, name: str) -> HttpResponse:
    """One promise: its words, its budget, whom it strikes in silence, and when it counts as at risk."""
    reach, at = people.reach(person, _ACT), pages.now()
    found = next((one for one in queries.register(reach=reach, now=at) if one.name == name), None)
    if found is None:
        raise Http404
    chosen = queries.choice(promise=name)
    by = "objective" if chosen and chosen.by_objective else "own" if chosen and chosen.below else "half"
    shown = {
        "one": found,
        "burns": queries.burns(promise=found.promise, reach=reach, now=at) if found.promise else [],
        "silent": queries.silent(promise=name, reach=reach, now=at),
        "form": forms.Risk(initial={"by": by, "percent": chosen.below * 100 if chosen and chosen.below else None}),
        "may_change": people.may(person, "playbook.change"),
        "now": at,
    }
    return render(request, "promises/promise.html", shown | _zone(at))


@pages.page(act="playbook.change", methods=("POST",))
def choose(request: HttpRequest, person: people.Person, name: str) -> HttpResponse:
    """Choose when a promise counts as at risk."""
    form = forms.Risk(request.POST)
    if not form.is_valid():
        raise rules.PromiseError(form.says())
    by, percent = form.cleaned_data["by"], form.cleaned_data["percent"]
    if by == "own" and percent is None:
        raise rules.PromiseError("Say which chance.")
    below = percent / 100 if by == "own" else None
    actions.choose(by=person, promise=name, below=below, by_objective=by == "objective", now=pages.now())
    messages.success(request, _("From now on that is at risk."))
    return redirect("promises:promise", name)


@pages.page(act=_ACT)
def clock(request: HttpRequest, person: people.Person, number: int) -> HttpResponse:
    """One promise to one customer: how it stands, why it is thought so, and who else is struck and silent."""
    reach, at = people.reach(person, _ACT), pages.now()
    found = queries.clock(number=number, reach=reach)
    if found is None:
        raise Http404
    struck = found.state in (rules.AT_RISK, *rules.MISSED)
    others = queries.silent(promise=found.promise, reach=reach, now=at, besides=found.pk) if struck else []
    return render(
        request, "promises/clock.html", {"one": found, "silent": others, "struck": struck, "now": at} | _zone(at)
    )


@pages.page(act=_ACT)
def due(request: HttpRequest, person: people.Person) -> HttpResponse:
    """For the first page: what is at risk or broke of that which one answers for, and of that which one's teams hold."""
    at = pages.now()
    alerts = queries.alerts(person=person)
    told = {(one.promise, one.event) for one in alerts}
    struck = queries.struck(person=person, now=at)
    others = [one for one in struck[: _MOST_SHOWN + len(told)] if (one.promise, one.event) not in told]
    shown = {
        "alerts": alerts[:_MOST_SHOWN],
        "alerts_count": len(alerts),
        "struck": others[:_MOST_SHOWN],
        "struck_count": struck.count(),
        "now": at,
    }
    return render(request, "promises/_today.html", shown | _zone(at))


@pages.page(act=_ACT, methods=("POST",))
def seen(request: HttpRequest, person: people.Person, alert: int) -> HttpResponse:
    """Somebody who answers for a promise has seen an alert."""
    actions.see(by=person, alert=alert, now=pages.now())
    return redirect("promises:running")


def _columns(sort: str, more: dict[str, Any]) -> list[dict[str, str]]:
    """The heads of the table: title, and the address that sorts by it, the other way round the second time."""
    titles = {
        "promise": _("Promise"), "subject": _("To"), "team": _("Team"), "due": _("Due"), "chance": _("Chance of being kept"),
    }  # fmt: skip
    return [
        {
            "title": title,
            "to": "?" + urlencode(more | {"sort": f"-{name}" if sort == name else name}),
            "aria": "ascending" if sort == name else "descending" if sort == f"-{name}" else "",
        }
        for name, title in titles.items()
    ]


def _sorted(found: list[queries.Kept], sort: str) -> Iterable[queries.Kept]:
    if sort == "share":
        return sorted(found, key=lambda one: (one.share is None, one.share or 0))
    if sort == "burnt":
        return sorted(found, key=lambda one: -(one.burnt or 0))
    if sort == "promise":
        return sorted(found, key=lambda one: one.name)
    return found


def _register_row(one: queries.Kept) -> list[object]:
    owner, objective = (one.promise.owner, one.promise.objective) if one.promise else (None, None)
    counted = (one.running_count, one.at_risk_count, one.ended_count, one.missed_count, one.share, one.low, one.high)
    return [one.name, owner, objective, *counted, one.burnt]


def _zone(at: Any) -> dict[str, Any]:
    found = queries.reading(now=at)
    return {"zone": found[0].book.timezone if found else ZoneInfo("UTC")}
