"""Companies that never were: the five stories, and a company with planted causes on which every analysis is tried."""
