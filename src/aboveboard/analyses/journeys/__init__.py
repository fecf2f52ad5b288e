"""Journeys: how we are rated, how near to perfect each journey was, what took the points, and what to do first (SPEC 4.7).

Scores are the customers' own: they are made of their answers and of nothing else. A step that a customer declined is no
answer, so it cannot lower a score.
"""

from aboveboard.analyses.journeys.budgets import budgets
from aboveboard.analyses.journeys.drivers import drivers
from aboveboard.analyses.journeys.journeys import journeys
from aboveboard.analyses.journeys.measures import measures
from aboveboard.analyses.journeys.response import response
from aboveboard.analyses.journeys.small_steps import small_steps
from aboveboard.analyses.journeys.tables import TABLES
from aboveboard.analyses.journeys.touchpoints import touchpoints
from aboveboard.analyses.journeys.trend import trend

__all__ = [
    "TABLES", "budgets", "drivers", "journeys", "measures", "response", "small_steps", "touchpoints", "trend",
]  # fmt: skip
