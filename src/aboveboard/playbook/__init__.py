"""What the organisation says it does: read, checked, written back, and turned into predicates."""
