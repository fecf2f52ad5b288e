"""Procedures at work: a visit as its list of steps, each with its why, answered by one tap."""
