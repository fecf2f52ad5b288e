"""The migrations make the tables that the models say."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command


@pytest.mark.usefixtures("database")
def test_no_migration_is_missing() -> None:
    said = io.StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=said)
    assert "No changes detected" in said.getvalue()
