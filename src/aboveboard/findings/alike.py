"""One cause, one finding: a slice that holds the very same cases as another says nothing new.

Where only the chat desk answers chats, what is found "by chat" and "at the chat desk" is one thing; and where all of it happened
there, so is what is found over all. The narrowest stays: a team before a channel, either before the whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aboveboard.findings.model import Finding

_SLICE = ("slice", "value")
_ORDER = ("team", "touchpoint", "channel")
_WHOLE = "all"


def once(findings: Iterable[Finding]) -> list[Finding]:
    """The findings in their order, without those whose cases another slice of the same kind and matter has as well.

    Two slices hold the same cases where the same events stand behind them and as many cases count. A finding without
    events, or without a slice, always stays.
    """
    kept: dict[Any, Finding] = {}
    for finding in findings:
        key = _cases(finding)
        before = kept.get(key)
        if before is None or _breadth(finding) < _breadth(before):
            kept[key] = finding
    return list(kept.values())


def _cases(finding: Finding) -> Any:
    if "slice" not in finding.about or not finding.events:
        return finding.id
    matter = sorted((key, value) for key, value in finding.about.items() if key not in _SLICE)
    return finding.kind, tuple(matter), frozenset(finding.events), _count(finding)


def _count(finding: Finding) -> float:
    evidence = finding.evidence
    if evidence.unit == "share" and evidence.estimate is not None:
        return round(evidence.estimate * evidence.n)
    return evidence.estimate if evidence.estimate is not None else evidence.n


def _breadth(finding: Finding) -> int:
    slice_ = finding.about.get("slice", "")
    if slice_ == _WHOLE:
        return len(_ORDER) + 1
    return _ORDER.index(slice_) if slice_ in _ORDER else len(_ORDER)
