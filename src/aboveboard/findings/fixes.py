"""What became of fixes: those that worked and can be told, those that did not, and those whose problem came back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from aboveboard.analyses.fixes.tables import CAME_BACK, FIXED, NO_EVIDENCE, PARTLY, WORSE
from aboveboard.findings import sentences
from aboveboard.findings.model import Evidence, Finding, Kind
from aboveboard.findings.said import Row, Tables, rows
from aboveboard.playbook.model import Playbook

_METHOD = (
    "interrupted time series, AR(1) errors by REML, parametric bootstrap, weekly looks by error spending; Fieller interval",
    "Cheang and Reinsel (2000), JASA 95, 1173–1184; McKnight, McKean and Huitema (2000), Psych. Methods 5, 87–101; "
    "Lan and DeMets (1983), Biometrika 70, 659–663",
)
_SAID_OF = {
    FIXED: (
        "worked",
        "Close the problem, and tell the customers and the employees who raised it what was done and what it did.",
    ),
    PARTLY: (
        "helped, but not enough",
        "Keep it, and look for the cause that is left; say what is done next and by what it will be judged.",
    ),
    NO_EVIDENCE: (
        "cannot be shown to have worked",
        "Leave the problem open: look for another cause, or say by what a longer wait is to be judged.",
    ),
    WORSE: (
        "made it worse",
        "Take the change back, or find out what else changed at that time; the problem stays open.",
    ),
    CAME_BACK: (
        "worked at first, but the problem came back",
        "Open the problem again, and find out what changed since: staff, habit, or the change itself.",
    ),
}
"""What is said of each verdict, and what to do."""
_NAMES = {
    CAME_BACK: "fix.came-back",
    WORSE: "fix.worse",
    NO_EVIDENCE: "fix.no-evidence",
    PARTLY: "fix.partly",
    FIXED: "fix.fixed",
}
_MEANS = {
    CAME_BACK: "A fix had worked, and the old rate of breakdowns is back.",
    WORSE: "After a fix there are more breakdowns than expected.",
    NO_EVIDENCE: "The window of a fix is over and no change was shown, or none can be.",
    PARTLY: "A fix made breakdowns fewer, and not as few as it was to.",
    FIXED: "A fix met its criterion: those who raised the problem can be told.",
}
KINDS: tuple[Kind, ...] = tuple(
    Kind(name, _MEANS[verdict], f"The verdict is {verdict}.", ("problem", "fix"), "fixes")
    for verdict, name in _NAMES.items()
)


def findings(tables: Tables, playbook: Playbook, *, as_of: datetime) -> Iterator[Finding]:
    """Every finding of `fixes` (a missing table says nothing). A fix of which it is too early to speak is none."""
    for row in rows(tables, "fixes"):
        if row["verdict"] in _SAID_OF:
            yield _finding(row, playbook)


def _finding(row: Row, playbook: Playbook) -> Finding:
    word, action = _SAID_OF[row["verdict"]]
    before, after = row["breakdowns_before_count"] or 0, row["breakdowns_after_count"] or 0
    return Finding(
        _NAMES[row["verdict"]],
        {"problem": row["problem"] or "(none)", "fix": row["fix"]},
        f"What was done about {_name(row)} on {sentences.day(row['released_at'], playbook.timezone)} {word}: "
        f"{row['because'][0].lower()}{row['because'][1:]}",
        Evidence(
            before + after, row["reduced_share"], "share", row["reduced_share_low"], row["reduced_share_high"], *_METHOD
        ),
        action,
        owner=_owner(row, playbook),
        # A fix that worked lets nobody down; otherwise those who were let down since.
        weight=0.0 if row["verdict"] == FIXED else float(after),
        events=(row["fix"],),
        table="fixes",
        where={"fix": row["fix"]},
    )


def _name(row: Row) -> str:
    where = "" if row["part"] == "all" else f" at {row['part']}"
    kind, _, name = (row["problem"] or "").rpartition(":")
    return f"{sentences.quoted((name or 'no named problem').replace('-', ' '))}{f', a {kind},' if kind else ''}{where}"


def _owner(row: Row, playbook: Playbook) -> str | None:
    kind, _, name = (row["rule"] or "").partition(":")
    if kind == "promise":
        promise = playbook.promises.get(name)
        return promise.owner if promise else None
    if kind == "policy":
        policy = playbook.policies.get(name)
        return policy.owner if policy else None
    procedure = playbook.procedures.get(name.partition("/")[0]) if kind == "step" else None
    return procedure.owner if procedure else None
