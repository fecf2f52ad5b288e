"""The life of a problem: its states, what contributes to it, by what a change is judged, and what a verdict makes of it.

The words are those of ITIL (problem, known error, workaround, change) and of corrective action with an effectiveness check; the
order of the questions and the rule that the criterion comes before the change are SPEC 4.11 and 4.12.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aboveboard.analyses.fixes.counting import FOUND, MEASURES, SHARES
from aboveboard.analyses.fixes.releases import LONGEST_WINDOW
from aboveboard.analyses.fixes.tables import CAME_BACK, FIXED, NO_EVIDENCE, PARTLY, TOO_EARLY, WORSE
from aboveboard.analyses.problems import answers
from aboveboard.analyses.problems.factors import QUESTIONS
from aboveboard.desk.followups.rules import sees
from aboveboard.desk.people import rules as people
from aboveboard.ledger.errors import AboveboardError

__all__ = ["CAME_BACK", "FIXED", "NO_EVIDENCE", "PARTLY", "TOO_EARLY", "WORSE", "sees"]

READ, WORK = "findings.read", "problems.work"
SUBJECT = "problem:"
"""What the ledger's column `subject` holds before a problem's key."""

KNOWN, CAUSE, PLANNED, MADE, WATCHED, VERDICT, CLOSED, BACK = (
    "known", "cause-found", "planned", "made", "watched", "verdict", "closed", "came-back",
)  # fmt: skip
STATES: Mapping[str, str] = {
    KNOWN: "known",
    CAUSE: "cause found",
    PLANNED: "change planned",
    MADE: "change made",
    WATCHED: "being watched",
    VERDICT: "verdict is in",
    CLOSED: "closed",
    BACK: "came back",
}
"""Every state with its word, in the order of the board."""
OPEN = tuple(state for state in STATES if state != CLOSED)
JUDGED_HERE = (MADE, WATCHED, VERDICT)
"""States that a verdict moves on. In the others the next change is on its way, or none is awaited."""

VERDICTS: Mapping[str, str] = {
    FIXED: "fixed",
    PARTLY: "partly fixed",
    NO_EVIDENCE: "no evidence that it helped",
    WORSE: "worse than before",
    TOO_EARLY: "too early to say",
    CAME_BACK: "came back",
}
FACTORS: Mapping[str, str] = dict(QUESTIONS)
"""What is asked of every problem, in this order: the person comes last."""
PERSON = "person"
CONTRIBUTES, NO_SIGN, UNKNOWN = answers.CONTRIBUTES, answers.NO_SIGN, answers.NO_EVIDENCE
ANSWERS: Mapping[str, str] = {CONTRIBUTES: "contributes", NO_SIGN: "no sign of it", UNKNOWN: "no evidence"}

REDUCE_BY, AT_MOST = "reduce by", "at most"
KINDS: Mapping[str, str] = {
    REDUCE_BY: "fewer by a share of what would be expected",
    AT_MOST: "at most this rate is left",
}
ITSELF = "problem"
MEASURED: Mapping[str, str] = {**MEASURES, "found": FOUND}
"""What is counted, by the kind of the target; of a problem that was found by its occasions, those that went wrong."""
COMPLAINED, ASKED, SILENT = "complained", "asked", "silent"
VOICES: Mapping[str, str] = {COMPLAINED: "complained", ASKED: "said something else", SILENT: "never said a word"}

HAPPENED: Mapping[str, str] = {
    "problem.opened": "Made a problem",
    "problem.described": "Described anew",
    "problem.assigned": "Given to somebody",
    "problem.questioned": "A cause was looked at",
    "fix.planned": "Criterion written down",
    "change.planned": "Change planned",
    "fix.released": "Change made",
    "problem.judged": "Verdict",
    "problem.came-back": "Came back",
    "problem.closed": "Closed",
    "problem.reopened": "Opened again",
    "problem.matter-added": "A matter was added",
    "problem.told": "Customers were told",
    "problem.cases-opened": "Cases opened for those who kept silent",
}
"""What happens to a problem, by the word in the ledger."""
_LEAST_WORDS = 3
_LONGEST_KEY = 60
_MOST_RATE = 1e6


class ProblemError(AboveboardError):
    """Something of a problem that cannot be done as asked; the text says why and what to do."""

    exit_code = 2


@dataclass(frozen=True)
class Yardstick:
    """By what a change is judged: `kind` and `value` of the criterion, what is counted (`target`), and the window in weeks."""

    kind: str
    value: float
    target: str
    window_weeks: int


def works(person: people.Person, *, team: str) -> bool:
    """Whether somebody may work on a problem of this team; one of no team is for those whose reach is everything."""
    return people.reach(person, WORK).holds(team or None)


def key_of(title: str) -> str:
    """The name of a problem in the ledger, made of its title: small letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", title.lower().replace("ß", "ss")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_KEY].strip("-") or "problem"


def target_kind(target: str) -> str:
    """problem, promise, step or policy. Raises ProblemError for what nothing can be counted of."""
    kind, _, name = target.partition(":")
    if kind not in MEASURES or not name:
        raise ProblemError(
            f"Nothing can be counted of {target!r}. Choose the problem itself, a promise, a step or a policy."
        )
    return kind


def measured(target: str, found: Mapping[str, object]) -> tuple[str, bool]:
    """What is counted for a target, and whether that is a share of cases, not a number per week.

    `found` is the run's row of the problem: one that was found by its occasions, at any hour and on any day, is counted by them.
    """
    kind = target_kind(target)
    if kind == ITSELF and found.get("kind") and not found.get("hours") and not found.get("weekdays"):
        return FOUND, True
    return MEASURES[kind], kind in SHARES


def checked(yardstick: Yardstick, *, share: bool) -> Yardstick:
    """The yardstick, where it can be one; `share`: what is counted is a share. Raises ProblemError otherwise."""
    target_kind(yardstick.target)
    value, weeks = yardstick.value, yardstick.window_weeks
    if yardstick.kind not in KINDS:
        raise ProblemError(f"There is no criterion {yardstick.kind!r}; there are {', '.join(KINDS)}.")
    if yardstick.kind == REDUCE_BY and not 0 < value <= 1:
        raise ProblemError(
            "Say by which share it is to become less: above 0 and up to 1 (100 %), such as 0.5 to halve it."
        )
    most = 1.0 if share else _MOST_RATE
    if yardstick.kind == AT_MOST and not (math.isfinite(value) and 0 <= value <= most):
        what = "a share from 0 to 1 (100 %)" if share else "a number per week that is not below zero"
        raise ProblemError(f"Say what may be left: {what}.")
    if not 1 <= weeks <= LONGEST_WINDOW:
        raise ProblemError(f"Say after how many weeks the verdict stands: 1 to {LONGEST_WINDOW}.")
    return yardstick


def check_superseding(*, changed: bool, why: str) -> None:
    """Raise ProblemError where a criterion is to take another's place after a change, and no reason is given."""
    if changed and len(why.strip()) < _LEAST_WORDS:
        raise ProblemError(
            "The change is on record, so its criterion stands. Say why another is to hold from now on; "
            "what was changed already goes on being judged by the old one."
        )


def check_change(*, state: str, what: str, written_at: datetime | None, made_from: datetime, now: datetime) -> None:
    """Raise ProblemError unless a change can be recorded: a criterion was `written_at` before it, and it has begun."""
    if state == CLOSED:
        raise ProblemError("The problem is closed. Open it again first.")
    check_words(what, "what was changed")
    if written_at is None:
        raise ProblemError(
            "Write down first by what the change will be judged: criterion, measure and window. "
            "Afterwards everybody could choose the one that suits."
        )
    if made_from > now:
        raise ProblemError("The change lies ahead. Plan it, and record it once it holds.")
    if made_from <= written_at:
        raise ProblemError(
            f"The criterion was written down on {written_at:%Y-%m-%d %H:%M} UTC, and the change is said to hold from before that. "
            "A change counts from after its criterion."
        )


def check_words(text: str, what: str) -> str:
    """The words without space around them. Raises ProblemError where there are none."""
    if len(text.strip()) < _LEAST_WORDS:
        raise ProblemError(f"Say {what}.")
    return text.strip()


def check_close(*, state: str, verdict: str, reason: str) -> str:
    """How it is closed: `fixed` where the last change has that verdict, else `left`, which needs a reason. Raises ProblemError."""
    if state == CLOSED:
        raise ProblemError("It is closed already.")
    if state == VERDICT and verdict == FIXED:
        return "fixed"
    if len(reason.strip()) < _LEAST_WORDS:
        raise ProblemError("No verdict says that it is fixed. Say why it is closed all the same.")
    return "left"


def check_person(*, factor: str, answer: str, known: Mapping[str, str]) -> None:
    """Raise ProblemError where the person is said to contribute before the six questions about the system have an answer.

    `known` is factor → answer as it stands: what people said, else what the analysis did.
    """
    if factor != PERSON or answer != CONTRIBUTES:
        return
    missing = [one for one in FACTORS if one != PERSON and known.get(one, UNKNOWN) == UNKNOWN]
    if missing:
        raise ProblemError(f"The person comes last. Look first at: {', '.join(missing)}.")


def judged(*, state: str, before: str, verdict: str, latest: bool) -> str:
    """The state after a run gave this verdict on a change; `before` is the verdict that it had, empty for none.

    A return is noticed once: it reopens what was closed, and what waited. Only the latest change moves the problem.
    """
    if not latest:
        return state
    if verdict == CAME_BACK:
        return BACK if before != CAME_BACK and state in (*JUDGED_HERE, CLOSED) else state
    if state not in JUDGED_HERE:
        return state
    return WATCHED if verdict == TOO_EARLY else VERDICT


def loudest(voices: Sequence[str]) -> str:
    """The loudest of several voices."""
    return min(voices, key=tuple(VOICES).index, default=SILENT)
