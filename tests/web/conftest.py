"""The desk's fixtures serve the site's tests as well."""

from tests.desk.conftest import database, empty_postgresql, empty_sqlite, joined, signed_in

__all__ = ["database", "empty_postgresql", "empty_sqlite", "joined", "signed_in"]
