"""The four truth values of a formula on a record that goes on, and the verdicts that they become."""

from __future__ import annotations

from enum import IntEnum


class Truth(IntEnum):
    """RV-LTL's values (Bauer, Leucker and Schallhart 2010), from false to true.

    `TRUE` and `FALSE` are for good: no event after the end of the record changes them. The two between are what the formula is on
    the record as it stands, where later events may still change it: `PRESUMABLY_FALSE` where something awaited has not happened
    and its window is open, `PRESUMABLY_TRUE` where nothing has gone against it and its window is open.
    `not` turns the order around, `and` takes the least, `or` the greatest.
    """

    FALSE = 0
    PRESUMABLY_FALSE = 1
    PRESUMABLY_TRUE = 2
    TRUE = 3

    @property
    def words(self) -> str:
        """The value in small letters: `presumably false`."""
        return self.name.lower().replace("_", " ")


SUPPORTED, CONTRADICTED, NOT_YET, UNVERIFIABLE = "supported", "contradicted", "not yet", "unverifiable"
VERDICTS = (SUPPORTED, CONTRADICTED, NOT_YET, UNVERIFIABLE)


def verdict(truth: Truth, *, recorded: bool = True, witnessed: bool = True) -> str:
    """Return the verdict on a claim whose formula has this value.

    Both presumptions are `not yet`: the claim neither holds nor fails for good. `PRESUMABLY_TRUE` arises only under `always`,
    or a `not`, whose window is still open; what has been kept so far may yet be broken, so it is not called supported.
    Where the organisation records no such acts at all (`recorded` false), that nothing is found shows nothing: a claim that is
    false, or true without an event that witnesses it (`witnessed` false: nothing went against it), is unverifiable.
    """
    if truth is Truth.TRUE:
        return SUPPORTED if recorded or witnessed else UNVERIFIABLE
    if truth is Truth.FALSE:
        return CONTRADICTED if recorded else UNVERIFIABLE
    return NOT_YET
