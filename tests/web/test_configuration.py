"""What the environment says is checked, and what is not said has a sensible answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from aboveboard.web import colours, configuration

LONG = "x" * 50


def test_nothing_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = configuration.read({})
    assert (found.address, found.host, found.secure) == ("http://localhost:8765", "localhost", False)
    assert found.folder == tmp_path / "aboveboard.files"
    assert found.secret == configuration.read({}).secret, "made once, and kept"
    kept = tmp_path / "aboveboard.secret"
    assert (kept.stat().st_mode & 0o777, len(found.secret) >= 50) == (0o600, True)


def test_everything_said(tmp_path: Path) -> None:
    said = {
        configuration.DATABASE: "postgresql://desk:pass%40word@db.example.org:5433/care?sslmode=require",
        configuration.SECRET: LONG,
        configuration.ADDRESS: "https://care.example.org/",
        configuration.FOLDER: str(tmp_path),
    }
    found = configuration.read(said)
    assert (found.address, found.host, found.secure, found.folder, found.secret) == (
        "https://care.example.org", "care.example.org", True, tmp_path, LONG,
    )  # fmt: skip
    assert (found.database["PASSWORD"], found.database["PORT"], found.database["OPTIONS"]) == (
        "pass@word", "5433", {"sslmode": "require"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("ABOVEBOARD_SECRETS", LONG, "there is no setting ABOVEBOARD_SECRETS"),
        (configuration.SECRET, "short", "too few"),
        (configuration.ADDRESS, "care.example.org", "write it like https://"),
        (configuration.API_RATE, "often", "whole number"),
        (configuration.LOG, "xml", "write text or json"),
        (configuration.LOG_LEVEL, "loud", "debug or info"),
        (configuration.DATABASE, "mysql://x/y", "is not known"),
    ],
)
def test_what_is_wrong_is_said_by_name(tmp_path: Path, name: str, value: str, says: str) -> None:
    said = {configuration.DATABASE: str(tmp_path / "a.db"), name: value}
    with pytest.raises(configuration.ConfigurationError, match=says):
        configuration.read(said)


def test_the_guide_lists_every_setting() -> None:
    guide = (Path(__file__).resolve().parents[2] / "docs" / "how-to" / "run-the-desk.md").read_text()
    assert [name for name in configuration.SETTINGS if f"| `{name}` |" not in guide] == []


def test_the_colours_are_those_of_the_charts() -> None:
    assert colours.PLACE.read_text() == colours.sheet(), "run python -m aboveboard.web.colours"
