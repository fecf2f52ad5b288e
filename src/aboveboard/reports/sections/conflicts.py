"""Which rules cannot all be kept?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from aboveboard.findings import sentences
from aboveboard.playbook.model import Playbook
from aboveboard.reports import conflict_charts, theme, words
from aboveboard.reports.exhibits import MOST_NAMES, Figure, Row, rows_of, table_of
from aboveboard.reports.run import Results
from aboveboard.reports.sections.section import Section

_EDITS = ("rule", "kind", "key", "old", "new", "says")
_SHOWN = (
    "rules",
    "where_words",
    "when",
    "events_count",
    "outside_count",
    "missed_share",
    "outside_missed_share",
    "verdict",
)
_REMARKS = ("kind", "rules", "by", "when", "says")
"""Columns of the tables on the page, in this order; the Parquet files hold them all."""
_MOST_EDITS = 5


def section(results: Results, playbook: Playbook) -> Section | None:
    """Each conflict with its picture, its sample customer and what would free it; None where the playbook has no rules to read."""
    found = rows_of(results.tables.get("conflicts"))
    remarks = rows_of(results.tables.get("rule_remarks"))
    if not found and not remarks:
        return None
    boxes, cases, edits = (
        rows_of(results.tables.get(name)) for name in ("conflict_boxes", "conflict_cases", "conflict_edits")
    )
    figures = list(_figures(found, boxes, cases, edits))
    if len(found) > MOST_NAMES:
        shown = [{name: row[name] for name in _SHOWN} for row in found]
        figures.append(
            Figure("All conflicts", f"{len(found):,} in all", None, table_of("conflicts", shown, "conflicts"))
        )
    if remarks:
        shown = [{name: row[name] for name in _REMARKS} for row in remarks]
        table = table_of("rule_remarks", shown, "rule-remarks")
        figures.append(Figure("What else do the rules show?", " ".join(_listed(remarks)), None, table))
    return Section(
        "conflicts",
        "Which rules cannot all be kept?",
        _answer(found),
        figures,
        kinds=("conflict", "rules"),
        numbers=tuple(_numbers(found)),
    )


def _of(rows: Sequence[Row], conflict: Row) -> list[Row]:
    return [row for row in rows if row["rules"] == conflict["rules"]]


def _answer(found: Sequence[Row]) -> str:
    if not found:
        return "In every situation all rules can be kept together."
    many = sentences.counted(len(found), "set of rules", "sets of rules")
    said = f"{many} cannot be kept together in some situations, though any one of its rules can be left out."
    worst = max(found, key=lambda row: row["events_count"] or 0)
    if worst["events_count"]:
        total = worst["events_count"] + worst["outside_count"]
        said += f" {worst['events_count']:,} of {total:,} cases fell into such a situation ({worst['where_words']})."
    return said.replace("any one of its", "any one of their") if len(found) > 1 else said


def _numbers(found: Sequence[Row]) -> Iterator[tuple[str, str, str]]:
    counted = [row for row in found if row["missed_share"] is not None]
    if counted:
        worst = max(counted, key=lambda row: row["events_count"])
        yield "inside", words.share(worst["missed_share"]), "late or broken where the rules clash"
        if worst["outside_missed_share"] is not None:
            yield "outside", words.share(worst["outside_missed_share"]), "late or broken elsewhere"


def _figures(
    found: Sequence[Row], boxes: Sequence[Row], cases: Sequence[Row], edits: Sequence[Row]
) -> Iterator[Figure]:
    """One figure per place: conflicts that bite in the same situations of the same promise share a picture."""
    together: dict[tuple[str, str], list[Row]] = {}
    for row in found:
        together.setdefault((row["when"], row["promise"]), []).append(row)
    for number, rows in enumerate(list(together.values())[:MOST_NAMES], start=1):
        mine = [edit for row in rows for edit in edits if edit["rules"] == row["rules"]]
        yield _figure(number, rows, _of(boxes, rows[0]), _of(cases, rows[0]), mine)


def _figure(
    number: int, rows: Sequence[Row], boxes: Sequence[Row], cases: Sequence[Row], edits: Sequence[Row]
) -> Figure:
    table = table_of(
        "conflict_edits", [{name: edit[name] for name in _EDITS} for edit in edits], f"conflict-edits-{number}"
    )
    frees = list(
        dict.fromkeys(edit["says"] for edit in sorted(edits, key=lambda edit: (edit["size"] >= 1, edit["size"])))
    )
    more = [f"… and {len(frees) - _MOST_EDITS:,} more, in the table"] if len(frees) > _MOST_EDITS else []
    lines = [("Rules", [_title(row) for row in rows]), ("For example", [row["says"] for row in rows])]
    lines += [("What would free it", [*frees[:_MOST_EDITS], *more])] if frees else []
    title = f"{rows[0]['where_words'][0].upper()}{rows[0]['where_words'][1:]}"
    if not boxes or boxes[0]["x_fact"] is None:
        return Figure(title, "", None, table, lines)
    drawing = theme.draw(
        lambda width: conflict_charts.region(boxes, cases, width),
        f"Where {_title(rows[0])} cannot all be kept ({rows[0]['where_words']}), and where the real cases fell",
    )
    return Figure(title, _counts(cases), drawing, table, lines)


def _title(row: Row) -> str:
    return " + ".join(words.plain(name.partition(":")[2]) for name in row["rules"].split(" + "))


def _counts(cases: Sequence[Row]) -> str:
    """What the shapes mean, with how many of each are drawn."""
    drawn = Counter(row["outcome"] or "open" for row in cases)
    marks = {"circle": "●", "triangle-up": "▲", "cross": "✚", "diamond": "◆", "square": "■"}
    return ", ".join(
        f"{marks[conflict_charts.LOOKS[name][0]]} {count:,} {name}"
        for name, count in drawn.most_common()
        if name in conflict_charts.LOOKS
    )


def _listed(remarks: Sequence[Row]) -> list[str]:
    shown = [row["says"] for row in remarks[:3]]
    more = len(remarks) - len(shown)
    return [*shown[:-1], shown[-1].removesuffix(".")] if not more else [*shown, f"And {more:,} more"]
