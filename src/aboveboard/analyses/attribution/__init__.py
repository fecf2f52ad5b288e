"""System or person: what of the differences between contacts goes with the employee, and what with all else (SPEC 4.6).

`models` fits crossed random effects per outcome, on cells that the engine counts; `variance` and `effects` are its tables.
"""

from aboveboard.analyses.attribution.effects import effects
from aboveboard.analyses.attribution.modelling import Model, model, models
from aboveboard.analyses.attribution.tables import TABLES
from aboveboard.analyses.attribution.variance import variance

__all__ = ["TABLES", "Model", "effects", "model", "models", "variance"]
