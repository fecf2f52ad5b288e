"""Journeys: how near to perfect each was, what took the points, and where journeys lose them (SPEC 4.7).

The score is the customers' own: it is made of their answers at touchpoints and of nothing else. A step that a customer
declined is no answer, so it cannot lower a score.
"""

from aboveboard.analyses.journeys.journeys import journeys
from aboveboard.analyses.journeys.tables import TABLES
from aboveboard.analyses.journeys.touchpoints import touchpoints

__all__ = ["TABLES", "journeys", "touchpoints"]
