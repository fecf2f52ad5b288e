"""What README and docs/measures quote, each beside its peers in the same run."""
