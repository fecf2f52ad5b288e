"""What the nightly run says of problems, taken in."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from aboveboard.desk.followups import models as followup_models
from aboveboard.desk.journal import actions as journal
from aboveboard.desk.problems import actions, models, queries, rules
from aboveboard.ledger.event import Event


def take(*, run: followup_models.Run, read: queries.Reader, now: datetime) -> None:
    """Take in what a run says of every problem: whom it struck, what contributes, and the verdicts on its changes.

    A problem whose fix did not hold opens again by itself, and so does a closed one whose finding came back.
    """
    rows = {row["fix"]: row for row in read("fixes", {})}
    with transaction.atomic():
        found = models.Problem.objects.select_for_update(of=("self",)).order_by("pk")
        back = set(
            followup_models.Entry.objects.filter(run=run, what="came back").values_list("followup_id", flat=True)
        )
        for problem in found:
            actions.refresh(problem, read, run, now)
            changed = [one for one in queries.changes(problem=problem) if one.event in rows]
            said = [event for one in changed for event in _judge(problem, one, rows[one.event or ""], run, now)]
            if problem.state == rules.CLOSED and problem.finding_id in back:
                actions.open_again(problem, rules.BACK)
                said.append(
                    actions.event_of(
                        "problem.came-back", problem, None, now, attributes={"finding": problem.finding_id}
                    )
                )
            if said:
                problem.changed_at = now
                journal.record(events=said, now=now)
            problem.save()


def _judge(
    problem: models.Problem, change: models.Change, row: queries.Row, run: followup_models.Run, now: datetime
) -> list[Event]:
    before, verdict = change.verdict, row["verdict"]
    change.verdict, change.judged, change.run = verdict, queries.plain(row), run
    change.save()
    last = queries.latest(problem=problem)
    state = rules.judged(
        state=problem.state, before=before, verdict=verdict, latest=last is not None and last.pk == change.pk
    )
    came_back = state == rules.BACK != problem.state
    if came_back and problem.state == rules.CLOSED:
        actions.open_again(problem, rules.BACK)
    problem.state = state
    if verdict == before:
        return []
    about = {"fix": change.event, "run": run.pk, "before": before}
    said = [
        actions.event_of("problem.judged", problem, None, now, outcome=verdict, text=row["because"], attributes=about)
    ]
    if came_back:
        said.append(actions.event_of("problem.came-back", problem, None, now, attributes={"fix": change.event}))
    return said
