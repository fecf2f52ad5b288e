"""Do teams that miss something break more promises? One row per question, over the teams with a score of their own."""

from __future__ import annotations

from typing import Any

import numpy as np

from aboveboard.analyses.enablement.tables import ALL, LINKS, QUESTIONS, SMALL
from aboveboard.analyses.shared import arrays, discoveries, intervals

Row = dict[str, Any]
TEAMS_LEAST, CASES_LEAST = 8, 20
_DRAWN, _SEED = 5_000, 20_260_303


def links(pulse: Any) -> Any:
    """Hold each question's scores against the same teams' breakdowns: table LINKS (see `tables`).

    `pulse` is the table of that name. Spearman, C. (1904). The proof and measurement of association between two things. American
    J. of Psychology 15, 72–101; the interval by Fisher's z with the variance of Bonett, D. G. and Wright, T. A. (2000). Sample
    size requirements for estimating Pearson, Kendall and Spearman correlations. Psychometrika 65, 23–28; p by permutation.
    Teams differ in more than what they answer: it is no proof that one makes the other.
    """
    whole = pulse.filter(pulse.week_start_at.isnull(), ~pulse.team.isin([ALL, SMALL]), pulse.cases_count >= CASES_LEAST)
    table = arrays.cells(whole.select("team", "question", "score", "breakdown_share").order_by(["question", "team"]))
    rows = [_row(question, table) for question in QUESTIONS if (table["question"] == question).any()]
    adjusted = discoveries.adjusted([row.get("p", np.nan) for row in rows])
    return arrays.rows_to_table(
        LINKS, [row | {"q": float(q), "says": _says(row)} for row, q in zip(rows, adjusted, strict=True)]
    )


def _row(question: str, table: arrays.Cells) -> Row:
    mine = table["question"] == question
    score, missed = (_ranks(np.asarray(table[name][mine], float)) for name in ("score", "breakdown_share"))
    row: Row = {"question": question, "teams_count": int(mine.sum())}
    if len(score) < TEAMS_LEAST or not score.std() or not missed.std():
        return row
    found = float(np.corrcoef(score, missed)[0, 1])
    rng = np.random.default_rng(_SEED)
    away = (missed - missed.mean()) / (missed.std() * len(missed))
    drawn = np.array([rng.permutation(score) @ away for _ in range(_DRAWN)]) / score.std()
    p = (1 + int((np.abs(drawn) >= abs(found) - 1e-12).sum())) / (_DRAWN + 1)
    reach = intervals.Z95 * np.sqrt((1 + found**2 / 2) / (len(score) - 3))
    z = np.arctanh(np.clip(found, -0.999999, 0.999999))
    return row | {
        "correlation": found, "correlation_low": float(np.tanh(z - reach)), "correlation_high": float(np.tanh(z + reach)), "p": p,
    }  # fmt: skip


def _ranks(values: Any) -> Any:
    """Ranks from one, ties sharing the mean of theirs."""
    order = np.sort(values)
    first, last = np.searchsorted(order, values, "left"), np.searchsorted(order, values, "right")
    return (first + last + 1) / 2


def _says(row: Row) -> str:
    if "correlation" not in row:
        return f"{row['teams_count']} teams with answers and promises: too few to say."
    if row["p"] > 0.05:
        return "No sure link between what teams answer and the promises they break."
    word = "more" if row["correlation"] < 0 else "fewer"
    return f"Teams that answer lower break {word} of their promises."
