"""What did one need cost the customer?"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from aboveboard.playbook.model import Playbook
from aboveboard.reports import charts, theme, words
from aboveboard.reports.exhibits import Figure, rows_of, rows_where, table_of
from aboveboard.reports.run import Results
from aboveboard.reports.sections.section import Section


def section(results: Results, playbook: Playbook) -> Section | None:
    """How many contacts one need took; None where nobody made contact."""
    table = results.tables["episodes"]
    contacted = table.filter(pc.greater(table["contacts_count"], 0))
    if not contacted.num_rows:
        return None
    contacts = contacted["contacts_count"].to_pylist()
    several = sum(1 for n in contacts if n > 1)
    answer = f"{words.count(len(contacts))} needs brought customers into contact; "
    answer += f"{words.share(several / len(contacts))} of them took more than one contact."
    rows = charts.distribution(contacts)
    drawing = theme.draw(lambda width: charts.efforts(rows, width), "Number of episodes by how many contacts they took")
    hardest = sorted(rows_of(contacted), key=lambda r: -r["effort"])
    figure = Figure(
        "How many contacts did one need take?",
        "the table lists the hardest first",
        drawing,
        table_of("episodes", hardest, "episodes"),
    )
    return Section(
        "episodes",
        "What did one need cost the customer?",
        answer,
        [figure],
        kinds=("episode", "link"),
        numbers=_effort_numbers(contacted, results),
    )


def _effort_numbers(contacted: pa.Table, results: Results) -> list[tuple[str, str, str]]:
    numbers = [
        ("restarts", words.count(pc.sum(contacted["restarts_count"]).as_py()), "times a customer began again"),
        (
            "channels",
            words.count(pc.sum(pc.greater(contacted["channels_count"], 1)).as_py()),
            "needs over several channels",
        ),
    ]
    overall = rows_where(results.tables["repeats"], slice="all")
    if overall and overall[0]["resolved_count"]:
        row = overall[0]
        between = words.interval(row["fcr_share_low"], row["fcr_share_high"])
        numbers.append(
            (
                "fcr",
                words.share(row["fcr_share"]),
                f"solved at first contact within {row['window_days']:.0f} days ({between}, n {words.count(row['resolved_count'])})",
            )
        )
    return numbers
