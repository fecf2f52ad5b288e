"""The JSON Schema of a playbook, made from the key table: for editors. It is looser than `reader`, which has the last word."""

from __future__ import annotations

from typing import Any

from aboveboard.playbook import keys

_TEXT: dict[str, Any] = {"type": "string"}
_NUMBER: dict[str, Any] = {"type": "number"}
_HOURS: dict[str, Any] = {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1}
_LIST: dict[str, Any] = {"type": "array", "items": _TEXT}


def schema() -> dict[str, Any]:
    """Return the schema as a mapping that JSON can write."""
    top: dict[str, Any] = {key.name: _key(key) for key in keys.PLAIN if key.name != "journeys"}
    journeys = next(key for key in keys.PLAIN if key.name == "journeys")
    top["journeys"] = {"type": "object", "description": journeys.meaning, "additionalProperties": _LIST}
    for section in keys.SECTIONS:
        top[section.name] = {
            "type": "object",
            "description": section.meaning,
            "additionalProperties": entry(section),
        }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Aboveboard playbook",
        "type": "object",
        "additionalProperties": False,
        "properties": {name: top[name] for name in keys.TOP},
    }


def entry(section: keys.Section) -> dict[str, Any]:
    """Return the schema of one entry of a section."""
    found: dict[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {key.name: _key(key) for key in section.keys},
        "required": [key.name for key in section.keys if key.required],
    }
    if section is keys.PROMISES:
        found["oneOf"] = [{"required": ["within"]}, {"required": ["by"]}]
    return found


def _key(key: keys.Key) -> dict[str, Any]:
    return {"description": f"{key.meaning} ({keys.KINDS[key.kind]})", **_kind(key)}


def _kind(key: keys.Key) -> dict[str, Any]:
    if key.kind == "choice":
        return {"enum": list(key.choices)}
    if key.kind == "steps":
        return {"type": "object", "additionalProperties": entry(keys.STEP), "minProperties": 1}
    if key.kind == "requirements":
        return {"type": "array", "items": entry(keys.REQUIREMENT)}
    return _KINDS.get(key.kind, _TEXT)


_KINDS: dict[keys.Kind, dict[str, Any]] = {
    "texts": _LIST,
    "dates": _LIST,
    "touchpoints": _LIST,
    "words_by_language": {"type": "object", "additionalProperties": _LIST},
    "hours": _HOURS,
    "hours_by_date": _HOURS,
    "share": {"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"type": "string", "pattern": "%$"}]},
    "number": _NUMBER,
    "money_by_level": {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}},
    "boolean": {"type": "boolean"},
    "patterns": {"type": "object", "additionalProperties": _LIST},
    "scale": {"type": "array", "items": _NUMBER, "minItems": 2, "maxItems": 2},
}
