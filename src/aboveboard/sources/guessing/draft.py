"""Profiles → the blocks of a first mapping, with the reason or the doubt beside each line."""

from __future__ import annotations

from dataclasses import dataclass, field

from aboveboard.sources import expressions
from aboveboard.sources.guessing import roles
from aboveboard.sources.guessing.profiles import SAMPLE_ROWS, Column, File, Profiles
from aboveboard.sources.problems import MappingError

MOST_ATTRIBUTES = 24
_ORDER = ("customer", "subject", "channel", "touchpoint", "team", "employee", "outcome", "value", "text")
_OPENED = (".opened", ".placed")
_ANSWERED = (".answered", ".posted")
_ENDED = (".closed", ".resolved", ".solved", ".cancelled", ".returned", "status.changed")
_KEYS = ("from", "type", "changed", "where", "time", "due", "# due", "rule", *_ORDER)


@dataclass
class Line:
    """One line of YAML: a key, an expression or word, and what to say about it (`doubt`: somebody should look)."""

    key: str
    value: str
    note: str = ""
    doubt: bool = False


@dataclass
class Draft:
    """One block of events."""

    name: str
    lines: list[Line]
    attributes: list[Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class Export:
    """One entry of `files`."""

    alias: str
    pattern: str = ""
    options: dict[str, str] = field(default_factory=dict)
    note: str = ""


@dataclass
class Sketch:
    """All of it."""

    exports: list[Export]
    drafts: list[Draft]


def sketch(profiles: Profiles) -> Sketch:
    """What the mapping would hold."""
    exports = [_export(file) for file in profiles.files]
    drafts: list[Draft] = []
    looked_up = {right for _, _, right, _ in profiles.joins}
    for file in profiles.files:
        case = None if file.keys else _case(profiles, file)
        if case and file.dated:
            drafts += _history(profiles, file, case, exports)
        elif file.dated:
            drafts += _once(profiles, file)
        elif file.alias not in looked_up and not _has_time_by_join(profiles, file):
            drafts += [_timeless(profiles, file)]
    return Sketch(exports, _named_apart(drafts))


def name_of(column: str) -> str:
    """The column as an expression: as it is where SQL reads it as one name, else in double quotes."""
    try:
        tree = expressions.parse(column, place="").tree
    except MappingError:
        return _quoted(column)
    return column if expressions.parts(tree) == (column,) else _quoted(column)


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _export(file: File) -> Export:
    made = Export(file.alias, file.file.name)
    if file.keys:
        made.options["key"] = name_of(file.keys[0].name)
    return made


def _case(profiles: Profiles, file: File) -> Column | None:
    """The column that says which rows belong to one case: named like an id, repeated, constant things hang on it."""
    named = [
        column
        for column in file.columns.values()
        if not column.date and 1 < column.distinct < column.filled * 0.9 and roles.CASE.search(roles.plain(column.name))
    ]
    fixed = [
        column
        for column in named
        if any(profiles.constant_within(file.alias, column.name, date.name) for date in file.dated)
        or _activity_of(file)
    ]
    return max(fixed, key=lambda column: column.distinct, default=None)


def _activity_of(file: File) -> Column | None:
    """The column that names the activity of each row, without a gap."""
    named = (c for c in file.columns.values() if roles.ACTIVITY.search(roles.plain(c.name)))
    return next((c for c in named if 1 < c.distinct < 300 and c.filled >= 0.98 * min(file.rows, SAMPLE_ROWS)), None)


# -- a row per thing -------------------------------------------------------------------------------------------------


def _once(profiles: Profiles, file: File) -> list[Draft]:
    """Each time of a row is an event of its own; a time promised goes on the first of them as `due`."""
    about = roles.thing(file)
    activity = _activity_of(file)
    due = [column for column in file.dated if roles.DUE.search(roles.plain(column.name))]
    times = [column for column in file.dated if column not in due]
    updates = [column for column in times if roles.UPDATED.search(roles.plain(column.name))]
    if len(times) > len(updates):
        times = [column for column in times if column not in updates]
    if activity and times:
        return [_activity(profiles, file, about, activity, times[0])]
    if not times:
        return _promises(profiles, file, about, due)
    named = [(column, *roles.event(column, about)) for column in times]
    words = _ANSWERED if about in ("review", "survey") else _OPENED
    first = next((n for n, (_, kind, _) in enumerate(named) if kind.endswith(words)), 0)
    drafts = []
    for number, (column, kind, doubtful) in enumerate(named):
        kind = _known_type(file, about, kind, only=len(named) == 1)
        draft = _draft(profiles, file, about, kind, column, doubtful, opening=number == first)
        if number == first:
            draft.lines[1:1] = _due_lines(due)
            draft.notes += [
                f"not read: {c.name} (a time that is overwritten by each change)" for c in updates if c not in times
            ]
        drafts.append(draft)
    return drafts


def _known_type(file: File, about: str, kind: str, *, only: bool) -> str:
    """Reviews, surveys and posts have types of their own in the ledger's vocabulary."""
    if about == "review":
        return "review.posted" if kind.endswith((".answered", ".posted")) or only else kind
    if about == "survey":
        return "survey.answered" if kind.endswith((".answered", ".opened")) else kind
    if about == "post":
        return "post.published" if only or kind.endswith(".opened") else kind
    return kind


def _due_lines(due: list[Column]) -> list[Line]:
    made = []
    for number, column in enumerate(due):
        value = name_of(column.name)
        note = "the time promised"
        if column.date and column.date.midnight:
            value, note = f"cast({value} as date)", "a day without an hour: the promise runs to the end of that day"
        made.append(Line("due" if number == 0 else "# due", value, note, doubt=number > 0))
    return made


def _activity(profiles: Profiles, file: File, about: str, activity: Column, time: Column) -> Draft:
    draft = _draft(profiles, file, about, "activity", time, False, opening=True)
    draft.lines.insert(
        0, Line("type", name_of(activity.name), "each activity is a type; rename with case … when … end", True)
    )
    return draft


def _promises(profiles: Profiles, file: File, about: str, due: list[Column]) -> list[Draft]:
    """Only times promised: the time of the promise itself must come from a file that this one looks up."""
    reached = _reached(profiles, file)
    for other in reached:
        times = [c for c in other.dated if not roles.DUE.search(roles.plain(c.name))]
        if times:
            draft = _draft(profiles, file, about, "promise.made", times[0], True, opening=True, owner=other)
            draft.lines[1:1] = _due_lines(due)
            draft.lines.insert(
                0,
                Line(
                    "rule",
                    f"'promise:{roles.plain(due[0].name).replace('_', '-')}'",
                    "name it as in your playbook",
                    True,
                ),
            )
            return [draft]
    return [_draft(profiles, file, about, f"{about}.due", due[0], True, opening=True)]


# -- a row per change ------------------------------------------------------------------------------------------------


def _history(profiles: Profiles, file: File, case: Column, exports: list[Export]) -> list[Draft]:
    """Times that never change within a case are events once per case; the time that does is that of each change."""
    about = roles.thing(file)
    due = [column for column in file.dated if roles.DUE.search(roles.plain(column.name))]
    times = [column for column in file.dated if column not in due]
    fixed = [column for column in times if profiles.constant_within(file.alias, case.name, column.name)]
    moving = sorted((c for c in times if c not in fixed), key=lambda c: not roles.UPDATED.search(roles.plain(c.name)))
    export = next(export for export in exports if export.alias == file.alias)
    drafts: list[Draft] = []
    if moving:
        export.options |= {"per": name_of(case.name), "order": f"moment({name_of(moving[0].name)})"}
        export.note = f"several rows per {case.name}: read as its history"
        drafts += _changes(profiles, file, about, case, moving[0])
    if fixed:
        order = f"moment({name_of((moving or fixed)[0].name)})"
        alias = f"each_{roles.plain(case.name)}"
        exports.append(Export(alias, options={"of": file.alias, "one_per": name_of(case.name), "order": order}))
        single = File(alias, file.file, file.rows, file.columns)
        seen: set[str] = set()
        for number, column in enumerate(fixed):
            kind, doubtful = roles.event(column, about)
            if kind in seen:
                kind, doubtful = f"{about}.{roles.words(column)}", True
            seen.add(kind)
            draft = _draft(profiles, single, about, kind, column, doubtful, opening=number == 0, key=case)
            if number == 0:
                draft.lines[1:1] = _due_lines(due)
            drafts.append(draft)
    return drafts


def _changes(profiles: Profiles, file: File, about: str, case: Column, time: Column) -> list[Draft]:
    """An event for each change of status, of team or employee; else each row is one."""
    columns = list(file.columns.values())
    activity = _activity_of(file)
    if activity:
        draft = _activity(profiles, file, about, activity, time)
        return [draft]
    drafts = []
    if status := roles.fills("outcome", columns, file.rows):
        draft = _draft(profiles, file, about, "status.changed", time, False, opening=False, key=case)
        draft.lines.insert(1, Line("changed", name_of(status.name)))
        drafts.append(draft)
    who = [c for c in (roles.fills("team", columns, file.rows), roles.fills("employee", columns, file.rows)) if c]
    if who:
        draft = _draft(profiles, file, about, "case.assigned", time, False, opening=False, key=case)
        draft.lines.insert(1, Line("changed", "[" + ", ".join(name_of(c.name) for c in who) + "]"))
        drafts.append(draft)
    return drafts or [_draft(profiles, file, about, f"{about}.updated", time, True, opening=True, key=case)]


# -- one block -------------------------------------------------------------------------------------------------------


def _timeless(profiles: Profiles, file: File) -> Draft:
    """A file that says no time at all: the day on which it was last written stands in."""
    from datetime import UTC, datetime

    written = datetime.fromtimestamp(file.file.path.stat().st_mtime, tz=UTC).date().isoformat()
    about = roles.thing(file)
    kind = {"review": "review.posted", "survey": "survey.answered", "customer": "customer.seen"}.get(
        about, f"{about}.recorded"
    )
    note = "no column of the file says when: this is the day the file was last written; put the true day here"
    column = Column("", file.rows, 1, False, 10, 1, None, False, ())
    draft = _draft(profiles, file, about, kind, column, True, opening=True)
    draft.lines = [line for line in draft.lines if line.key not in ("time", "where")]
    draft.lines.insert(0, Line("time", f"cast('{written}' as timestamp)", note, True))
    return draft


def _draft(
    profiles: Profiles,
    file: File,
    about: str,
    kind: str,
    time: Column,
    doubtful: bool,
    *,
    opening: bool,
    owner: File | None = None,
    key: Column | None = None,
) -> Draft:
    """A block with its time and every ledger column that some column speaks for."""
    unsure = (
        "taken from the file it looks up: is this when it was promised?"
        if owner
        else "the name does not say what happened"
    )
    lines = [Line("time", _ref(time, file, owner), unsure if doubtful else "", doubtful)]
    if owner is None and time.name and time.filled < min(file.rows, SAMPLE_ROWS):
        lines.append(Line("where", f"{name_of(time.name)} is not null", "rows without this time hold no such event"))
    filled = _filled(profiles, file, about, key, opening=opening)
    if len(file.dated) > 1 and not kind.endswith(_ENDED):
        filled.pop("outcome", None)  # the status of today says nothing about this event; it goes into attributes
    lines += [filled[column] for column in _ORDER if column in filled]
    draft = Draft(kind, [Line("from", file.alias), *lines])
    if opening:
        used = {line.value for line in lines}
        draft.attributes = _attributes(file, used)
    return draft


def _filled(profiles: Profiles, file: File, about: str, key: Column | None, *, opening: bool) -> dict[str, Line]:
    made: dict[str, Line] = {}
    subject = _subject(profiles, file, about, key)
    if subject:
        made["subject"] = subject
    columns = list(file.columns.values())
    taken = {key.name} if key else {column.name for column in file.keys[:1]}
    for ledger_column in ("customer", "channel", "touchpoint", "team", "employee", "outcome", "value", "text"):
        if not opening and ledger_column in ("value", "text", "touchpoint"):
            continue
        own = [column for column in columns if column.name not in taken or ledger_column == "customer"]
        if fit := roles.fills(ledger_column, own, file.rows):
            made[ledger_column] = Line(ledger_column, name_of(fit.name))
            if ledger_column == "value" and fit.numeric:
                made["value"].note = f"a number such as {fit.examples[0]}"
    if person := _person(profiles, file, made.get("customer")):
        made["customer"] = person
    return made


def _person(profiles: Profiles, file: File, own: Line | None) -> Line | None:
    """The customer's key in a file that is looked up, where it tells people apart better than this file's own."""
    for other in _reached(profiles, file):
        candidates = [
            c for c in other.columns.values() if roles.COLUMNS["customer"].search(roles.plain(c.name)) and c.filled
        ]
        repeated = [c for c in candidates if c.distinct < c.filled]
        for column in repeated or ([] if own else candidates):
            note = f"the same person comes again under this key, not under {own.value}" if own else ""
            return Line("customer", f"{other.alias}.{name_of(column.name)}", note)
    return None


def _subject(profiles: Profiles, file: File, about: str, key: Column | None) -> Line | None:
    """What it is about: the case, or the order that the file looks up, or else the row's own key."""
    word = {"case": "case", "order": "order"}.get(about, about)
    if key:
        return Line("subject", f"'{word}:' || {name_of(key.name)}")
    for left, column, right, _ in profiles.joins:
        if left == file.alias and profiles.file(right).dated:
            return Line("subject", f"'{roles.thing(profiles.file(right))}:' || {file.alias}.{name_of(column)}")
    if file.keys:
        return Line("subject", f"'{word}:' || {name_of(file.keys[0].name)}")
    return None


def _reached(profiles: Profiles, file: File) -> list[File]:
    """The files that the file can look up, the nearest first."""
    found: list[str] = []
    waiting = [file.alias]
    while waiting:
        here = waiting.pop(0)
        for left, _, right, _ in profiles.joins:
            if left == here and right not in found:
                found.append(right)
                waiting.append(right)
    return [profiles.file(alias) for alias in found]


def _has_time_by_join(profiles: Profiles, file: File) -> bool:
    return any(other.dated for other in _reached(profiles, file))


def _ref(column: Column, file: File, owner: File | None) -> str:
    return f"{owner.alias}.{name_of(column.name)}" if owner else name_of(column.name)


def _attributes(file: File, used: set[str]) -> list[Line]:
    kept = [c for c in file.columns.values() if roles.worth_keeping(c) and name_of(c.name) not in used]
    return [Line(roles.plain(c.name) or "column", name_of(c.name)) for c in kept[:MOST_ATTRIBUTES]]


def _named_apart(drafts: list[Draft]) -> list[Draft]:
    """Two blocks of one type get different names: the type stands before the first blank."""
    seen: dict[str, int] = {}
    for draft in drafts:
        draft.lines.sort(key=lambda line: _KEYS.index(line.key))
        seen[draft.name] = seen.get(draft.name, 0) + 1
        if seen[draft.name] > 1:
            draft.name = f"{draft.name} ({seen[draft.name]})"
    return drafts
