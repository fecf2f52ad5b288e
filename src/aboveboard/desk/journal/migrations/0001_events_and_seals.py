# ruff: noqa: S608 (triggers are SQL, and nothing from outside goes into them)
"""The tables, and the triggers that make them append-only whoever writes to them."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

_TABLES = ("events", "event_seals")
# REPLACE takes rows away without asking the trigger for deletions, so that a row in the way is looked for beforehand. The same id
# is the same event: it is passed over.
_REFUSED = "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
_SQLITE = (
    *(
        f"CREATE TRIGGER {table}_no_{act} BEFORE {act} ON {table} {_REFUSED}"
        for table in _TABLES
        for act in ("UPDATE", "DELETE")
    ),
    "CREATE TRIGGER events_known BEFORE INSERT ON events WHEN EXISTS (SELECT 1 FROM events WHERE id = NEW.id) "
    "BEGIN SELECT RAISE(IGNORE); END",
    "CREATE TRIGGER events_no_replacing BEFORE INSERT ON events "
    f"WHEN EXISTS (SELECT 1 FROM events WHERE sequence = NEW.sequence AND id <> NEW.id) {_REFUSED}",
    "CREATE TRIGGER event_seals_no_replacing BEFORE INSERT ON event_seals "
    f"WHEN EXISTS (SELECT 1 FROM event_seals WHERE number = NEW.number OR last = NEW.last) {_REFUSED}",
)
_POSTGRES = (
    "CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$",
    *(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        for table in _TABLES
    ),
)


def append_only(_apps: Any, editor: Any) -> None:
    """Let nothing be changed or taken away."""
    for statement in _POSTGRES if editor.connection.vendor == "postgresql" else _SQLITE:
        editor.execute(statement)


def _text(**options: Any) -> Any:
    return models.TextField(null=True, **options)


class Migration(migrations.Migration):
    """From nothing."""

    initial = True
    operations = (
        migrations.CreateModel(
            "Event",
            [
                ("sequence", models.BigAutoField(primary_key=True, serialize=False)),
                ("event", models.TextField(db_column="id", unique=True)),
                ("type", models.TextField()),
                ("time", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                ("source", _text()),
                ("customer", _text()),
                ("subject", _text()),
                ("channel", _text()),
                ("touchpoint", _text()),
                ("team", _text()),
                ("employee", _text()),
                ("rule", _text()),
                ("outcome", _text()),
                ("value", models.FloatField(null=True)),
                ("due", models.DateTimeField(null=True)),
                ("audience", _text()),
                ("text", _text()),
                ("attributes", _text()),
            ],
            options={"db_table": "events"},
        ),
        migrations.CreateModel(
            "Seal",
            [
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("last", models.BigIntegerField(unique=True)),
                ("count", models.BigIntegerField()),
                ("root", models.CharField(max_length=64)),
                ("previous", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
                ("sealed_at", models.DateTimeField()),
            ],
            options={"db_table": "event_seals"},
        ),
        migrations.RunPython(append_only),
    )
