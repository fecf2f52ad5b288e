"""Where is work handed over and lost?"""

from __future__ import annotations

from aboveboard.playbook.model import Playbook
from aboveboard.reports import flows, words
from aboveboard.reports.exhibits import Figure, rows_of, table_of
from aboveboard.reports.run import Results
from aboveboard.reports.sections.section import Section


def section(results: Results, playbook: Playbook) -> Section | None:
    """Who hands to whom, what is lost and what comes back; None where nothing changes hands."""
    rows = rows_of(results.tables["handoff_flows"])
    if not rows:
        return None
    total = sum(r["handoffs_count"] for r in rows)
    lost = sum(r["lost_count"] for r in rows)
    returned = sum(r["returned_count"] for r in rows)
    figures = []
    for between in dict.fromkeys(r["between"] for r in sorted(rows, key=lambda r: -r["handoffs_count"])):
        some = [r for r in rows if r["between"] == between]
        more = f"; the {flows.MOST} largest of {len(some)}, lost ones first" if len(some) > flows.MOST else ""
        note = f"a band is as thick as the work it carries; red where more than one in twenty is lost{more}"
        figures.append(
            Figure(
                f"Between which {between}s?",
                note,
                flows.draw(some),
                table_of("handoff_flows", some, f"handoffs-{between}"),
            )
        )
    answer = f"Work changed hands {words.count(total)} times."
    if lost:
        answer += f" {words.count(lost)} times ({words.share(lost / total)}) it never arrived."
    if returned:
        answer += f" {words.count(returned)} times it went back to where it had come from."
    return Section("handoffs", "Where is work handed over and lost?", answer, figures, kinds=("handoff",))
