"""What the problems show: a cause that many cases share, whom it struck, and what contributes to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from aboveboard.analyses.problems import answers, tallies
from aboveboard.findings import comparing, sentences
from aboveboard.findings.model import Evidence, Finding, Kind
from aboveboard.findings.said import MOST_EVENTS, Row, Tables, rows
from aboveboard.playbook.model import Playbook

_SCAN = (
    "scan statistic, simulated, false-discovery rate 5 % over all searches; ratio of rates, log interval",
    "Kulldorff (1997), Commun. Stat. 26, 1481–1496; Siegmund, Zhang and Yakir (2011), Biometrika 98, 979–985; "
    f"{comparing.BENJAMINI_HOCHBERG}",
)
MOST_TIMES = 20
"""A greater ratio is told by the number expected."""
KINDS: tuple[Kind, ...] = (
    Kind(
        "problem.found",
        "Many cases go wrong at one place or time, more than chance can bring about: they have a cause in common.",
        "At least 5 breakdowns and 1.5 times the rate elsewhere, false-discovery rate 5 % over all places and times.",
        ("problem",),
        "problems",
    ),
    Kind(
        "problem.recorded",
        "A problem that events of the record name, and that no scan has found.",
        "At least one case carries `attributes.problem`.",
        ("problem",),
        "problems",
    ),
)


def findings(tables: Tables, playbook: Playbook, *, as_of: datetime) -> Iterator[Finding]:
    """Every finding of the tables `problems` and `problem_factors` (a missing table says nothing)."""
    for row in rows(tables, "problems"):
        factors = sorted(rows(tables, "problem_factors", problem=row["problem"]), key=lambda one: one["place"])
        yield _recorded(row) if row["found"] == "record" else _found(row, factors, tables, playbook)


def _found(row: Row, factors: Sequence[Row], tables: Tables, playbook: Playbook) -> Finding:
    return Finding(
        "problem.found",
        {"problem": row["problem"]},
        f"{row['cause']} {_how_many(row)}, {_times(row)}. {_struck(row)}{_also(row)}",
        Evidence(row["n"], row["relative_risk"], "ratio", row["relative_risk_low"], row["relative_risk_high"], *_SCAN),
        action=_action(factors),
        owner=_owner(row, playbook),
        weight=float(row["affected_count"]),
        events=_events(row, tables),
        table="problems",
        where={"problem": row["problem"]},
    )


def _recorded(row: Row) -> Finding:
    struck = sentences.counted(row["affected_count"], "customer has", "customers have")
    return Finding(
        "problem.recorded",
        {"problem": row["problem"]},
        f"{struck} cases that belong to the problem {row['problem']}. No place or time stands out for it. {_silent(row)}",
        Evidence(row["n"], float(row["affected_count"]), "count", method="count of customers"),
        action="Say in the record what went wrong for them, so that the others whom it struck can be found.",
        weight=float(row["affected_count"]),
        table="problem_cases",
        where={"problem": row["problem"]},
    )


def _how_many(row: Row) -> str:
    return f"{row['n']:,} of {sentences.counted(row['occasions_count'], 'occasion', 'occasions')}"


def _times(row: Row) -> str:
    """The ratio, as one would say it: where next to nothing goes wrong elsewhere, no number is worth naming."""
    expected = f"{row['expected']:,.1f}" if row["expected"] < 10 else f"{row['expected']:,.0f}"
    where = "at its objective" if row["against"] == tallies.OBJECTIVE else "at the rate of the rest"
    if row["relative_risk"] > MOST_TIMES:
        return f"where {expected} would be expected {where}"
    low, high = row["relative_risk_low"], row["relative_risk_high"]
    return f"{row['relative_risk']:.1f} times ({low:.1f}–{high:.1f}) as many as {where}"


def _struck(row: Row) -> str:
    return f"{sentences.counted(row['affected_count'], 'customer was', 'customers were')} struck; {_silent(row)}"


def _silent(row: Row) -> str:
    silent = row["silent_count"]
    return f"{silent:,} of them never said a word." if silent else "All of them said so."


def _also(row: Row) -> str:
    return f" With it: {row['also'][:1].lower() + row['also'][1:]}." if row["also"] else ""


def _action(factors: Sequence[Row]) -> str:
    """Begin with the first thing that contributes, in the order in which to ask."""
    signs = [one for one in factors if one["answer"] == answers.CONTRIBUTES]
    if not signs:
        return "Look at twenty of the cases side by side; nothing on record says yet what they have in common."
    first = signs[0]
    rest = sentences.listed([one["factor"] for one in signs[1:]])
    then = f" Then look at: {rest}." if rest else ""
    return f"Begin here: {first['question']} {first['evidence']}{then} Tell those who were struck."


def _owner(row: Row, playbook: Playbook) -> str | None:
    sort, _, name = (row["rule"] or "").partition(":")
    if sort == "promise" and name in playbook.promises:
        return playbook.promises[name].owner
    if sort == "policy" and name in playbook.policies:
        return playbook.policies[name].owner
    if sort == "step":
        procedure = playbook.procedures.get(name.partition("/")[0])
        return procedure.owner if procedure else None
    return None


def _events(row: Row, tables: Tables) -> tuple[str, ...]:
    """The latest occasions of the problem's cases that broke."""
    cases, occasions = tables.get("problem_cases"), tables.get("occasions")
    if cases is None or occasions is None:
        return ()
    subjects = cases.filter(pc.equal(cases["problem"], row["problem"]))["subject"].drop_null()
    mine = occasions.filter(
        pc.and_(pc.equal(occasions["kind"], row["kind"]), pc.and_(occasions["broken"], _among(occasions, subjects)))
    )
    if row["rule"] is not None:
        mine = mine.filter(pc.fill_null(pc.equal(mine["rule"], row["rule"]), False))
    order = [("at", "descending"), ("event", "ascending")]
    chosen = mine.take(pc.select_k_unstable(mine, min(MOST_EVENTS, mine.num_rows), order))
    return tuple(chosen["event"].to_pylist())


def _among(occasions: pa.Table, subjects: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.is_in(occasions["subject"], value_set=subjects.combine_chunks())
