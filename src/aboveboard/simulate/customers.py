"""Who buys: people with a name, an address, a depot that serves them, and sometimes a second customer number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aboveboard.simulate.blocks import Flags, Ints, joined, named, one_of

FIRST = (
    "Ada", "Bram", "Celia", "Dario", "Edith", "Femi", "Greta", "Hugo", "Iris", "Jonas", "Kezia", "Leon", "Mira", "Noel",
    "Olive", "Pavel", "Quinn", "Rosa", "Silas", "Tamsin", "Umar", "Vera", "Wendel", "Xenia", "Yara", "Zeno",
)  # fmt: skip
STEMS = (
    "Ash", "Birk", "Cold", "Dun", "Elm", "Fen", "Gar", "Hazel", "Ing", "Jar", "Kirk", "Lang", "Mar", "Nor", "Oak", "Pen",
    "Quen", "Row", "Stan", "Thorn", "Ul", "Whit", "Yar",
)  # fmt: skip
ENDINGS = ("bourne", "combe", "dale", "field", "ford", "gate", "ham", "ley", "mere", "stead", "ton", "wick", "worth")
LAST = tuple(stem + ending for stem in STEMS for ending in ENDINGS)
DEPOT_SHARES = (0.46, 0.18, 0.18, 0.18)  # Northgate is as busy as all the others


@dataclass(frozen=True)
class Customers:
    """All customers, one array entry each. `twice` marks those who are known under a second key as well."""

    depot: Ints
    first: Ints
    last: Ints
    phone: Ints
    mailbox: Ints
    street: Ints
    twice: Flags

    @classmethod
    def of(cls, count: int, rng: np.random.Generator, *, second_key: float) -> Customers:
        """Return `count` customers, of whom a share of `second_key` have two keys."""
        return cls(
            depot=rng.choice(len(DEPOT_SHARES), p=DEPOT_SHARES, size=count),
            first=rng.integers(len(FIRST), size=count),
            last=rng.integers(len(LAST), size=count),
            phone=rng.integers(10_000_000, 100_000_000, size=count),
            mailbox=rng.integers(1_000, 1_000_000, size=count),
            street=rng.integers(900, size=count),
            twice=rng.random(count) < second_key,
        )

    def __len__(self) -> int:
        return len(self.depot)

    def first_key(self, person: Ints) -> pa.Array:
        """Return the key under which the company's own books know each person."""
        return named("customer-", person)

    def key(self, person: Ints, rng: np.random.Generator) -> pa.Array:
        """Return the key used this time: the second one half of the time, for those who have two."""
        second = self.twice[person] & (rng.random(len(person)) < 0.5)
        return pc.if_else(pa.array(second), named("web-", person), self.first_key(person))

    def same_person(self) -> tuple[tuple[str, str], ...]:
        """Return the pairs of keys that are one person, the lesser key first."""
        return tuple((f"customer-{n}", f"web-{n}") for n in np.flatnonzero(self.twice))

    def attributes(self, person: Ints, rng: np.random.Generator) -> pa.Array:
        """Return what an order form says of each person, as JSON: name, e-mail, phone and postcode.

        Now and then a phone is left out, or a first name is written as its initial.
        """
        first, last = one_of(FIRST, self.first[person]), one_of(LAST, self.last[person])
        initial = pc.utf8_slice_codeunits(first, 0, 1)
        written = pc.if_else(pa.array(rng.random(len(person)) < 0.05), initial, first)
        phone = pc.if_else(
            pa.array(rng.random(len(person)) < 0.1),
            "",
            named("079", self.phone[person]),
        )
        return joined(
            '{"name":"', written, " ", last, '","email":"', pc.utf8_lower(first), ".", pc.utf8_lower(last),
            named("", self.mailbox[person]),
            '@example.org","phone":"', phone, '","postcode":"', _postcode(self.depot[person], self.street[person]), '"}',
        )  # fmt: skip


def _postcode(depot: Ints, street: Ints) -> pa.Array:
    letters = tuple(a + b for a in "ABDEFGHJLN" for b in "PQRSTUWXYZ")
    return joined("LK", named("", depot + 1), " ", named("", 1 + street // 100), one_of(letters, street % 100))
