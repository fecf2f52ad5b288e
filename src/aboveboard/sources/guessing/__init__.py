"""A first mapping, guessed: profiles of the columns, what their names and contents speak for, and the YAML."""
