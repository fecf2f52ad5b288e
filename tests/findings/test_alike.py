"""Two slices of the same cases are one finding; slices of other cases are not."""

from __future__ import annotations

from aboveboard.findings import alike
from aboveboard.findings.model import Evidence, Finding


def sliced(slice_: str, value: str, *, n: int, share: float, events: tuple[str, ...] = ("a", "b")) -> Finding:
    about = {"claim": "asked-superior", "slice": slice_, "value": value}
    return Finding("claim.contradicted", about, "…", Evidence(n, share, "share"), "…", events=events)


def values(*findings: Finding) -> list[str]:
    return [finding.about["value"] for finding in alike.once(findings)]


def test_the_narrowest_of_the_same_cases_stays() -> None:
    channel = sliced("channel", "chat", n=200, share=0.1)
    team = sliced("team", "chat desk", n=200, share=0.1)
    whole = sliced("all", "all", n=400, share=0.05)
    assert values(channel, team, whole) == ["chat desk"]
    assert values(whole, channel) == ["chat"]


def test_other_cases_stay() -> None:
    channel = sliced("channel", "chat", n=200, share=0.1)
    assert values(channel, sliced("team", "desk", n=200, share=0.1, events=("a", "c"))) == ["chat", "desk"]
    assert values(channel, sliced("all", "all", n=400, share=0.25)) == ["chat", "all"], (
        "the same latest events, more of them"
    )


def test_what_has_no_events_or_no_slice_always_stays() -> None:
    bare = [sliced("team", value, n=10, share=0.5, events=()) for value in ("a", "b")]
    assert values(*bare) == ["a", "b"]
    plain = Finding("suggestion.unanswered", {"policy": "x"}, "…", Evidence(1, 1.0, "count"), "…", events=("a",))
    assert alike.once([plain]) == [plain]
