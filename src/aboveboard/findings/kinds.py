"""Every kind of finding: what it means, when it is said, and what its identity is made of.

The reference page docs/reference/findings.md is printed from here: `python -m aboveboard.findings.kinds`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of finding. `about` are the keys that, with the kind, make its identity."""

    name: str
    meaning: str
    said_when: str
    about: tuple[str, ...]
    table: str


KINDS: tuple[Kind, ...] = (
    Kind(
        "promise.not-deliverable",
        "The promise, as it stands, cannot be kept as often as it is meant to be.",
        "20 or more ended, and the whole 95 % interval of the kept share lies below the objective.",
        ("promise",),
        "deliverability",
    ),
    Kind(
        "promise.broken",
        "The promise was not kept, too seldom made for a rate: a fact, said as a count.",
        "Fewer than 20 ended, and at least one of them late or broken.",
        ("promise",),
        "promises",
    ),
    Kind(
        "promise.at-risk",
        "Promises that still run are more likely to break than to be kept: there is still time.",
        "At least one running promise is at risk.",
        ("promise",),
        "promises",
    ),
    Kind(
        "promise.burning",
        "The misses that the objective allows are being used up faster than before.",
        "A burn-rate alarm on 20 or more ended; where the promise is known not to be deliverable, only if it is missed "
        "more than usual.",
        ("promise",),
        "error_budgets",
    ),
    Kind(
        "promise.breaks-where",
        "One team, channel, touchpoint, or some hours or days, miss more than the rest.",
        "20 or more ended on both sides, different from the rest at a false-discovery rate of 5 % over all slices, at "
        "least 2 points worse than the rest, and below the objective. The five that miss most of each slice have a "
        "finding each, those beyond share one. Hours are one finding per promise, and so are "
        "hours of single weekdays, which are said only where neither hour nor weekday is.",
        ("promise", "slice", "value"),
        "promise_slices",
    ),
    Kind(
        "promise.getting-worse",
        "The latest periods fall below what the ordinary variation of this promise allows.",
        "One of the last three complete periods, with 20 or more ended, is below the lower Laney p′ limit.",
        ("promise",),
        "promise_trend",
    ),
    Kind(
        "promise.getting-better",
        "The latest periods rise above what the ordinary variation of this promise allows.",
        "One of the last three complete periods, with 20 or more ended, is above the upper limit, and none below.",
        ("promise",),
        "promise_trend",
    ),
    Kind(
        "promise.undated",
        "Starts that carry no time promised: nobody can say whether they were kept.",
        "At least one.",
        ("promise",),
        "promise_summary",
    ),
    Kind(
        "handoff.lost",
        "Work was sent and never received, or not within the loss window.",
        "At least one; senders and receivers with three or more have a finding each, the others share one.",
        ("between", "sender", "receiver"),
        "handoffs",
    ),
    Kind(
        "handoff.ping-pong",
        "Work went from one to the other and back.",
        "At least one return; the five pairs with most returns are named where they return more than the rest "
        "(false-discovery rate 5 %), else there is one finding over all.",
        ("between", "teams"),
        "handoffs",
    ),
    Kind(
        "handoff.slow",
        "Work waits longer between these two than elsewhere.",
        "20 or more received, more of them in the slowest tenth of all hand-offs than elsewhere (false-discovery rate "
        "5 %), and a median of at least twice the overall one.",
        ("between", "sender", "receiver"),
        "handoffs",
    ),
    Kind(
        "episode.high-effort",
        "One need made the customer act, or begin again, five times or more.",
        "At least one such episode.",
        (),
        "episodes",
    ),
    Kind(
        "episode.repeat",
        "Customers came back on the same need after they had been told it was resolved.",
        "At least one; and for a team, channel or touchpoint whose customers come back more than the rest's "
        "(20 or more on both sides, false-discovery rate 5 %).",
        ("slice", "value"),
        "repeats",
    ),
    Kind(
        "contradiction.channels",
        "Two channels, or two teams, told the customer different things.",
        "At least one; a finding per fact and pair.",
        ("fact", "between"),
        "contradictions",
    ),
    Kind(
        "contradiction.record",
        "What was said is not what the record showed at that time.",
        "At least one; a finding per fact and channel.",
        ("fact", "by"),
        "contradictions",
    ),
    Kind(
        "link.clerical",
        "Customer keys that may be one person: a person should look.",
        "At least one pair in the clerical band.",
        (),
        "links",
    ),
)

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
`count`); `method` and its `reference` |
| `events` | up to twenty ids of events behind it, the latest first |
| `table`, `where` | the analysis table, and the values of its columns that lead to the rows |
"""


def page() -> str:
    """The reference page, as Markdown."""
    rows = (
        f"| `{kind.name}` | {kind.meaning} | {kind.said_when} | {', '.join(f'`{key}`' for key in kind.about) or '–'} "
        f"| `{kind.table}` |\n"
        for kind in KINDS
    )
    return _INTRODUCTION + "".join(rows) + _FORMAT


if __name__ == "__main__":
    print(page(), end="")
