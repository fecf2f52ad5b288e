"""Which cases share a cause? The table of problems, from what the scan found and who was affected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import ibis

from aboveboard.analyses.problems import regions, saying, voices
from aboveboard.analyses.problems.clusters import Cluster, Clusters
from aboveboard.analyses.problems.tables import PROBLEMS
from aboveboard.analyses.shared import arrays
from aboveboard.engines import ledgers

if TYPE_CHECKING:
    from aboveboard.playbook.model import Playbook


def problems(found: Clusters, cases: Any, playbook: Playbook) -> Any:
    """Every problem with its numbers: table PROBLEMS (see `tables`).

    `cases` is what `cases` gives of the same clusters. The numbers of the region are those of its surest member where
    several were merged; whom it affected is counted over all of them.
    """
    counted = _counted(cases)
    return arrays.rows_to_table(PROBLEMS, _rows(found, counted, playbook))


def _counted(cases: Any) -> dict[str, Mapping[str, Any]]:
    """Customers (or subjects) by the loudest that each was."""
    loud = ibis.cases((cases.voice == voices.COMPLAINED, 2), (cases.voice == voices.ASKED, 1), else_=0)
    ranked = cases.mutate(who=ibis.coalesce(cases.customer, cases.subject), loud=loud)
    people = ranked.group_by(["problem", "who"]).aggregate(
        loud=ranked.loud.max(), since=ranked.since.min(), last=ranked.since.max()
    )
    summed = people.group_by("problem").aggregate(
        affected_count=people.count().cast("int64"),
        complained_count=(people.loud == 2).ifelse(1, 0).sum().cast("int64"),
        asked_count=(people.loud == 1).ifelse(1, 0).sum().cast("int64"),
        silent_count=(people.loud == 0).ifelse(1, 0).sum().cast("int64"),
        since=people.since.min(),
        last=people["last"].max(),
    )
    return {row["problem"]: row for row in ledgers.arrow(summed).to_pylist()}


def _rows(found: Clusters, counted: Mapping[str, Mapping[str, Any]], playbook: Playbook) -> Iterator[dict[str, Any]]:
    for each in found.problems:
        people = dict(counted.get(each.problem, {}))
        first, last = people.pop("since", None), people.pop("last", None)
        people.pop("problem", None)
        if each.lead is None:
            yield {
                "problem": each.problem,
                "cause": f"Known as {each.problem}; no scan sees it.",
                "found": "record",
                "since": first,
                "until": last,
                "n": people.get("affected_count", 0),
                **people,
            }
            continue
        yield {
            "problem": each.problem,
            "found": "both" if each.recorded else "scan",
            **_region(each, playbook),
            **people,
        }


def _region(each: Cluster, playbook: Playbook) -> dict[str, Any]:
    lead = each.lead
    assert lead is not None
    same = [one for one in each.members if one.region.key == lead.region.key]
    region, rule = lead.region, lead.region.rule or ""
    goes_on = any(one.goes_on for one in each.members)
    where = dict(region.place)
    n, broken = sum(one.count.n for one in same), sum(one.count.broken for one in same)
    expected = sum(one.expected for one in same)
    return {
        "cause": saying.cause(each, playbook),
        "region": "; ".join(one.region.words for one in same),
        "kind": region.kind,
        "rule": region.rule,
        "promise": rule.removeprefix("promise:") if rule.startswith("promise:") else None,
        "policy": rule.removeprefix("policy:") if rule.startswith("policy:") else None,
        **{name: where.get(name) for name in regions.PLACES},
        "hours": region.hours,
        "weekdays": region.weekdays,
        "also": saying.also(each, playbook),
        "since": min(one.since for one in each.members),
        "until": None if goes_on else max(one.last for one in each.members),
        "occasions_count": n,
        "n": broken,
        "expected": expected,
        "against": lead.against,
        "relative_risk": lead.risk,
        "relative_risk_low": lead.low,
        "relative_risk_high": lead.high,
        "q": lead.q,
    }
