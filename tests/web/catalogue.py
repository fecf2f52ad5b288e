"""The catalogue of translations: what pages say, from templates and Python, into `locale/<language>/LC_MESSAGES/django.po`.

`python -m tests.web.catalogue` adds what is new, marks what changed, and compiles what is translated. Babel reads the sources, so
that no program of the system is needed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "aboveboard"
LOCALE = SOURCE / "web" / "locale"
LANGUAGES = ("de",)
_WORDS: dict[str, tuple[int, ...] | None] = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2),
}  # fmt: skip

_HEAD = (
    "# What the desk says, in PROJECT's other languages. Written by `python -m tests.web.catalogue`; translate by hand."
)

Said = str | tuple[str, ...]


def said() -> Iterator[tuple[str, int, Said]]:
    """Everything that can be translated: the file it stands in, the line, and the words, singular and plural where there are."""
    for path in sorted(SOURCE.rglob("*.html")):
        if "templates" in path.parts and path.relative_to(SOURCE).parts[0] != "reports":
            yield from _of_template(path)
    for path in sorted([*(SOURCE / "desk").rglob("*.py"), *(SOURCE / "web").rglob("*.py")]):
        yield from _of_python(path)
    yield from _of_rules()


# What rules say without Django, and pages translate where they show it.
_BY_RULES = {
    "cases": (
        "STATES",
        "CAUSES",
        "QUESTIONS",
        "ANSWERS",
        "ON_PERSONS",
        "REMEDIES",
        "SEVERITIES",
        "KINDS",
        "STEP_WORDS",
        "HAPPENED",
    ),
    "customer_page": ("DONE", "PROMISED"),
    "recognition": ("KINDS",),
    "escalations": ("OUTCOMES", "CHANGED"),
    "policies": ("EVIDENCE",),
    "problems": ("STATES", "VERDICTS", "FACTORS", "ANSWERS", "KINDS", "MEASURED", "VOICES", "HAPPENED"),
}


def _of_rules() -> Iterator[tuple[str, int, Said]]:
    from importlib import import_module

    for name, tables in _BY_RULES.items():
        rules = import_module(f"aboveboard.desk.{name}.rules")
        for table in tables:
            yield from ((f"src/aboveboard/desk/{name}/rules.py", 0, words) for words in getattr(rules, table).values())
    for role in import_module("aboveboard.desk.people.rules").ROLES.values():
        yield from (("src/aboveboard/desk/people/rules.py", 0, words) for words in (role.title, role.purpose))


def _of_template(path: Path) -> Iterator[tuple[str, int, Said]]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aboveboard.web.settings")
    from django.utils.translation.template import templatize

    for line in templatize(path.read_text(), origin=str(path)).splitlines():
        # What is not to be translated is masked with letters; what is stands as a call.
        yield from _of_source(line.strip(), path)


def _of_python(path: Path) -> Iterator[tuple[str, int, Said]]:
    yield from _of_source(path.read_text(), path)


def _of_source(source: str, path: Path) -> Iterator[tuple[str, int, Said]]:
    for line, words, _comments, _context in extract("python", BytesIO(source.encode()), keywords=_WORDS):
        yield str(path.relative_to(ROOT)), line, words if isinstance(words, str) else tuple(words)


def catalogue(language: str) -> Catalog:
    """The catalogue as it is kept."""
    path = LOCALE / language / "LC_MESSAGES" / "django.po"
    if not path.exists():
        return Catalog(language)
    with path.open("rb") as file:
        return read_po(file, language)


def fresh(language: str) -> Catalog:
    """The catalogue with everything that the sources say now, and nothing else; translations kept."""
    kept, made = (
        catalogue(language),
        Catalog(
            language,
            project="Aboveboard",
            version="1",
            copyright_holder="The Aboveboard developers",
            fuzzy=False,
            header_comment=_HEAD,
        ),
    )
    for place, _line, words in said():
        if words and words != "":
            known = kept.get(words if isinstance(words, str) else words[0])
            made.add(words, known.string if known else None, locations=[(place, None)])  # type: ignore[list-item] # no line: it moves
    return made


def write(language: str) -> int:
    """Write the catalogue and what Django reads; how many words are not translated yet."""
    made = fresh(language)
    folder = LOCALE / language / "LC_MESSAGES"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "django.po").open("wb") as file:
        write_po(file, made, sort_output=True, omit_header=False, width=0)
    with (folder / "django.mo").open("wb") as file:
        write_mo(file, made)
    return len(untranslated(made))


def untranslated(made: Catalog) -> list[str]:
    """The words that have no translation."""
    return [str(one.id) for one in made if one.id and not _whole(one.string)]


def _whole(translation: str | tuple[str, ...] | list[str] | None) -> bool:
    return bool(translation) if isinstance(translation, str) else bool(translation) and all(translation)


if __name__ == "__main__":
    for name in LANGUAGES:
        print(f"{name}: {write(name)} not translated")
