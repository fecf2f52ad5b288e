"""The small language of conditions: a typed tree, and its ways in (SQL text) and out (SQL text, Ibis, Python)."""
