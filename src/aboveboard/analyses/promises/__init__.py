"""Promises: were they kept, where do they break, and what could be promised instead (SPEC 4.1).

Each analysis takes the table of `outcomes` and asks it several small questions: keep it on the engine first.
"""

from aboveboard.analyses.promises.budgets import budgets
from aboveboard.analyses.promises.deliverability import deliverability
from aboveboard.analyses.promises.every_time import every_time
from aboveboard.analyses.promises.outcomes import outcomes
from aboveboard.analyses.promises.slices import slices
from aboveboard.analyses.promises.summary import summary
from aboveboard.analyses.promises.trend import trend

__all__ = ["budgets", "deliverability", "every_time", "outcomes", "slices", "summary", "trend"]
