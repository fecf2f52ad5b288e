"""The report by address: what there is, each section with its charts, tables for a spreadsheet, the rows behind a finding."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.safestring import mark_safe

from aboveboard.desk.followups import models, queries
from aboveboard.desk.people import pages
from aboveboard.desk.people import rules as people
from aboveboard.desk.playbook import queries as playbooks
from aboveboard.desk.problems import queries as problems
from aboveboard.playbook.model import Playbook
from aboveboard.reports import exhibits, fix_charts, folder, theme
from aboveboard.reports import leading as leads

_ROWS_SHOWN = 50
_OF_CUSTOMERS = ("customer", "household", "account")


@pages.page(act="findings.read")
def contents(request: HttpRequest, person: people.Person) -> HttpResponse:
    """What the last run says: every question with its answer."""
    _need_everything(person)
    run = queries.last_run()
    listed = folder.contents(_place(run)) if run else []
    heads: dict[str, list[object]] = {}
    for one in listed:
        heads.setdefault(one["head"], []).append(one)
    shown = {"run": run, "heads": heads, "tables": folder.tables(_place(run)) if run else []}
    return render(request, "reports/contents.html", shown)


@pages.page(act="findings.read")
def leading(request: HttpRequest, person: people.Person) -> HttpResponse:
    """One page for those who lead: as promised every single time, its trend, and the three causes that cost most."""
    _need_everything(person)
    run = queries.last_run()
    told = leads.read(_place(run)) if run else None
    found = folder.section(_place(run), "every-time") if run else None
    shown = {"run": run, "told": told, "html": mark_safe(found[1]) if found else ""}  # noqa: S308 - written by our own report
    return render(request, "reports/leading.html", shown)


@pages.page(act="findings.read")
def section(request: HttpRequest, person: people.Person, anchor: str) -> HttpResponse:
    """A section of the last run; for htmx the piece alone."""
    _need_everything(person)
    run = _run()
    found = folder.section(_place(run), anchor)
    if found is None:
        raise Http404("There is no such section.")
    said, html = found
    shown = {"said": said, "html": mark_safe(html), "run": run}  # noqa: S308 - written by our own report, which escapes
    fragment = bool(request.headers.get("HX-Request"))
    return render(request, "reports/_section.html" if fragment else "reports/section.html", shown)


@pages.page(act="findings.read")
def whole(request: HttpRequest, person: people.Person) -> HttpResponse:
    """The whole report as one file, to be kept or sent on."""
    _need_everything(person)
    place = _place(_run()) / folder.REPORT
    if not place.exists():
        raise Http404("The report of this run was cleaned up.")
    answer = HttpResponse(place.read_bytes(), content_type="text/html; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="report.html"'
    return answer


@pages.page(act="findings.read")
def table(request: HttpRequest, person: people.Person, name: str) -> HttpResponse:
    """A table of the last run as CSV. Cells that a spreadsheet would take for a formula are made harmless."""
    _need_everything(person)
    held = folder.table(_place(_run()), name)
    if held is None:
        raise Http404("There is no such table.")
    answer = HttpResponse(exhibits.sheet(held), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


@pages.page(act="findings.read")
def rows(request: HttpRequest, person: people.Person, finding: str) -> HttpResponse:
    """The rows of the table that a finding rests on, as far as they are of this person's teams."""
    found = queries.one(person=person, finding=finding)
    if found is None:
        raise Http404("There is no such finding.")
    held = folder.table(_place(found.last_run), found.table) if found.table else None
    if held is None:
        return render(request, "reports/_rows.html", {"found": found, "table": None})
    held = _within(folder.rows_where(held, found.where), people.reach(person, "findings.read"))
    shown = exhibits.table_of(found.table, held.slice(0, _ROWS_SHOWN).to_pylist(), found.table)
    return render(request, "reports/_rows.html", {"found": found, "table": shown, "count": held.num_rows})


@pages.page(act="findings.read")
def fix(request: HttpRequest, person: people.Person, number: int) -> HttpResponse:
    """The weeks before and after a change that was made for a problem, as the run drew them that judged it last."""
    change = problems.change(person=person, number=number)
    if change is None or change.run is None:
        raise Http404("There is no such change, or it was not judged yet.")
    read = problems.of_run(folder=Path(settings.FOUND.folder), run=change.run)
    row = next(iter(read("fixes", {"fix": change.event})), None)
    weeks = read("fix_weeks", {"fix": change.event})
    if row is None or not weeks or row["expected"] is None:
        return render(request, "problems/_weeks.html", {})
    zone = (playbooks.current(now=pages.now()) if playbooks.in_force(now=pages.now()) else Playbook()).timezone
    says = f"{change.problem.title}, {row['because']}"
    drawing = theme.draw(lambda width: fix_charts.before_after(weeks, row, zone, width), says)
    shown = {
        "wide": mark_safe(drawing.wide),  # noqa: S308 - drawn by our own chart, which escapes
        "narrow": mark_safe(drawing.narrow),  # noqa: S308 - as above
        "table": exhibits.table_of("fix_weeks", weeks, f"fix-weeks-{change.pk}"),
    }
    return render(request, "problems/_weeks.html", shown)


def _within(held: pa.Table, reach: people.Reach) -> pa.Table:
    """Rows of the teams in reach; whose they were is for those alone whose reach is everything."""
    if reach.everything:
        return held
    if "team" in held.column_names:
        held = held.filter(pa.array([reach.holds(team) for team in held["team"].to_pylist()], pa.bool_()))
    return held.drop_columns([name for name in _OF_CUSTOMERS if name in held.column_names])


def _need_everything(person: people.Person) -> None:
    """The report is about all teams together: it is for whoever reads findings of all of them."""
    if not people.reach(person, "findings.read").everything:
        raise people.ForbiddenError(
            "The report is about the whole organisation. Findings about your team are under Findings. "
            "Who may read it: whoever holds a role for the whole organisation."
        )


def _run() -> models.Run:
    run = queries.last_run()
    if run is None:
        raise Http404("Nothing has been analysed yet.")
    return run


def _place(run: models.Run) -> Path:
    return Path(settings.FOUND.folder) / "runs" / run.folder


urlpatterns = [
    path("", contents, name="contents"),
    path("at-a-glance", leading, name="leading"),
    path("whole", whole, name="whole"),
    path("tables/<str:name>", table, name="table"),
    path("rows/<str:finding>", rows, name="rows"),
    path("fixes/<int:number>", fix, name="fix"),
    path("<str:anchor>/", section, name="section"),
]
