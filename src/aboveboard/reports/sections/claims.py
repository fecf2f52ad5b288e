"""Is what we say what we do?"""

from __future__ import annotations

from collections.abc import Sequence

from aboveboard.findings import sentences
from aboveboard.playbook.model import Playbook
from aboveboard.reports import claim_charts, theme, words
from aboveboard.reports.exhibits import MOST_NAMES, Figure, Row, rows_of, rows_where, table_of
from aboveboard.reports.run import Results
from aboveboard.reports.sections.section import Section


def section(results: Results, playbook: Playbook) -> Section | None:
    """The claims by verdict, and the clearest contradictions side by side; None where nobody claimed anything."""
    whole = [row for row in rows_of(results.tables.get("claim_summary")) if row["slice"] == "all"]
    overall = [row for row in whole if row["claim"] == "all"]
    if not overall:
        return None
    by_claim = sorted((r for r in whole if r["claim"] != "all"), key=lambda r: (-r["claims_count"], r["claim"]))
    contradicted = rows_where(results.tables["claims"], verdict="contradicted")
    return Section(
        "claims",
        "Is what we say what we do?",
        _answer(overall[0]),
        _figures(by_claim, results),
        kinds=("claim",),
        pairs=_pairs(contradicted, playbook),
        note="A claim cannot be told where the record never shows such acts, or the words name nothing to look under. "
        "Nothing here is shown by person.",
    )


def _answer(row: Row) -> str:
    known = row["supported_count"] + row["contradicted_count"]
    told = f"Customers were told {words.count(row['claims_count'])} times that something was done, or would be"
    if not known:
        return f"{told}; the record cannot show whether it was."
    between = words.interval(row["true_share_low"], row["true_share_high"])
    return (
        f"{told}. Of the {words.count(known)} that can be told, the record bears out {words.share(row['true_share'])} "
        f"({between}) and contradicts {words.count(row['contradicted_count'])}."
    )


def _figures(by_claim: Sequence[Row], results: Results) -> list[Figure]:
    drawn = by_claim[:MOST_NAMES]
    # A formula is a page long; the file of the table holds it.
    brief = results.tables["claims"].drop_columns(["formula"])
    latest = sorted(rows_of(brief), key=lambda row: (row["said_at"], row["event"]), reverse=True)
    bars = theme.draw(lambda width: claim_charts.verdicts(drawn, width), "What became of each claim, by verdict")
    figures = [
        Figure(
            "What became of what was said?",
            "the table lists the latest first",
            bars,
            table_of("claims", latest, "claims"),
        )
    ]
    known = [row for row in drawn if not words.absent(row["true_share"])]
    if known:
        points = theme.draw(
            lambda width: claim_charts.borne_out(known, width), "Share of claims borne out, with intervals"
        )
        parts = table_of("claim_summary", rows_of(results.tables["claim_summary"]), "claim-summary")
        figures.append(Figure("How often is it borne out, of those that can be told?", "", points, parts))
    return figures


def _pairs(contradicted: Sequence[Row], playbook: Playbook) -> list[Row]:
    """The same words for the same claim on the same channel are one line, with how often and the latest example."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in contradicted:
        groups.setdefault((row["claim"], row["words"].casefold(), row["channel"] or ""), []).append(row)
    most = sorted(groups.values(), key=lambda group: (-len(group), group[0]["claim"], group[0]["words"]))
    return [_pair(group, playbook) for group in most[:MOST_NAMES]]


def _pair(group: Sequence[Row], playbook: Playbook) -> Row:
    row = max(group, key=lambda r: (r["said_at"], r["event"]))
    voice = " / ".join(name for name in (row["channel"], row["team"]) if name) or "somebody"
    return {
        "subject": row["subject"],
        "times": sentences.counted(len(group), "time", "times"),
        "fact": words.plain(row["claim"]),
        "first": {"by": voice, "says": row["words"], "at": words.moment(row["said_at"], playbook.timezone)},
        "second": {"by": "the record", "says": row["why"].removesuffix("."), "at": ""},
        "against": "record",
    }
