"""Words to customers and about them: what the linter remarks on, and which policy breeds it (SPEC 4.9).

`read` goes once over the texts; `wording` and `by_policy` are made of what it gives.
"""

from aboveboard.analyses.words.by_policy import by_policy
from aboveboard.analyses.words.reading import Read, read
from aboveboard.analyses.words.tables import TABLES
from aboveboard.analyses.words.wording import wording

__all__ = ["TABLES", "Read", "by_policy", "read", "wording"]
