"""Voice: what customers say and how they mean it, what they speak about, what they ask for, and what is new (SPEC 4.8).

`read` goes once over the texts, equal ones once; every table is made of what it gives.
"""

from aboveboard.analyses.voice.by import by
from aboveboard.analyses.voice.emerging import emerging
from aboveboard.analyses.voice.reading import Read, read, voice
from aboveboard.analyses.voice.tables import TABLES

__all__ = ["TABLES", "Read", "by", "emerging", "read", "voice"]
