"""Where the events are: one interface over DuckDB, PostgreSQL and Spark. No analysis knows which."""

from aboveboard.engines.ledgers import Ledger, read

__all__ = ["Ledger", "read"]
