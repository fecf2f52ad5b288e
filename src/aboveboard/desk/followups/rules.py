"""The life of a finding: what may follow what, what a new run makes of it, and who sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aboveboard.desk.people import rules as people
from aboveboard.findings import sentences
from aboveboard.findings.model import Evidence, Finding
from aboveboard.ledger.errors import AboveboardError

NEW, ACCEPTED, IN_WORK, VERIFIED, CAME_BACK, REFUSED = "new", "accepted", "in-work", "verified", "came-back", "refused"
STATES = (NEW, CAME_BACK, ACCEPTED, IN_WORK, VERIFIED, REFUSED)
"""In the order in which they want attention."""
WAITING = (NEW, CAME_BACK)
"""Nobody has said yet what is to become of it."""
MOVES: Mapping[str, tuple[str, ...]] = {
    NEW: (ACCEPTED, REFUSED),
    CAME_BACK: (ACCEPTED, REFUSED),
    ACCEPTED: (IN_WORK, REFUSED, NEW),
    IN_WORK: (VERIFIED, ACCEPTED, REFUSED),
    VERIFIED: (IN_WORK,),
    REFUSED: (ACCEPTED,),
}
"""What people may make of a finding in each state. `came-back` comes of a run alone."""
_LEAST_REASON = 3


class FollowupError(AboveboardError):
    """A finding cannot become that; the text says why and what to do."""

    exit_code = 2


@dataclass(frozen=True)
class Met:
    """What a run makes of a finding: the state that it then has, and the word for what happened (None: nothing to tell)."""

    state: str
    happened: str | None


def met(*, state: str | None, was_found: bool, is_found: bool) -> Met:
    """The state after a run. `state` None: never seen before. `was_found`: the run before had it.

    One that had gone and is found again came back, whatever was thought of it; one that was refused stays refused, and its
    history tells. A verified one that the run still finds came back as well: the fix did not hold.
    """
    if state is None:
        return Met(NEW, "found")
    if not is_found:
        return Met(state, "gone" if was_found else None)
    if state == REFUSED:
        return Met(REFUSED, None if was_found else "found again")
    if state == VERIFIED or not was_found:
        return Met(CAME_BACK, "came back")
    return Met(state, None)


def check_move(*, state: str, to: str, says: str, still_found: bool) -> None:
    """Raise FollowupError where a person may not make this of it: no way there, no reason given, or the last run still finds it."""
    if to not in MOVES.get(state, ()):
        able = ", ".join(MOVES.get(state, ())) or "nothing"
        raise FollowupError(f"A finding that is {state} cannot become {to}; it can become {able}.")
    if to == REFUSED and len(says.strip()) < _LEAST_REASON:
        raise FollowupError("Say why it is refused: whoever finds it again will ask.")
    if to == VERIFIED and still_found:
        raise FollowupError(
            "The last analysis still finds it. It can be verified once an analysis of newer events no longer does."
        )
    if to == VERIFIED and len(says.strip()) < _LEAST_REASON:
        raise FollowupError("Say what was changed, so that the next one knows what helped.")


def leads_back(state: str, before: str) -> bool:
    """Whether a finding can go back to the state that it came from as it is: without a reason, and without a new analysis."""
    return before in MOVES.get(state, ()) and before not in (REFUSED, VERIFIED)


def team_of(finding: Finding) -> str | None:
    """The team that a finding is about; None where it is about a rule, a promise or a place of all."""
    named = finding.about.get("team") or finding.where.get("team")
    return str(named) if named else None


def sees(reach: people.Reach, team: str | None) -> bool:
    """Whether somebody with this reach sees a finding. One about no team is about all: whoever reads findings sees it."""
    return bool(reach) and (team is None or reach.holds(team))


def evidence_said(evidence: Evidence) -> list[tuple[str, str]]:
    """The evidence as a list of names and values."""
    said = [("cases", f"{evidence.n:,}")]
    if evidence.estimate is not None:
        said.append(("estimate", _number(evidence.estimate, evidence.unit)))
    if evidence.low is not None and evidence.high is not None:
        between = f"{_number(evidence.low, evidence.unit)} – {_number(evidence.high, evidence.unit)}"
        said.append(("95 % interval", between))
    said += [("method", evidence.method)] if evidence.method else []
    said += [("source", evidence.reference)] if evidence.reference else []
    return said


def _number(value: float, unit: str) -> str:
    if unit == "share":
        return sentences.percent(value)
    if unit == "minutes":
        return sentences.duration(value)
    return f"{value:,.0f}" if unit == "count" or abs(value) >= 100 else f"{value:,.3g}"
