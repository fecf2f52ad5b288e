"""Promises at the desk: which run now, which are likely to break, which broke, and who was struck without saying a word."""
