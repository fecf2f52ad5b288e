"""The substitution test: how did comparable contacts of others end? Table SUBSTITUTION (see `substitution_tables`).

The test asks of a mistake whether others of the same trade would have made it in the same place (Johnston 1995; Reason 1997,
Managing the Risks of Organizational Accidents, ch. 9). Here the others' contacts answer: those in a like situation are matched
exactly, in as many circumstances as leave twenty others; the interval is Wilson's on the number of contacts that they are worth
when the contacts of one person hang together (Rao and Scott 1992, Biometrics 48, 577–585).

All is counted by the engine, on the cells of employee and circumstances: what others have is what all have less one's own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import ibis

from aboveboard.analyses.attribution import people_case_mix, substitution_notes
from aboveboard.analyses.attribution.substitution_tables import SUBSTITUTION
from aboveboard.analyses.shared.intervals import Z95
from aboveboard.playbook.model import Playbook

LEAST_PEERS = 20
"""Below so many others in like situations nothing can be told."""
SITUATION = ("touchpoint", "situation", "policy", "channel", "product")
LEVELS: tuple[tuple[str, ...], ...] = (
    (*SITUATION, "vendor", "team", "hour"),
    (*SITUATION, "vendor", "team"),
    SITUATION,
    ("touchpoint", "situation", "policy", "channel"),
    ("touchpoint", "situation", "policy"),
)
"""In what contacts are alike: the first that leaves enough others counts."""
FINEST = LEVELS[0]
INDUCED, WELL, UNKNOWN = "system-induced", "mostly ends well", "cannot tell"
_BETWEEN = "\x1f"
"""Between the parts of a cell's key: one key, not eight, for the engine to join by."""
_NUMBERS = ("contacts", "peers", "same", "share", "error")


def substitution(events: Any, playbook: Playbook, *, as_of: datetime | None = None) -> Any:
    """One row per breakdown and per noted contact of an employee, and one per employee with a breakdown."""
    contacts = _contacts(events, playbook, as_of=as_of)
    cells = contacts.group_by("cell", "employee", *FINEST).aggregate(
        n=contacts.missed.count().cast("float64"), missed=contacts.missed.sum()
    )
    compared = _chosen(cells)
    notes = substitution_notes.notes(events, contacts, as_of=as_of)
    cases = _cases(contacts, compared, notes)
    facts = substitution_notes.earlier(events, contacts, notes, as_of=as_of)
    told = cases.left_join(facts, cases.event == facts.of_event).drop("of_event")
    parts = [told, _alone(notes), _together(compared)]
    return ibis.union(*(_shaped(part) for part in parts))


def _contacts(events: Any, playbook: Playbook, *, as_of: datetime | None) -> Any:
    """Contacts that an employee ended, circumstances "" where absent."""
    ended = people_case_mix.ended(events, playbook, as_of=as_of)
    known = ended.filter(ended.employee.notnull())
    filled = {name: known[name].fill_null("") for name in FINEST}
    cell = known.employee
    for value in filled.values():
        cell = cell + _BETWEEN + value
    return known.select("id", "subject", "time", "outcome", "employee", missed=1.0 - known.y, cell=cell, **filled)


def _chosen(cells: Any) -> Any:
    """The cells with what the others had in like situations, at the first level with enough of them."""
    table = cells
    for number, keys in enumerate(LEVELS):
        table = _with_others(table, keys, number)
    usable = [(table[f"peers_{number}"] >= LEAST_PEERS) & _any_known(table, keys) for number, keys in enumerate(LEVELS)]

    def first(values: list[Any], kind: str) -> Any:
        return ibis.cases(*zip(usable, values, strict=True), else_=ibis.null(kind))

    found = {name: first([table[f"{name}_{number}"] for number in range(len(LEVELS))], "float64") for name in _NUMBERS}
    alike = first([_named(table, keys) for keys in LEVELS], "string")
    return table.select("cell", "employee", "missed", alike=alike, **found)


def _with_others(table: Any, keys: tuple[str, ...], number: int) -> Any:
    """The cells with what others had where these circumstances are the same: windows, which no engine turns into loops."""
    own = ibis.window(group_by=["employee", *keys])
    first = ibis.row_number().over(group_by=["employee", *keys], order_by=[table[name] for name in FINEST]) == 0
    mine = table.mutate(own_n=table.n.sum().over(own), own_m=table.missed.sum().over(own), once=first.ifelse(1.0, 0.0))

    def of_all(value: Any) -> Any:
        """The sum over all employees, each once."""
        return (mine.once * value).sum().over(ibis.window(group_by=list(keys)))

    n, m = mine.own_n, mine.own_m
    both = mine.mutate(
        all_n=of_all(n), all_m=of_all(m), all_people=of_all(1.0), nn=of_all(n * n), mm=of_all(m * m), nm=of_all(n * m)
    )
    n, m = both.own_n, both.own_m
    peers, contacts, same = both.all_people - 1, both.all_n - n, both.all_m - m
    share = same / contacts.nullif(0)
    squares = (both.mm - m * m) - 2 * share * (both.nm - n * m) + share * share * (both.nn - n * n)
    plain = share * (1 - share) / contacts.nullif(0)
    clustered = squares * peers / (peers - 1).nullif(0) / (contacts * contacts).nullif(0)
    # Clusters may only widen: where few others happen to agree, chance alone is what is left.
    error = ibis.ifelse(clustered > plain, clustered, plain)
    found = dict(zip(_NUMBERS, (contacts, peers, same, share, error), strict=True))
    return both.select(*table.columns, **{f"{name}_{number}": value for name, value in found.items()})


def _any_known(table: Any, keys: tuple[str, ...]) -> Any:
    """Something of the situation itself is known, not only by whom and when."""
    known = ibis.literal(False)
    for name in keys:
        if name in SITUATION:
            known = known | (table[name] != "")
    return known


def _named(table: Any, keys: tuple[str, ...]) -> Any:
    """The circumstances that are known, in words."""
    text = ibis.literal("")
    for name in keys:
        said = ibis.ifelse(text == "", name, ", " + name)
        text = text + ibis.ifelse(table[name] != "", said, "")
    return text


def _cases(contacts: Any, compared: Any, notes: Any) -> Any:
    """Breakdowns and noted contacts, with how the others fared."""
    first = notes.filter(notes.contact.notnull()).group_by("contact").aggregate(note=notes.note.min())
    noted = contacts.left_join(first, contacts.id == first.contact)
    some = noted.filter((noted.missed > 0) | noted.note.notnull())
    told = some.inner_join(compared.select("cell", "alike", *_NUMBERS), "cell")
    low, high = _wilson(told.share, told.error)
    return told.select(
        "employee",
        "subject",
        "outcome",
        "note",
        "alike",
        kind=told.note.notnull().ifelse("note", "breakdown"),
        event=told.id,
        at=told.time,
        cases_count=told.missed,
        matched_count=(told.share.notnull() & (told.missed > 0)).ifelse(1, 0),
        contacts_count=told.contacts,
        peers_count=told.peers,
        same_count=told.same,
        same_share=told.share,
        same_share_low=low,
        same_share_high=high,
        verdict=ibis.ifelse(told.missed > 0, _verdict(low, high), UNKNOWN),
    )


def _alone(notes: Any) -> Any:
    """Notes to which there is no contact on record."""
    some = notes.filter(notes.contact.isnull())
    return some.select(
        "employee", "subject", "note", kind=ibis.literal("note"), at=some.at, verdict=ibis.literal(UNKNOWN)
    )


def _together(compared: Any) -> Any:
    """All breakdowns of each employee: the mean of the others' shares, its errors added as if they all went one way."""
    some = compared.filter(compared.missed > 0)
    weight = ibis.ifelse(some.share.notnull(), some.missed, 0.0)
    summed = some.group_by("employee").aggregate(
        cases=some.missed.sum(),
        matched=weight.sum(),
        wanted=(some.missed * some.share).sum(),
        errors=(some.missed * some.error.sqrt()).sum(),
        peers=some.peers.min(),
    )
    share = summed.wanted / summed.matched.nullif(0)
    error = (summed.errors / summed.matched.nullif(0)).pow(2)
    low, high = _wilson(share, error)
    # Half of them unmatched, and nothing can be said of the whole.
    most = summed.matched * 2 >= summed.cases
    return summed.select(
        "employee",
        kind=ibis.literal("all"),
        cases_count=summed.cases,
        matched_count=summed.matched,
        peers_count=summed.peers,
        same_share=share,
        same_share_low=low,
        same_share_high=high,
        verdict=ibis.ifelse(most, _verdict(low, high), UNKNOWN),
    )


def _wilson(share: Any, error: Any) -> tuple[Any, Any]:
    """Wilson's interval on as many contacts as give this squared error; where all or none ended so, on the error of one in two."""
    worth = ibis.ifelse(error > 0, share * (1 - share) / error.nullif(0), ibis.null("float64"))
    n = worth.fill_null(float(LEAST_PEERS))
    middle = share + Z95**2 / (2 * n)
    reach = Z95 * (share * (1 - share) / n + Z95**2 / (4 * n * n)).sqrt()
    scale = 1 + Z95**2 / n
    return (middle - reach) / scale, (middle + reach) / scale


def _verdict(low: Any, high: Any) -> Any:
    return ibis.cases((low > 0.5, INDUCED), (high < 0.5, WELL), else_=UNKNOWN)


def _shaped(part: Any) -> Any:
    """Exactly the columns of SUBSTITUTION, absent where a part has none."""
    kinds = {"timestamp": "timestamp('UTC')"}
    columns = {}
    for field in SUBSTITUTION.fields:
        kind = kinds.get(field.kind, field.kind)
        value = part[field.name] if field.name in part.columns else ibis.null(kind)
        if field.name in part.columns and field.kind in ("int64", "float64"):
            value = value.round(9) if field.kind == "float64" else value.round()
        columns[field.name] = value.cast(kind)
    return part.select(**columns)
