"""What a seal says of a batch of events, and how anybody can check it: hashes and trees, no database.

A batch is a Merkle tree (RFC 9162, section 2.1): leaves are SHA-256 of 0x00 and the event, nodes SHA-256 of 0x01 and their two
children, so that no node passes for an event. A seal holds the root of its batch and the hash of the seal before: who knows
the hash of one seal can tell whether anything sealed until then was changed, added or taken away since.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aboveboard.ledger import columns
from aboveboard.ledger.errors import AboveboardError

MOST = 8_192
"""Events of one seal at most: a proof for one of them then has 13 steps."""
NOTHING_BEFORE = "0" * 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Row = Sequence[Any]
"""The values of an event, one per column of the ledger in its order."""


class JournalError(AboveboardError):
    """The journal cannot do what was asked; the text says why and what to do."""

    exit_code = 3


@dataclass(frozen=True)
class Sealed:
    """What a seal says; see `models.Seal`."""

    number: int
    last: int
    count: int
    root: str
    previous: str
    sealed_at: datetime

    @property
    def hash(self) -> str:
        """SHA-256 over all of it, by name."""
        said = {name: _told(value) for name, value in asdict(self).items()}
        return hashlib.sha256(_named(said)).hexdigest()


@dataclass(frozen=True)
class Step:
    """One step from a leaf to the root: the hash beside it, and whether that stands at its left."""

    hash: str
    left: bool


@dataclass(frozen=True)
class Proof:
    """That an event is in the journal as it stands here: its place and values, and the way from it to its seal's root."""

    sequence: int
    event: Mapping[str, Any]
    path: tuple[Step, ...]
    seal: Sealed

    def holds(self) -> bool:
        """Whether the event leads to the root that the seal holds. That the seal is the journal's, its hash tells."""
        at = leaf(self.sequence, [self.event.get(name) for name in columns.NAMES])
        for step in self.path:
            beside = bytes.fromhex(step.hash)
            at = _node(beside, at) if step.left else _node(at, beside)
        return at.hex() == self.seal.root


def read_proof(file: Path) -> Proof:
    """A proof as `aboveboard journal proof` prints it. Raises JournalError where the file is something else."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        seal = {**told["seal"], "sealed_at": datetime.fromisoformat(told["seal"]["sealed_at"])}
        event = {name: _value(name, value) for name, value in told["event"].items()}
        return Proof(int(told["sequence"]), event, tuple(Step(**step) for step in told["path"]), Sealed(**seal))
    except OSError as error:
        raise JournalError(f"{file}: cannot be read: {error.strerror or error}") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise JournalError(
            f"{file}: this is no proof of an event ({error}); `aboveboard journal proof` prints one"
        ) from error


def _value(name: str, value: Any) -> Any:
    if name not in columns.NAMES:
        raise ValueError(f"the ledger has no column {name}")
    if columns.SCHEMA.field(name).type == columns.MOMENT:
        return datetime.fromisoformat(value)
    return float(value) if name == "value" else value


def leaf(sequence: int, row: Row) -> bytes:
    """The hash of one event in its place. Absent columns are left out, so that a column added some day changes no hash."""
    said = {"sequence": str(sequence)}
    said |= {name: _told(value) for name, value in zip(columns.NAMES, row, strict=True) if value is not None}
    return hashlib.sha256(b"\x00" + _named(said)).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The Merkle tree hash of leaves (RFC 9162, 2.1.1); of none, the hash of nothing."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        level = _above(level)
    return level[0]


def path(leaves: Sequence[bytes], place: int) -> tuple[Step, ...]:
    """The steps from one leaf to the root (RFC 9162, 2.1.3.1), the nearest first."""
    steps, level = [], list(leaves)
    while len(level) > 1:
        beside = place ^ 1
        if beside < len(level):
            steps.append(Step(level[beside].hex(), left=beside < place))
        level, place = _above(level), place // 2
    return tuple(steps)


def _above(level: Sequence[bytes]) -> list[bytes]:
    """The nodes one level up; the last of an odd number goes up as it is, which gives the tree of RFC 9162."""
    pairs = [_node(level[n], level[n + 1]) for n in range(0, len(level) - 1, 2)]
    return pairs + list(level[len(level) - 1 :]) if len(level) % 2 else pairs


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _named(said: Mapping[str, str]) -> bytes:
    """Names and values with their lengths: no value can pass for another name."""
    parts = ((name, value.encode()) for name, value in said.items())
    return b"".join(b"%s=%d:%s;" % (name.encode(), len(value), value) for name, value in parts)


def _told(value: Any) -> str:
    """A value as it is hashed: moments as microseconds since 1970, numbers as Python writes them (shortest exact form)."""
    if isinstance(value, datetime):
        since = value.astimezone(UTC) - _EPOCH
        return str((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds)
    return repr(value) if isinstance(value, float) else str(value)
