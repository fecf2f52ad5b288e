"""What can go wrong on an occasion: the kinds of breakdown, by the names that tables and screens give them."""

PROMISE, HANDOFF, CONTRADICTION, CLAIM = "promise missed", "hand-off lost", "told two things", "claim not borne out"
ESCALATION, REFUSAL = "escalation without effect", "refused without evidence"
INSISTENCE, STEP = "asked again after a no", "step not done"
COMPLAINT, RATING, REOPENED = "complaint", "bad rating", "reopened"
