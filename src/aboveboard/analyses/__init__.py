"""Answers to questions about many events: one package per family of questions."""
