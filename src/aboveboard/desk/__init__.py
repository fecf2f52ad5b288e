"""The daily work: one slice per thing that people work on, all of one shape (docs/where_it_goes.md)."""
