"""System or person? What goes with the differences between cases; employees only all together, never one of them."""

from __future__ import annotations

from collections.abc import Sequence

from aboveboard.findings import sentences
from aboveboard.findings.attribution import differs
from aboveboard.playbook.model import Playbook
from aboveboard.reports import attribution_charts, theme, words
from aboveboard.reports.exhibits import Figure, Row, rows_of, table_of
from aboveboard.reports.run import Results
from aboveboard.reports.sections.section import Section

WIDEST = 0.5
"""An interval wider than this says nothing worth a sentence."""
_UNSURE = "Too few cases to say, or employees cannot be told from teams, rules and hours; the intervals show how much is open."
_NOTE = (
    "the thin line is the 95 % interval of where the system’s part ends. None of these: what is left from case to case, "
    "customers’ own matters included"
)


def section(results: Results, playbook: Playbook) -> Section | None:
    """One bar per outcome, and the components behind it; None where no outcome had enough cases."""
    rows = rows_of(results.tables.get("variance"))
    drawn = {
        outcome: parts for outcome in dict.fromkeys(row["outcome"] for row in rows) if (parts := _parts(rows, outcome))
    }
    if not drawn:
        return None
    titles = {_title(outcome): parts for outcome, parts in drawn.items()}
    drawing = theme.draw(lambda width: attribution_charts.bars(titles, width), _alt(titles))
    figure = Figure(
        "What goes with the differences between cases?", _NOTE, drawing, table_of("variance", rows, "variance")
    )
    answer = " ".join(_says(outcome, parts) for outcome, parts in drawn.items() if _sure(parts))
    return Section(
        "attribution", "System or person?", answer or _UNSURE, [figure], kinds=("variance",), note=_unknown(rows)
    )


def _parts(rows: Sequence[Row], outcome: str) -> list[Row]:
    """The parts of one bar: the system together, employees together, both where they cannot be told, and chance.

    Nothing where the system is not of one piece because employees cannot be told from a part of it only.
    """
    mine = [row for row in rows if row["outcome"] == outcome and row["identified"]]
    parts = [row for row in mine if row["component"] in ("system", "employee", "chance") or row["side"] == "both"]
    return parts if sum(row["share"] for row in parts) > 0.999 else []


def _title(outcome: str) -> str:
    return outcome.capitalize()


def _sure(parts: Sequence[Row]) -> bool:
    """Both sides are known, and the system's share to within half of the bar."""
    by_side = {row["side"]: row for row in parts}
    return {"system", "employee"} <= by_side.keys() and by_side["system"]["high"] - by_side["system"]["low"] <= WIDEST


def _says(outcome: str, parts: Sequence[Row]) -> str:
    by_side = {row["side"]: row for row in parts}
    said = {
        side: f"{words.share(by_side[side]['share'])} ({words.interval(by_side[side]['low'], by_side[side]['high'])})"
        for side in ("system", "employee")
    }
    system, employee = said["system"], said["employee"]
    return f"Of the differences in {differs(outcome)}, {system} goes with the system and {employee} with who served."


def _alt(titles: dict[str, list[Row]]) -> str:
    said = []
    for title, parts in titles.items():
        listed = [f"{attribution_charts.LOOKS[row['side']][0]} {words.share(row['share'])}" for row in parts]
        said.append(f"{title}: {', '.join(listed)}")
    return "; ".join(said)


def _unknown(rows: Sequence[Row]) -> str:
    """What could not be told apart, in one sentence."""
    pairs = {
        tuple(sorted((row["component"], row["told_from"]))) for row in rows if row["told_from"] not in (None, "chance")
    }
    if not pairs:
        return ""
    listed = sentences.listed([f"{one} from {other}" for one, other in sorted(pairs)])
    return f"Cannot be told apart in some of them, whatever the number of cases: {listed}."
