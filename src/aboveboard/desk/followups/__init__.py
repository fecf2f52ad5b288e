"""What becomes of findings: each keeps its place from run to run, with an owner, a state and a history."""
