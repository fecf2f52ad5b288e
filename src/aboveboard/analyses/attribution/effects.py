"""What goes with each level when the others are allowed for, shrunken by how little is known of it: table EFFECTS.

Best linear unbiased predictions, or on the log odds the effects at which the penalised likelihood is greatest; intervals are
those of prediction given the standard deviations (Robinson 1991, Statistical Science 6, 15–51). Rows of employees are for
the employee and for whoever must judge one fairly: no finding and no page of the report reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from aboveboard.analyses.attribution import components
from aboveboard.analyses.attribution.fit import Fit
from aboveboard.analyses.attribution.modelling import Model
from aboveboard.analyses.attribution.tables import EFFECTS, digits
from aboveboard.analyses.shared import arrays, intervals
from aboveboard.analyses.shared.arrays import Array

LOGARITHMIC = ("minutes",)
"""Outcomes whose numbers are logarithms; they are shown as what they are logarithms of."""


def effects(models: Iterable[Model]) -> Any:
    """One row per outcome, identified component and level, in order of names."""
    return arrays.rows_to_table(EFFECTS, (row for model in models if model.fit for row in _rows(model, model.fit)))


def _rows(model: Model, fit: Fit) -> Iterator[dict[str, Any]]:
    counts, totals = fit.design.sums(model.cells.count), fit.design.sums(model.cells.total)
    for number, title in enumerate(model.titles):
        effect, reach = fit.effects[number], intervals.Z95 * fit.effects_sd[number]
        columns = {
            "raw": _shown(totals[number] / counts[number], model, fitted=False),
            "effect": effect,
            "effect_low": effect - reach,
            "effect_high": effect + reach,
            "shrunken": _shown(fit.fixed[0] + effect, model),
            "shrunken_low": _shown(fit.fixed[0] + effect - reach, model),
            "shrunken_high": _shown(fit.fixed[0] + effect + reach, model),
        }
        levels = fit.design.levels[number]
        person = title == components.EMPLOYEE
        for place in sorted(range(len(levels)), key=levels.__getitem__):
            of = {"outcome": model.cells.outcome, "component": title, "employee" if person else "level": levels[place]}
            numbers = {name: digits(float(values[place])) for name, values in columns.items()}
            yield of | {"n": round(counts[number][place]), **numbers}


def _shown(values: Array, model: Model, *, fitted: bool = True) -> Array:
    """From the scale of the model to that of the outcome."""
    if model.cells.outcome in LOGARITHMIC:
        return np.exp(values)
    return 1 / (1 + np.exp(-values)) if fitted and model.cells.kind == "yes or no" else values
