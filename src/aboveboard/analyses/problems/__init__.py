"""Problems: which cases share a cause, who was affected, the silent ones too, and what contributes (SPEC 4.11)?

`occasions` gathers what the other families found into one register; `clusters` scans it; `cases`, `problems` and
`factors` are the tables of what came out.
"""

from aboveboard.analyses.problems.cases import cases
from aboveboard.analyses.problems.clusters import Cluster, Clusters, clusters
from aboveboard.analyses.problems.factors import factors
from aboveboard.analyses.problems.occasions import occasions
from aboveboard.analyses.problems.problems import problems
from aboveboard.analyses.problems.tables import TABLES

__all__ = ["TABLES", "Cluster", "Clusters", "cases", "clusters", "factors", "occasions", "problems"]
