"""Pages that run analyses and draw what came out."""
