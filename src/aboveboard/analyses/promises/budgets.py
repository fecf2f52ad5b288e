"""How fast is the error budget being spent? Burn rates over several windows, and whether somebody should be called.

After Beyer, B. et al. (2018), The Site Reliability Workbook, chapter 5 ("Alerting on SLOs"), method 6: a long window
says that it matters, a short one that it is still going on. Its windows (1 h, 6 h and 3 d over a budget of 30 days)
suit a service with a thousand requests a second. Promises to customers end a few times a day, so two slower windows
are added, and an alarm asks for evidence beyond chance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aboveboard.analyses.promises import counts
from aboveboard.analyses.promises.tables import BUDGETS
from aboveboard.analyses.shared import arrays, intervals
from aboveboard.ledger import epochs
from aboveboard.playbook.model import Playbook


@dataclass(frozen=True)
class Window:
    """A long window, its short partner, and the burn rate above which the pair alarms.

    `needs_partner`: with nothing due in the short window a fast pair stays quiet, as nothing shows that it goes on; a
    slow one speaks all the same, since promises that end once a day leave such a window empty as a rule.
    """

    hours: float
    partner_hours: float
    threshold: float
    needs_partner: bool = True


WINDOWS = (
    Window(1, 5 / 60, 14.4),  # 2 % of a 30-day budget in one hour
    Window(6, 0.5, 6),  # 5 % in six hours
    Window(72, 6, 1),  # 10 % in three days
    Window(168, 14, 1, needs_partner=False),
    Window(720, 60, 1, needs_partner=False),
)

FEWEST_MISSED = 3
"""One or two misses call nobody, whatever their rate: the workbook's answer to services with little traffic."""


def budgets(outcomes: Any, playbook: Playbook, *, as_of: datetime) -> Any:
    """Burn rate per promise and window that ends at `as_of`, by due time: an Ibis table of `tables.BUDGETS`.

    One row per window for each promise with an objective below 1. A promise counts in the window in which it fell due,
    once it is kept, late or broken. The pair alarms when both burn rates are above the threshold, three or more were
    missed, and the Wilson interval of the long window's missed share lies above what the objective allows. Rates are
    absent where nothing fell due.
    """
    table = arrays.cells(_counts(outcomes, as_of))
    seen = {key[0]: row for key, row in arrays.groups(table, "promise")}
    with_objective = [p for p in playbook.promises.values() if p.objective is not None and p.objective < 1]
    rows = (
        burn(promise.name, window, _in_window(seen.get(promise.name), index), 1 - (promise.objective or 0))
        for promise in with_objective
        for index, window in enumerate(WINDOWS)
    )
    return arrays.rows_to_table(BUDGETS, rows)


def _counts(outcomes: Any, as_of: datetime) -> Any:
    """Per promise: how many fell due, and were missed, in each long and short window."""
    ended = outcomes.filter(outcomes.outcome.isin(counts.ENDED))
    age = epochs.seconds_of(as_of) - epochs.seconds(ended.due_at)
    missed = ended.outcome.isin(counts.MISSED)
    columns: dict[str, Any] = {}
    for name, hours in _spans():
        within = (age >= 0) & (age < round(hours * 3600))
        columns |= {f"{name}_ended": counts.number(within), f"{name}_missed": counts.number(within & missed)}
    return ended.group_by("promise").aggregate(**columns)


def _spans() -> Iterator[tuple[str, float]]:
    for index, window in enumerate(WINDOWS):
        yield f"long_{index}", window.hours
        yield f"short_{index}", window.partner_hours


def _in_window(seen: arrays.Cells | None, index: int) -> tuple[int, int, int, int]:
    names = (f"long_{index}_ended", f"long_{index}_missed", f"short_{index}_ended", f"short_{index}_missed")
    ended, missed, short_ended, short_missed = (0 if seen is None else int(seen[name][0]) for name in names)
    return ended, missed, short_ended, short_missed


def burn(promise: str, window: Window, seen: tuple[int, int, int, int], allowed: float) -> dict[str, Any]:
    """One row of `tables.BUDGETS`. `seen`: ended and missed in the long window, then in the short one; `allowed`: the share.

    `allowed` is what the objective lets miss, above 0.
    """
    ended, missed, short_ended, short_missed = seen
    burn = missed / ended / allowed if ended else None
    partner = short_missed / short_ended / allowed if short_ended else None
    beyond_chance = missed >= FEWEST_MISSED and float(intervals.wilson(missed, ended)[0]) > allowed
    going_on = not window.needs_partner if partner is None else partner > window.threshold
    return {
        "promise": promise,
        "window_hours": window.hours,
        "ended_count": ended,
        "missed_count": missed,
        "burn_rate": burn,
        "threshold": window.threshold,
        "partner_hours": window.partner_hours,
        "partner_burn_rate": partner,
        "alarm": burn is not None and burn > window.threshold and beyond_chance and going_on,
    }
