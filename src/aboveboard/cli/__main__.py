"""`python -m aboveboard.cli` does what `aboveboard` does."""

from aboveboard.cli import main

main()
