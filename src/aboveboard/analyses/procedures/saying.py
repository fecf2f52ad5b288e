"""A row of the table `steps` in one plain sentence."""

from __future__ import annotations

from collections.abc import Iterator

from aboveboard.analyses.procedures import advice
from aboveboard.analyses.procedures.advice import Verdict

_WORTH = {
    "worth having": (advice.KEEP,),
    "not": (advice.CONDITIONAL, advice.DROP),
    "not sure": (advice.UNKNOWN,),
}


def sentence(verdict: Verdict, *, measure: str | None, scored: int, taken: int, parts: list[Verdict]) -> str:
    """What the row says; `parts` are the verdicts of the step's contexts where the row is of all visits."""
    one = verdict.candidate
    where = "All visits" if one.context is None else one.context.words[:1].upper() + one.context.words[1:]
    if measure is None:
        return f"{where}: too few of these visits have a score on record."
    if one.effect is None:
        left = min(taken, scored - taken)
        return f"{where}: too few comparable visits, {left:,} of {scored:,} on the smaller side."
    said = f"{where}: {points(one.effect.value)} on {measure} with it ({points(one.effect.low)} to {points(one.effect.high)})"
    if parts:
        return said + "".join(f"; {words}: {names}" for words, names in _by_advice(parts)) + "."
    return said + _because(verdict)


def points(value: float) -> str:
    """A signed number with two decimals: +0.62, −0.05."""
    return f"{value:+.2f}".replace("-", "−")


def _because(verdict: Verdict) -> str:
    one = verdict.candidate
    assert one.effect is not None
    if verdict.advice == advice.KEEP:
        return "."
    if verdict.advice in (advice.DROP, advice.CONDITIONAL):
        return f", surely less than the {one.worth_from:.2f} worth having here."
    if one.effect.overlap < advice.LEAST_OVERLAP:
        return f"; only {one.effect.overlap:.0%} of these visits could have gone either way.".replace("%", " %")
    return "; not sure enough to say."


def _by_advice(parts: list[Verdict]) -> Iterator[tuple[str, str]]:
    """The contexts in which the step is worth having, is not, and in which that is not sure: (words, their names)."""
    for words, advised in _WORTH.items():
        names = [part.candidate.context.words for part in parts if part.candidate.context and part.advice in advised]
        if names:
            yield words, ", ".join(names)
