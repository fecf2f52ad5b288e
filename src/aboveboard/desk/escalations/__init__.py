"""Decisions that are sought higher up: what is asked, who holds the authority, and what changed for the customer."""
