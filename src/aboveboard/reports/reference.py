"""The reference of analysis tables, from their declarations: `python -m aboveboard.reports.reference` prints it."""

from __future__ import annotations

from aboveboard.analyses import catalogue
from aboveboard.analyses.shared.tables import TableSpec

HEAD = """# Analysis tables

*Written from `tables.py` of each family of analyses; do not edit by hand.*

`aboveboard analyse` writes one Parquet file per table; `ab.promises` and `ab.episodes` give the same tables in Python.
Times are UTC with microseconds; shares run from 0 to 1; an absent value means what its column says, never zero.
"""


def page() -> str:
    """The page, family by family, table by table, column by column."""
    parts = [HEAD]
    for family, specs in catalogue.FAMILIES:
        parts.append(f"## {family}\n")
        parts.extend(_table(spec) for spec in specs)
    return "\n".join(parts)


def _table(spec: TableSpec) -> str:
    key = ", ".join(f"`{name}`" for name in spec.key)
    lines = [
        f"### {spec.name}\n",
        f"{spec.question} One row per {key}.\n",
        "| column | type | meaning |",
        "|---|---|---|",
    ]
    for field in spec.fields:
        meaning = (field.meaning or field.name.replace("_", " ")).replace("|", "\\|")
        lines.append(f"| `{field.name}` | {field.kind} | {meaning} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
