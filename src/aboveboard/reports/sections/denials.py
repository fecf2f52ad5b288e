"""What was refused, and on what evidence?"""

from __future__ import annotations

from aboveboard.findings import sentences
from aboveboard.playbook.model import Playbook
from aboveboard.reports import denial_charts, theme, words
from aboveboard.reports.exhibits import MOST_NAMES, Figure, rows_of, table_of
from aboveboard.reports.run import Results
from aboveboard.reports.sections.section import Section


def section(results: Results, playbook: Playbook) -> Section | None:
    """Refusals by rule and evidence, and the findings of abuse; None where there is neither."""
    summary, abuse = (rows_of(results.tables.get(name)) for name in ("denial_summary", "abuse"))
    if not summary and not abuse:
        return None
    figures = []
    if summary:
        rules = sorted(summary, key=lambda row: (-row["without_count"], -row["denials_count"], row["policy"]))
        drawn = rules[:MOST_NAMES]
        drawing = theme.draw(lambda width: denial_charts.by_rule(drawn, width), "Refusals by rule and evidence")
        more = f"; the {MOST_NAMES} first of {len(rules)}" if len(rules) > MOST_NAMES else ""
        note = f"those without evidence first{more}"
        figures.append(Figure("By rule", note, drawing, table_of("denial_summary", rules, "denial-summary")))
        denials = sorted(
            rows_of(results.tables.get("denials")), key=lambda row: (row["evidence"] != "none", row["event"])
        )
        figures.append(
            Figure("Each refusal", "those without evidence first", None, table_of("denials", denials, "denials"))
        )
    if abuse:
        note = "it lapses by itself, and the customer may object: the last column has the words"
        figures.append(Figure("Findings of abuse", note, None, table_of("abuse", abuse, "abuse")))
    total, without = (sum(row[name] for row in summary) for name in ("denials_count", "without_count"))
    answer = (
        f"{sentences.counted(total, 'request was refused', 'requests were refused')}; behind {words.count(without)} "
        "stands neither law, safety, impossibility nor a finding of abuse."
        if total
        else "Nothing was refused."
    )
    if abuse:
        answer += f" A finding of abuse is in force on {sentences.counted(len(abuse), 'customer', 'customers')}."
    return Section("denials", "What was refused, and on what evidence?", answer, figures, kinds=("denial", "abuse"))
