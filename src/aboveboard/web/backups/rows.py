"""Rows as JSON, the same whichever database they come from: read by the fields of the models as they were at a migration.

A moment is ISO 8601 with its microseconds, a decimal, a duration and a UUID are text, bytes are base64. What a JSON column holds
stands in it as it is.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.apps.registry import Apps
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader
from django.utils.duration import duration_iso_string

Node = tuple[str, str]
"""A migration: its app and its name."""
# Whoever was signed in signs in again: a log-in that was ended since does not come back with a backup.
LEFT_OUT = ("sessions.Session", "usersessions.UserSession")
_CHUNK = 2_000


def tips(nodes: Collection[Node], loader: MigrationLoader) -> list[Node]:
    """Of some migrations the last of each app."""
    children = {node: loader.graph.node_map[node].children for node in nodes}
    return sorted(
        node for node in nodes if not any(child.key[0] == node[0] and child.key in children for child in children[node])
    )


def models_at(nodes: Collection[Node], loader: MigrationLoader) -> dict[str, type[models.Model]]:
    """Every model that has a table after these migrations, by `app.Model`."""
    apps: Apps = loader.project_state(tips(nodes, loader)).apps
    found = apps.get_models(include_auto_created=True)
    return {one._meta.label: one for one in found if one._meta.managed and not one._meta.proxy}


def fields(model: type[models.Model]) -> list[Any]:
    """The columns of a model that hold something of their own."""
    return [one for one in model._meta.concrete_fields if not getattr(one, "generated", False)]


def lines(model: type[models.Model]) -> Iterator[bytes]:
    """A table as JSON lines, the first the names of its columns, in the order of its key."""
    held = fields(model)
    yield _line([one.column for one in held])
    key = model._meta.pk.name
    found = model._base_manager.order_by(key).values_list(*(one.attname for one in held))
    for row in found.iterator(_CHUNK):
        yield _line(row)


def _line(values: Sequence[Any]) -> bytes:
    return json.dumps(values, default=_told, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"


def _told(value: Any) -> Any:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return duration_iso_string(value)
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} has no form in a backup")


def prepared(model: type[models.Model], columns: Sequence[str]) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    """What makes of a row of these columns what the database in use takes."""
    by_column = {one.column: one for one in fields(model)}
    into = [_into(by_column[name]) for name in columns]
    return lambda row: tuple(one(value) for one, value in zip(into, row, strict=True))


def _into(field: Any) -> Callable[[Any], Any]:
    if isinstance(field, models.JSONField):
        # A JSON column that must be filled can hold JSON's own null.
        return lambda value: (
            None if value is None and field.null else connection.ops.adapt_json_value(value, field.encoder)
        )
    return lambda value: None if value is None else field.get_db_prep_save(field.to_python(value), connection)
