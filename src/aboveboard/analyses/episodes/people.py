"""What the events say of the person behind a customer key, made comparable.

The convention: any event that carries `customer` may carry `attributes.name`, `.email`, `.phone` and `.postcode`, each
as text. Of each, the latest one said counts.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import ibis

from aboveboard.ledger import attributes

SAID = ("name", "email", "phone", "postcode")
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "dr", "prof", "herr", "frau", "mme", "m"})
_LETTERS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Person:
    """One customer key and what is known of the person; None where nothing is."""

    key: str
    given: str | None = None
    family: str | None = None
    email: str | None = None
    phone: str | None = None
    postcode: str | None = None


FIELDS = ("given", "family", "email", "phone", "postcode")


def people(events: Any) -> list[Person]:
    """One Person per customer key of whom the events say anything, sorted by key. Executes one query."""
    rows = _latest(events).to_pyarrow().to_pylist()
    found = (person(row["customer"], **{name: row[name] for name in SAID}) for row in rows)
    return sorted((p for p in found if any(getattr(p, name) for name in FIELDS)), key=lambda p: p.key)


def _latest(events: Any) -> Any:
    telling = ibis.or_(*(events.attributes.contains(f'"{name}"') for name in SAID))
    named = events.filter(events.customer.notnull(), telling)
    said = named.select("customer", "time", "id", **{name: attributes.text(named, name) for name in SAID})
    ranked = said.mutate(
        **{
            f"{name}_place": ibis.row_number().over(
                group_by="customer", order_by=[said[name].isnull(), said.time.desc(), said.id.desc()]
            )
            for name in SAID
        }
    )
    return ranked.group_by("customer").aggregate(
        **{name: ranked[name].max(where=ranked[f"{name}_place"] == 0) for name in SAID}
    )


def person(
    key: str,
    *,
    name: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    postcode: str | None = None,
) -> Person:
    """Make what was typed comparable: no accents, case, titles, spaces, country codes. What cannot be one is None."""
    given, family = _names(name)
    return Person(key, given, family, _email(email), _phone(phone), _postcode(postcode))


def _names(name: str | None) -> tuple[str | None, str | None]:
    """First and last word; `Last, First` is turned round; a single word is the family name."""
    last, _, first = (name or "").partition(",")
    words = [word for word in _LETTERS.findall(_plain(f"{first} {last}")) if word not in _TITLES]
    if not words:
        return None, None
    return (words[0], words[-1]) if len(words) > 1 else (None, words[0])


def _email(email: str | None) -> str | None:
    tidy = (email or "").strip().casefold()
    return tidy if re.fullmatch(r"[^@\s]+@[^@\s]+", tidy) else None


def _phone(phone: str | None) -> str | None:
    """The last nine digits, which a country code or a leading zero does not change; fewer than six are no number."""
    digits = "".join(character for character in phone or "" if character in "0123456789")
    return digits[-9:] if len(digits) >= 6 else None


def _postcode(postcode: str | None) -> str | None:
    return "".join(_LETTERS.findall(_plain(postcode or ""))) or None


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.replace("'", "").replace("’", ""))
    return "".join(character for character in apart if not unicodedata.combining(character)).casefold()
