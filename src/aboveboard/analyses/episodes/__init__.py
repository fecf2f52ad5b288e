"""Episodes and hand-offs: what one need cost a customer, and where work waits or gets lost between hands (SPEC 4.2).

Every function takes the events as an Ibis table of ledger columns, on any engine, and gives a table of `tables`.
"""

from aboveboard.analyses.episodes.contradictions import contradictions
from aboveboard.analyses.episodes.episodes import episodes
from aboveboard.analyses.episodes.flows import flows
from aboveboard.analyses.episodes.handoffs import handoffs
from aboveboard.analyses.episodes.links import links
from aboveboard.analyses.episodes.members import members
from aboveboard.analyses.episodes.repeats import repeats
from aboveboard.analyses.episodes.tables import TABLES

__all__ = ["TABLES", "contradictions", "episodes", "flows", "handoffs", "links", "members", "repeats"]
