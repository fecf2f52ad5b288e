"""Fixes: did a change end the problem it was made for, and did that last (SPEC 4.12)?

`studies` reads every `fix.released`, counts the breakdowns before and after it in the engine and judges them; `fixes` and
`weeks` are its tables.
"""

from aboveboard.analyses.fixes.fixes import fixes, weeks
from aboveboard.analyses.fixes.studies import Study, studies
from aboveboard.analyses.fixes.tables import TABLES

__all__ = ["TABLES", "Study", "fixes", "studies", "weeks"]
