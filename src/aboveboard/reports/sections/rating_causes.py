"""What do low ratings come from? Parts of the system by name; employees only all together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from aboveboard.findings.rating_causes import LEAST, is_low
from aboveboard.playbook.model import Playbook
from aboveboard.reports import charts, theme, words
from aboveboard.reports.exhibits import Figure, Row, rows_of, table_of
from aboveboard.reports.run import Results
from aboveboard.reports.sections.section import Section

MOST = 8
_NOTE = (
    "every moment before a rating counts the same, and is divided equally among whoever acted and the breakdowns known by then; "
    "nothing that came later moves a weight"
)
EVERYBODY = "whoever served"


def section(results: Results, playbook: Playbook) -> Section | None:
    """One line per cause, over all low ratings of every measure; None where there are fewer than twenty."""
    low = [row for row in rows_of(results.tables.get("ratings")) if is_low(row, playbook)]
    count = len({row["rating"] for row in low})
    if count < LEAST:
        return None
    parts = _parts(low, count)
    points = [_point(name, share) for name, share in parts[:MOST]]
    drawing = theme.draw(
        lambda width: charts.estimates(points, width, domain=(0, 1), format="%"),
        "; ".join(f"{name} {words.share(share)}" for name, share in parts[:MOST]),
    )
    # The table names no employee: theirs are together in one line.
    shown = [row for row in low if row["side"] != "employee"]
    figure = Figure("What low ratings come from", _NOTE, drawing, table_of("ratings", shown[:200], "ratings"))
    system = sum(row["weight"] for row in low if row["side"] == "system") / count
    served = dict(parts).get(EVERYBODY, 0.0)
    answer = (
        f"Of {count} low ratings, {words.share(system)} by weight comes from promises, policies, processes and products, and "
        f"{words.share(served)} from whoever served."
    )
    return Section("rating-causes", "What do low ratings come from?", answer, [figure], kinds=("rating",))


def _parts(low: Sequence[Row], count: int) -> list[tuple[str, float]]:
    """Causes by their part in all low ratings, the greatest first; what nothing is known of comes last."""
    sums: dict[str, float] = defaultdict(float)
    for row in low:
        name = EVERYBODY if row["side"] == "employee" else row["name"] or "nothing on record"
        sums[name if row["cause"] in ("process", "employee", "unknown") else f"{row['cause']} {name}"] += row["weight"]
    return sorted(((name, total / count) for name, total in sums.items()), key=lambda part: (-part[1], part[0]))


def _point(name: str, share: float) -> Row:
    return {
        "name": name,
        "estimate": share,
        "low": None,
        "high": None,
        "stands_out": False,
        "label": words.share(share),
        "says": f"{name}: {words.share(share)}",
    }
