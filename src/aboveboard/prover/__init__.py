"""Rules over a situation: which of them cannot all be kept, where, for whom, and what would free them (SPEC 4.10).

>>> from aboveboard.playbook import reader
>>> proof = prove(reader.read("stories/two-phones/playbook.yaml"))
>>> proof.conflicts[0].when.sql
'ordered_at > 16 and walk_ins >= 10'
"""

from aboveboard.prover.proof import Conflict, Proof, prove
from aboveboard.prover.solving import Limits
from aboveboard.prover.versions import Comparison, compare

__all__ = ["Comparison", "Conflict", "Limits", "Proof", "compare", "prove"]
