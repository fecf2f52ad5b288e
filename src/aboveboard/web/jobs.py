"""What a worker does for each kind of chore: one function of a `Work`, which says how far it is and what came out."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.urls import reverse

from aboveboard.desk.cases import tasks as cases
from aboveboard.desk.chores import actions as chores
from aboveboard.desk.followups import actions as followups
from aboveboard.desk.followups import queries as found
from aboveboard.desk.imports import actions as imports
from aboveboard.desk.imports import queries as imports_queries
from aboveboard.desk.journal import actions as journal
from aboveboard.desk.journal import tasks
from aboveboard.desk.playbook import actions as playbook
from aboveboard.desk.playbook import queries as playbooks
from aboveboard.desk.policies import tasks as policies
from aboveboard.desk.problems import queries as of_problems
from aboveboard.desk.problems import tasks as problems
from aboveboard.desk.promises import tasks as clocks
from aboveboard.engines import Ledger, read
from aboveboard.ledger import store
from aboveboard.ledger.errors import AboveboardError
from aboveboard.playbook.model import Playbook
from aboveboard.reports import folder as reports
from aboveboard.reports import run as runs
from aboveboard.simulate import company
from aboveboard.web.worker import Job, Recurring, Work, Worker

COPY, RUNS = "ledger", "runs"
"""Where below the installation's folder the copy of the ledger lies, and what runs left."""
_RUNS_KEPT = 30
_CHORES_KEPT = timedelta(days=30)
_MOST_PARTS = 300
_DEMO_SEED, _DEMO_CUSTOMERS = 7, 2_000
_MORE_STEPS = 1
_OF_PROBLEM = "problem:"


class NothingToAnalyseError(AboveboardError):
    """There is no playbook yet, or no event."""


def seal(work: Work) -> Mapping[str, Any]:
    """Seal what was recorded since the last seal."""
    return {"events": sum(one.count for one in journal.seal(now=work.now))}


def copy(work: Work) -> Mapping[str, Any]:
    """Bring the Parquet copy up to the last seal. Where it has fallen into many small parts, it is made anew."""
    place = work.folder / COPY
    if len(store.Store(place).parts()) > _MOST_PARTS:
        _renew(work.folder, place)
    return {"events": tasks.copy(folder=place)}


def _renew(folder: Path, place: Path) -> None:
    fresh, old = folder / f"{COPY}.new", folder / f"{COPY}.old"
    for left in (fresh, old):
        shutil.rmtree(left, ignore_errors=True)
    tasks.copy(folder=fresh)
    place.rename(old)
    fresh.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def promises(work: Work) -> Mapping[str, Any]:
    """Bring the clocks of running promises up to now, and alert whoever answers for those at risk."""
    return {"running": clocks.advance(now=work.now)}


def follow(work: Work) -> Mapping[str, Any]:
    """Keep the clocks of open cases by what was recorded elsewhere, as far as it is sealed."""
    read = 0
    while new := cases.follow(now=work.now):
        read += new
        work.go_on()
    return {"events": read}


def clean_up(work: Work) -> Mapping[str, Any]:
    """Take away what runs left but the newest, what killed ones left, and chores that ended a month ago."""
    kept = set(found.runs()[:_RUNS_KEPT].values_list("folder", flat=True))
    old = work.now - timedelta(days=1)
    gone = [one for one in _listed(work.folder / RUNS) if one.name not in kept and _changed(one) < old.timestamp()]
    for one in gone:
        shutil.rmtree(one, ignore_errors=True)
    return {"folders": len(gone), "chores": chores.forget(before=work.now - _CHORES_KEPT)}


def _listed(folder: Path) -> list[Path]:
    return sorted(one for one in folder.iterdir() if one.is_dir()) if folder.is_dir() else []


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")


def bring(work: Work) -> Mapping[str, Any]:
    """Take the events of an uploaded file in. It can be stopped until the events are recorded; done twice, it adds nothing."""
    upload = imports_queries.upload(number=work.about["upload"])
    if upload is None:
        raise NothingToAnalyseError("There is no such file any more.")
    then = reverse("imports:one", args=[upload.pk])
    if upload.receipt:
        return {"then": then}
    file = imports_queries.file_of(upload=upload, folder=work.folder)
    taken = imports.take(file=file, mapping=upload.mapping, timezone=upload.timezone, now=work.now, says=work.says)
    with work.ending(then=then, recorded=taken.recorded, rejected=taken.rejected) as told:
        imports.settle(upload=upload, taken=taken)
    return told


def demo(work: Work) -> Mapping[str, Any]:
    """Fill an empty desk with the demo company, and have it analysed."""
    work.says("inventing half a year of a company")
    with tempfile.TemporaryDirectory(prefix="aboveboard-demo-") as temporary:
        events, text = company.company(seed=_DEMO_SEED, customers=_DEMO_CUSTOMERS).write(Path(temporary))
        imports.take(file=events, mapping="", timezone=company.ZONE, now=work.now, says=work.says)
        at = work.now
        with work.ending() as told:
            playbook.publish(by=None, text=text.read_text(), why="The demo company's.", effective_from=at, now=at)
            asked = chores.ask(by=None, name="analyse", act="findings.work", now=at)
            told["then"] = reverse("chores:one", args=[asked.pk])
    return told


def nightly(work: Work) -> Mapping[str, Any]:
    """The analysis of every night; where there is nothing to analyse yet, nothing is done."""
    try:
        return analyse(work)
    except NothingToAnalyseError as error:
        return {"skipped": str(error)}


def analyse(work: Work) -> Mapping[str, Any]:
    """Run every analysis on the copy, write its tables and its report, and hand what it found to the desk.

    The report takes its place before the database says that there is one; where the database then refuses, it is taken away.
    Raises NothingToAnalyseError where there is no playbook or no event yet.
    """
    begun = work.now
    version = playbooks.in_force(now=begun)
    if version is None:
        raise NothingToAnalyseError(
            "There is no playbook yet: what was promised has to be said before it can be judged."
        )
    held = playbooks.current(now=begun)
    _freshen(work)
    name = f"{begun:%Y%m%dT%H%M%S}-{work.chore.claim[:8]}"
    out = work.folder / RUNS / name
    with _removed_unless_whole(out), _snapshot(work.folder / COPY, out / ".ledger") as parts:
        with read(*parts, timezone=held.timezone.key) as ledger:
            as_of = judged_at(ledger, begun)
            results = runs.run(
                ledger, held, as_of=as_of, progress=lambda says, step, of: work.says(says, step, of + _MORE_STEPS)
            )
        _written(work, results, held, out)
        ran = followups.Ran(
            as_of=results.as_of,
            started_at=begun,
            playbook=version.number,
            folder=name,
            events_count=results.facts["events_count"],
            customers_count=results.facts["customers_count"],
            first_at=results.facts["first_at"],
            last_at=results.facts["last_at"],
        )
        with work.ending(then=reverse("followups:listed")) as told:
            run = followups.take(ran=ran, findings=results.findings, now=work.now)
            tables = of_problems.of_tables(results.tables)
            policies.take(findings=results.findings, abuse=tables("abuse", {}), now=work.now)
            problems.take(run=run, read=tables, now=work.now)
            told |= {"run": run.pk, "found": run.found_count, "new": run.new_count, "back": run.back_count}
            told |= {"gone": run.gone_count, "folder": name}
    return told


def _freshen(work: Work) -> None:
    work.says("sealing and copying the newest events")
    journal.seal(now=work.now)
    tasks.copy(folder=work.folder / COPY)


def _written(work: Work, results: runs.Results, held: Playbook, out: Path) -> None:
    steps = len(results.tables) + 1 + _MORE_STEPS
    work.says("drawing the report", steps, steps)
    reports.write(results, held, out, pieces=True)
    work.go_on()


def judged_at(ledger: Ledger, now: datetime) -> datetime:
    """The moment to judge at: the last event that is about somebody or something, and not later than now.

    What the desk notes of itself (who joined, which playbook holds, what is done about a problem) does not count: after an
    import of last year's events everything would else be judged as of today, and every promise that ran at their end be
    broken. Raises NothingToAnalyseError where there is no such event.
    """
    events = ledger.events
    of_matter = events.subject.notnull() & ~events.subject.fill_null("").startswith(_OF_PROBLEM)
    about = (events.source.fill_null("") != "desk") | of_matter | events.customer.notnull()
    last = ledger.arrow(events.filter(about).aggregate(last_at=events.time.max())).to_pylist()[0]["last_at"]
    if last is None:
        raise NothingToAnalyseError("There are no events yet: import some first.")
    return min(last, now)  # type: ignore[no-any-return]


@contextmanager
def _snapshot(ledger: Path, place: Path) -> Iterator[list[Path]]:
    """The copy as it is now, held fast while an analysis reads it: links to its parts, which another chore may replace."""
    place.mkdir(parents=True)
    held = []
    for part in store.Store(ledger).parts():
        link = place / part.name
        try:
            os.link(part, link)
        except OSError:
            shutil.copyfile(part, link)
        held.append(link)
    if not held:
        raise NothingToAnalyseError("There are no events yet: import some first.")
    try:
        yield held
    finally:
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def _removed_unless_whole(out: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        shutil.rmtree(out, ignore_errors=True)
        raise


JOBS: Mapping[str, Job] = {
    "seal": seal,
    "copy": copy,
    "promises": promises,
    "follow": follow,
    "clean-up": clean_up,
    "import": bring,
    "demo": demo,
    "analyse": analyse,
    "analyse-nightly": nightly,
}
LANES: Sequence[Sequence[str]] = (
    ("seal", "follow", "copy", "clean-up"),
    ("promises",),
    ("analyse", "import", "demo", "analyse-nightly"),
)
RECURRING = (
    Recurring("seal", timedelta(seconds=20)),
    Recurring("promises", timedelta(seconds=20)),
    Recurring("follow", timedelta(seconds=60)),
    Recurring("copy", timedelta(minutes=10)),
    Recurring("clean-up", timedelta(days=1), at=3),
    Recurring("analyse-nightly", timedelta(days=1), at=2),
)


def worker() -> Worker:
    """The worker of this installation."""
    return Worker(JOBS, LANES, RECURRING)
