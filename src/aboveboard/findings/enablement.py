"""What the pulse shows of teams, never of persons: what they miss, answers that wait, and what goes with broken promises."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from aboveboard.analyses.enablement.tables import ALL, SMALL
from aboveboard.findings import comparing, sentences
from aboveboard.findings.model import Evidence, Finding, Kind
from aboveboard.findings.said import Row, Tables, rows
from aboveboard.playbook.model import Playbook

MATERIAL = 0.5
"""A team fewer points below the others than this is no finding, however sure the difference."""
WAITING_DAYS, MOST_TEAMS = 14, 3
"""Where answers of more teams wait longer than this, it is said of all together."""
LACKS = {
    "training": "training",
    "tools": "tools",
    "system": "a system that works",
    "help": "help",
}
"""What a low answer to each question says is missing."""
KINDS: tuple[Kind, ...] = (
    Kind(
        "pulse.lacks",
        "A team answers a question of the pulse lower than the other teams.",
        "Different from the others at a false-discovery rate of 5 %, and at least half a point of five lower.",
        ("team", "question"),
        "pulse",
    ),
    Kind(
        "pulse.unanswered",
        "Answers of a team wait for a reply.",
        "Five or more, half of them for longer than 14 days.",
        ("team",),
        "pulse_replies",
    ),
    Kind(
        "pulse.goes-with-breakdowns",
        "Teams that answer a question lower break more promises.",
        "Eight or more teams; a false-discovery rate of 5 % over the questions.",
        ("question",),
        "pulse_links",
    ),
)
_MEAN = (
    "mean of answers told in fives, pooled spread, people as witnesses; against the other teams, false-discovery rate 5 %",
    comparing.BENJAMINI_HOCHBERG,
)
_RANKS = ("Spearman's rank correlation of teams, permutation test", "Bonett and Wright (2000), Psychometrika 65, 23–28")
_SHARE = ("share of answers, Wilson interval", comparing.WILSON)


def findings(tables: Tables, playbook: Playbook, *, as_of: datetime) -> Iterator[Finding]:
    """Every finding of the tables `pulse`, `pulse_replies` and `pulse_links` (a missing table says nothing)."""
    for row in rows(tables, "pulse"):
        if row["differs"] and row["rest_score"] - row["score"] >= MATERIAL:
            yield _lacks(row)
    waiting = [row for row in rows(tables, "pulse_replies") if (row["unanswered_days_median"] or 0) > WAITING_DAYS]
    teams = [row for row in waiting if row["team"] != ALL]
    for row in teams if len(teams) <= MOST_TEAMS else [row for row in waiting if row["team"] == ALL]:
        yield _unanswered(row)
    for row in rows(tables, "pulse_links"):
        if row["q"] is not None and row["q"] <= 0.05 and row["correlation"] < 0:
            yield _goes_with(row)


def _lacks(row: Row) -> Finding:
    team = "In the small teams" if row["team"] == SMALL else f"At {row['team']}"
    broken = ""
    if row["cases_count"]:
        between = sentences.percent_range(row["breakdown_share_low"], row["breakdown_share_high"])
        broken = (
            f" There {sentences.percent(row['breakdown_share'])} of {row['cases_count']:,} promises broke ({between})."
        )
    return Finding(
        "pulse.lacks",
        {"team": row["team"], "question": row["question"]},
        f"{team} people miss {LACKS[row['question']]}: {row['score']:.1f} of 5 ({row['score_low']:.1f}–{row['score_high']:.1f}), "
        f"elsewhere {row['rest_score']:.1f}.{broken}",
        Evidence(row["answers_count"], row["score"], "points", row["score_low"], row["score_high"], *_MEAN),
        "Ask the team what exactly is missing, say who will get it and by when, and answer them.",
        # Whom it may have let down; the pulse itself lets no customer down.
        weight=float(row["breakdowns_count"] or 0) / 2,
        table="pulse",
        where={"team": row["team"], "question": row["question"]},
    )


def _unanswered(row: Row) -> Finding:
    answers = sentences.counted(row["unanswered_count"], "answer", "answers")
    of = "of all teams" if row["team"] == ALL else f"of {row['team'].strip('()')}"
    low, high = comparing.interval(row["unanswered_count"], row["answers_count"])
    usual = (
        ""
        if row["reply_days_median"] is None
        else f" Where there was a reply, it took {row['reply_days_median']:g} days."
    )
    return Finding(
        "pulse.unanswered",
        {"team": row["team"]},
        f"{answers} {of} to the pulse wait for a reply, half of them for more than "
        f"{row['unanswered_days_median']:g} days.{usual}",
        Evidence(row["answers_count"], row["unanswered_count"] / row["answers_count"], "share", low, high, *_SHARE),
        "Answer: what was heard, what will be done, what will not and why.",
        weight=0.0,
        table="pulse_replies",
        where={"team": row["team"]},
    )


def _goes_with(row: Row) -> Finding:
    return Finding(
        "pulse.goes-with-breakdowns",
        {"question": row["question"]},
        f"Teams that miss {LACKS[row['question']]} break more of their promises (rank correlation {row['correlation']:.2f}".replace(
            "-", "−"
        )
        + f", {row['teams_count']} teams).",
        Evidence(
            row["teams_count"], row["correlation"], "points", row["correlation_low"], row["correlation_high"], *_RANKS
        ),
        "Begin with the teams that miss it most; what they say is missing may be what breaks the promises, or go with it.",
        weight=0.0,
        table="pulse_links",
        where={"question": row["question"]},
    )
