"""Which words do our rules put into people's mouths?"""

from __future__ import annotations

from aboveboard.findings import sentences
from aboveboard.playbook.model import Playbook
from aboveboard.reports import theme, wording_charts, words
from aboveboard.reports.exhibits import MOST_NAMES, Figure, Row, rows_of, table_of
from aboveboard.reports.run import Results
from aboveboard.reports.sections.section import Section


def section(results: Results, playbook: Playbook) -> Section | None:
    """The policies under which customers hear such words, then every remark; None where nothing was remarked on."""
    remarks = rows_of(results.tables.get("wording"))
    if not remarks:
        return None
    read = rows_of(results.tables.get("wording_read"))
    bred = sorted(
        (row for row in rows_of(results.tables.get("wording_by_policy")) if row["remarked_count"]),
        key=lambda row: (-row["share_low"], row["policy"], row["rule"]),
    )
    figures = [_by_policy(bred)] if bred else []
    newest = sorted(remarks, key=lambda row: (row["said_at"], row["event"]), reverse=True)
    figures.append(Figure("Each time", "the latest first", None, table_of("wording", newest, "wording")))
    return Section(
        "wording",
        "Which words do our rules put into people's mouths?",
        _answer(remarks, read),
        figures,
        kinds=("wording",),
        numbers=_numbers(remarks, read),
    )


def _by_policy(bred: list[Row]) -> Figure:
    shown = bred[:MOST_NAMES]
    more = f"; the first {MOST_NAMES} of {len(bred)}" if len(bred) > MOST_NAMES else ""
    note = f"share of the messages under each rule, with its interval; the grey mark is that of all others{more}"
    alt = "Share of messages with such words by rule: " + "; ".join(
        f"{row['policy']}, {row['rule']}: {words.share(row['share'])}" for row in shown[:6]
    )
    drawing = theme.draw(lambda width: wording_charts.bred(shown, width), alt)
    return Figure("Under which rules?", note, drawing, table_of("wording_by_policy", bred, "wording-by-policy"))


def _answer(remarks: list[Row], read: list[Row]) -> str:
    told = {row["event"] for row in remarks if row["audience"] == "customer"}
    noted = {row["event"] for row in remarks if row["audience"] == "internal"}
    parts = []
    if told:
        n = sum(r["messages_count"] for r in read if r["audience"] == "customer" and r["language"] is not None)
        parts.append(
            f"{words.count(len(told))} of {sentences.counted(n, 'message', 'messages')} to customers could be put better."
        )
    if noted:
        are = "note or closing cause speaks" if len(noted) == 1 else "notes and closing causes speak"
        parts.append(f"{words.count(len(noted))} {are} of a customer with contempt.")
    return " ".join(parts)


def _numbers(remarks: list[Row], read: list[Row]) -> list[tuple[str, str, str]]:
    rules = {
        rule: len({row["event"] for row in remarks if row["rule"] == rule}) for rule in {r["rule"] for r in remarks}
    }
    numbers = [
        (rule, words.count(count), words.plain(rule))
        for rule, count in sorted(rules.items(), key=lambda item: (-item[1], item[0]))
    ]
    unread = sum(row["messages_count"] for row in read if row["language"] is None)
    if unread:
        numbers.append(("unread", words.count(unread), "in a language without rules, not read"))
    return numbers
