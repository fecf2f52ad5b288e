"""Every kind of finding: what it means, when it is said, and what its identity is made of.

Each family declares its own. This prints the reference page docs/reference/findings.md: `python -m aboveboard.findings.kinds`.
"""

from __future__ import annotations

from aboveboard.findings.families import FAMILIES
from aboveboard.findings.model import Kind

KINDS: tuple[Kind, ...] = tuple(kind for family in FAMILIES for kind in family.KINDS)

BY_NAME = {kind.name: kind for kind in KINDS}

_INTRODUCTION = """# Findings

A finding is one plain sentence about something that lets customers down, with the evidence, who owns it and what to
do. It is never about an employee. Facts (a lost hand-off, a contradiction, a broken promise) are said as counts from
the first case on; rates and comparisons need 20 cases.

## Kinds

Kind and `about` together are the identity: the same cause has the same `id` next week, whatever its numbers.

| kind | what it means | said when | about | table |
|---|---|---|---|---|
"""

_FORMAT = """
## findings.json

One JSON object:

| key | what it holds |
|---|---|
| `format` | `aboveboard-findings/1` |
| `findings` | the list, the greatest `weight` first |

Each finding:

| key | what it holds |
|---|---|
| `id` | twelve hex digits: SHA-256 over kind and about |
| `kind` | one of the kinds above |
| `about` | object of text: which promise, team, … |
| `sentence` | what is the case, in one or two sentences |
| `action` | what to do |
| `owner` | from the playbook; null where none is stated |
| `weight` | about how many customers were let down; orders the list |
| `evidence` | `n` cases; `estimate`, `low`, `high` (95 % interval, null where none applies) in `unit` (`share`, `minutes`, \
`count`, `points` of 100, `ratio` of two rates); `method` and its `reference` |
| `events` | up to twenty ids of events behind it, the latest first |
| `table`, `where` | the analysis table, and the values of its columns that lead to the rows |
"""


def page() -> str:
    """Each family declares its own. The reference page, as Markdown."""
    rows = (
        f"| `{kind.name}` | {kind.meaning} | {kind.said_when} | {', '.join(f'`{key}`' for key in kind.about) or '–'} "
        f"| `{kind.table}` |\n"
        for kind in KINDS
    )
    return _INTRODUCTION + "".join(rows) + _FORMAT


if __name__ == "__main__":
    print(page(), end="")
