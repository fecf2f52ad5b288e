"""The reference page of the ledger, written from the definitions: `python -m aboveboard.ledger.reference`."""

from __future__ import annotations

from collections.abc import Mapping

from aboveboard.ledger import columns, vocabulary

_OPENING = """# The ledger

*Written from `aboveboard.ledger.columns` and `aboveboard.ledger.vocabulary`; do not edit by hand.*

One append-only table of events is the only record. A row is an event; every event has these columns.
"""

_WORDS = """## Vocabulary

These types carry meaning for the analyses. Any other type is welcome and counts as an activity. Beside `id`, `type` and
`time`, an event should fill what its type needs; where it does not, it is recorded and the import counts a warning.
"""


def page() -> str:
    """The whole page, as Markdown."""
    parts = (
        _OPENING,
        _columns(),
        _WORDS,
        _words(),
        "## Attributes of any event\n",
        _list(vocabulary.ATTRIBUTES_OF_ANY),
    )
    return "\n".join(parts)


def _columns() -> str:
    rows = (f"| `{c.name}` | {c.type} | {'yes' if c.required else ''} | {_cell(c.meaning)} |" for c in columns.COLUMNS)
    return "\n".join(("| column | type | required | meaning |", "|---|---|---|---|", *rows, ""))


def _words() -> str:
    head = ("| type | meaning | needs | may carry |", "|---|---|---|---|")
    return "\n".join((*head, *map(_word, vocabulary.VOCABULARY.values()), ""))


def _word(word: vocabulary.EventType) -> str:
    notes = [f"`{name}` is {text}." for name, text in (("value", word.value), ("outcome", word.outcome)) if text]
    notes += [f"`attributes.{key}` is {text}." for key, text in word.attributes.items()]
    meaning = _cell(" ".join([word.meaning, *notes]))
    return f"| `{word.name}` | {meaning} | {_names(word.needs)} | {_names(word.may)} |"


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(" or ".join(f"`{part}`" for part in name.split(" or ")) for name in names)


def _list(meanings: Mapping[str, str]) -> str:
    return "".join(f"- `attributes.{name}`: {meaning}\n" for name, meaning in meanings.items())


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    print(page(), end="")
