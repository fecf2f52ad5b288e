"""System or person: what of the differences between contacts goes with the employee, and what with all else (SPEC 4.6).

`models` fits crossed random effects per outcome, on cells that the engine counts; `variance` and `effects` are its tables. `judged`
reads each employee's record against it; `people` and `own_charts` are its tables. `substitution` asks how others fared.
`ratings` divides every rating among what came before it.
"""

from aboveboard.analyses.attribution.effects import effects
from aboveboard.analyses.attribution.modelling import Model, model, models
from aboveboard.analyses.attribution.people import Judged, judged, own_charts, people, resolved
from aboveboard.analyses.attribution.ratings import ratings
from aboveboard.analyses.attribution.substitution import substitution
from aboveboard.analyses.attribution.tables import TABLES
from aboveboard.analyses.attribution.variance import variance

__all__ = [
    "TABLES",
    "Judged",
    "Model",
    "effects",
    "judged",
    "model",
    "models",
    "own_charts",
    "people",
    "ratings",
    "resolved",
    "substitution",
    "variance",
]
