"""Money: what customers do after they were let down, what it costs, and what cannot be said of it (SPEC 4.14).

Nobody draws lots for who is let down. Those who were are compared with customers like them, in all that was known when
it began, and every number says how strong something unknown would have to be to explain it away.
"""

from aboveboard.analyses.money.consequences import consequences, cost_to_serve
from aboveboard.analyses.money.study import Study, study
from aboveboard.analyses.money.tables import TABLES
from aboveboard.analyses.money.value import value_at_stake

__all__ = ["TABLES", "Study", "consequences", "cost_to_serve", "study", "value_at_stake"]
