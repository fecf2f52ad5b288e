"""The repository tests itself: what import-linter cannot see."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "aboveboard"
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "core", "manager", "service", "services"}
SLICE_FILES = {
    "__init__", "rules", "models", "queries", "actions", "forms", "pages", "api", "tasks", "urls", "apps", "admin",
}  # fmt: skip
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("time", "time")}


def modules(folder: Path = SOURCE) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def nameless(folder: Path) -> list[str]:
    """Modules whose name says nothing of what they hold."""
    return [str(path.relative_to(folder)) for path in modules(folder) if path.stem in FORBIDDEN_NAMES]


def clock_readings(folder: Path) -> Iterator[str]:
    """Places that ask the machine what time it is: `datetime.now()`, `date.today()`, `time.time()`."""
    for path in modules(folder):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            owner = node.func.value
            name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            if (name, node.func.attr) in CLOCKS:
                yield f"{path.relative_to(folder)}:{node.lineno}"


def misshapen_slices(desk: Path) -> list[str]:
    """Files in a slice of the desk that no slice has; the journal must be the only one that imports its models."""
    wrong = []
    for path in modules(desk):
        parts = path.relative_to(desk).with_suffix("").parts
        if len(parts) == 2 and parts[1] not in SLICE_FILES:
            wrong.append(f"{parts[0]}/{parts[1]}.py")
        if parts[0] != "journal" and re.search(r"desk\.journal(\.| import )models", path.read_text()):
            wrong.append(f"{'/'.join(parts)}.py imports the journal's models")
    return wrong


def test_every_module_name_says_what_it_holds() -> None:
    assert nameless(SOURCE) == []


def test_no_clock_below_the_edge() -> None:
    edge = ("cli/", "reports/", "web/", "desk/people/pages.py")
    assert [place for place in clock_readings(SOURCE) if not place.startswith(edge)] == []


def test_slices_of_the_desk_have_one_shape() -> None:
    if (SOURCE / "desk").exists():
        assert misshapen_slices(SOURCE / "desk") == []


def test_the_checks_themselves_can_fail(tmp_path: Path) -> None:
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "utils.py").write_text("import datetime\nx = datetime.datetime.now()\n")
    (tmp_path / "cases" / "pages.py").write_text("from aboveboard.desk.journal.models import Row\n")
    assert nameless(tmp_path) == ["cases/utils.py"]
    assert list(clock_readings(tmp_path)) == ["cases/utils.py:2"]
    assert misshapen_slices(tmp_path) == ["cases/pages.py imports the journal's models", "cases/utils.py"]


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(p.relative_to(SOURCE))
        for p in modules()
        if p.read_text() and not ast.get_docstring(ast.parse(p.read_text()))
    ]
    assert silent == []


@pytest.mark.parametrize("page", ["docs/where_it_goes.md"])
def test_every_layer_is_placed(page: str) -> None:
    text = (ROOT / page).read_text()
    layers = [p.name for p in SOURCE.iterdir() if p.is_dir() and (p / "__init__.py").exists()]
    assert [layer for layer in layers if f"`{layer}`" not in text] == []


def test_release_notes_are_kept_with_the_change() -> None:
    notes = [p for p in (ROOT / "changes").glob("*.md") if p.name != "README.md"]
    assert notes, "every change that a user can see has a note in changes/"
    assert [p.name for p in notes if len(p.read_text().split()) < 8] == []


def test_the_lock_names_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = list(project["project"]["dependencies"])
    wanted += [d for extra in project["project"]["optional-dependencies"].values() for d in extra]
    wanted += [d for group in project["dependency-groups"].values() for d in group]
    locked = set(re.findall(r"^([a-z0-9._-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    names = {re.split(r"[^A-Za-z0-9._-]", d)[0].lower().replace(".", "-") for d in wanted}
    assert names - locked == set()


def test_the_list_of_make_targets_is_whole() -> None:
    shown = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("demo", "test", "test-slow", "lint", "bench", "docs"):
        assert re.search(rf"^{target}\s", shown, re.MULTILINE), f"`make help` does not show {target}"


def test_the_project_speaks_of_itself_alone() -> None:
    """No paths of the machine it was written on, no package registry's host."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    words = re.compile("|".join(["/work" + "/", "pypi" + r"\.org", "python" + "hosted", "/root" + "/"]))
    found = []
    for name in tracked:
        path = ROOT / name
        if path.is_file() and path.suffix in {".py", ".md", ".yaml", ".yml", ".toml", ".lock", ".sh", ".html", ".csv"}:
            found += [f"{name}: {m.group()}" for m in words.finditer(path.read_text(errors="replace"))]
    assert found == []
