"""In which order a report asks its questions, and under which heads its contents list them."""

from __future__ import annotations

from collections.abc import Sequence

from aboveboard.reports.sections import Section

HEADS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("What to mend", ("every-time", "problems", "first-steps", "fixes", "money")),
    ("Work and waiting", ("handoffs", "episodes", "contradictions")),
    ("As customers see it", ("ratings", "journeys", "drivers", "voice")),
    ("Rules and steps", ("conflicts", "policies", "escalations", "denials", "steps")),
    ("What we say", ("claims", "dissonance", "wording")),
    ("System and people", ("attribution", "rating-causes", "people", "enablement")),
)
"""Heads, and the anchors of the sections under each, in the order of the page."""


def grouped(sections: Sequence[Section]) -> list[tuple[str, list[Section]]]:
    """The sections that there are under their heads; heads without any are left out.

    Raises LookupError for a section that has no place here: a question that nobody would find.
    """
    by_anchor = {section.anchor: section for section in sections}
    placed = [(head, [by_anchor.pop(anchor) for anchor in anchors if anchor in by_anchor]) for head, anchors in HEADS]
    if by_anchor:
        raise LookupError(f"no head in reports.contents for {', '.join(sorted(by_anchor))}")
    return [(head, found) for head, found in placed if found]
