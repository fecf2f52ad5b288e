"""Who was affected by each problem, and who of them never said a word."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import ibis

from aboveboard.analyses.problems import tallies, voices
from aboveboard.analyses.problems.clusters import Clusters, recorded
from aboveboard.analyses.problems.tables import CASES
from aboveboard.analyses.shared import arrays, horizon
from aboveboard.ledger import epochs

if TYPE_CHECKING:
    from aboveboard.playbook.model import Playbook

LISTENS = timedelta(days=30)
"""What a customer says of anything within this time counts as a word, and he as not silent."""
_KEY = ["problem", "subject", "customer"]


def cases(events: Any, found: Clusters, playbook: Playbook, *, as_of: datetime | None = None) -> Any:
    """Every case of every problem: table CASES (see `tables`), as a query.

    A case is a subject of a customer. It belongs to a problem where something in one of the problem's regions went wrong
    for it, or where one of its events carries the problem. The events of a subject that name no customer are those of the
    customer whom others of it name.
    """
    if not found.problems:
        return arrays.rows_to_table(CASES, [])
    timed, _ = horizon.until(events, as_of)
    lines = ibis.union(_struck(found), _told(timed), distinct=False)
    lines = lines.filter(lines.subject.notnull() | lines.customer.notnull())
    whole = _owned(lines, timed)
    summed = whole.group_by(_KEY).aggregate(
        since=whole["at"].min(),
        kinds_count=whole.kind.nunique().cast("int64"),
        recorded=whole.recorded.max() == 1,
    )
    return _heard(summed, voices.voices(timed, playbook)).select(*CASES.columns)


def _struck(found: Clusters) -> Any:
    """The occasions that broke in a region, with the problem of the region."""
    numbers = {number: each.problem for each in found.problems for number in each.regions}
    lines = tallies.placed(found.timed, found.found)
    broken = lines.filter(lines.broken, lines.region.isin(sorted(numbers) or [-1]))
    problem = ibis.cases(
        *((broken.region == number, name) for number, name in sorted(numbers.items())), (ibis.literal(False), "")
    )
    return broken.select(
        "subject", "customer", "kind", "at", problem=problem, recorded=ibis.literal(0, type="int64")
    ).select("problem", "subject", "customer", "at", "kind", "recorded")


def _told(timed: Any) -> Any:
    known = recorded(timed)
    return known.filter(known.is_case).select(
        "problem",
        "subject",
        "customer",
        at="time",
        kind=ibis.null("string"),
        recorded=ibis.literal(1, type="int64"),
    )


def _owned(lines: Any, timed: Any) -> Any:
    named = timed.filter(timed.subject.notnull(), timed.customer.notnull())
    owners = named.group_by(its="subject").aggregate(owner=named.customer.min())
    joined = lines.left_join(owners, lines.subject == owners.its)
    return joined.mutate(customer=ibis.coalesce(joined.customer, joined.owner))


def _heard(summed: Any, said: Any) -> Any:
    """The loudest word after it began: on the subject at any time, of the customer within `LISTENS`."""
    begun = epochs.micros(summed.since)
    rows = summed.mutate(number=ibis.row_number().over(ibis.window(order_by=_KEY)), begun=begun)
    on_subject = rows.inner_join(said, rows.subject == said.subject)
    on_subject = on_subject.filter(on_subject["at"] > on_subject.begun).select("number", "loud")
    by_customer = rows.inner_join(said, rows.customer == said.customer)
    span = horizon.width(LISTENS, name="LISTENS")
    near = (by_customer["at"] > by_customer.begun) & (by_customer["at"] <= by_customer.begun + span)
    heard = ibis.union(on_subject, by_customer.filter(near).select("number", "loud"), distinct=False)
    loudest = heard.group_by(its="number").aggregate(loud=heard.loud.max())
    joined = rows.left_join(loudest, rows.number == loudest.its)
    voice = ibis.cases((joined.loud == 2, voices.COMPLAINED), (joined.loud == 1, voices.ASKED), else_=voices.SILENT)
    return joined.mutate(voice=voice)
