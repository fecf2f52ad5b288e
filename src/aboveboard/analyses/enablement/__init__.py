"""Enablement: are teams trained, equipped, served by the system, and what would help; and is every answer answered (SPEC 4.13)?

No published number isolates fewer than five people: see `publishing`. `studied` reads the answers; `pulse`, `replies` and
`links` are its tables.
"""

from aboveboard.analyses.enablement.links import links
from aboveboard.analyses.enablement.publishing import Study, studied
from aboveboard.analyses.enablement.pulse import pulse
from aboveboard.analyses.enablement.replies import replies
from aboveboard.analyses.enablement.tables import TABLES

__all__ = ["TABLES", "Study", "links", "pulse", "replies", "studied"]
