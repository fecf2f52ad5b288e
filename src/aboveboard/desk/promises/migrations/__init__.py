"""The tables of running promises."""
