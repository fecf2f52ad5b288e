"""Episodes and hand-offs in plain Python: slow, short, one event at a time. What every engine must agree with.

Rows are dicts of ledger columns. Every function gives a list of rows as the analyses' tables have them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil, floor
from typing import Any

Row = dict[str, Any]
DAY = timedelta(days=1)
VOICES = {"contact.started", "message.received", "complaint.received", "case.opened", "case.reopened"}


def in_turn(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row["time"], row["id"]))


def grouped(rows: list[Row], key: Any) -> dict[Any, list[Row]]:
    found: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found


def attribute(row: Row, key: str) -> Any:
    return json.loads(row["attributes"] or "{}").get(key)


def minutes(start: datetime, end: datetime) -> float:
    return (floor(end.timestamp()) - floor(start.timestamp())) / 60.0


def contacts(rows: list[Row], need_of: dict[str, str] | None) -> list[Row]:
    counted = {row["channel"] for row in rows if row["type"] == "contact.started"}
    last: dict[tuple[str, str], datetime] = {}
    found = []
    for row in in_turn(rows):
        need = need_of[row["id"]] if need_of else row["subject"] or row["customer"] or row["id"]
        if row["type"] == "contact.started":
            found.append({**row, "need": need})
        elif row["type"] == "message.received" and row["channel"] and row["channel"] not in counted:
            before = last.get((need, row["channel"]))
            if before is None or row["time"] - before >= timedelta(minutes=30):
                found.append({**row, "need": need})
            last[need, row["channel"]] = row["time"]
    return found


def handoffs(
    rows: list[Row], need_of: dict[str, str] | None, as_of: datetime, lost_after: timedelta = 2 * DAY
) -> list[Row]:
    by_subject = grouped([row for row in rows if row["subject"]], lambda row: row["subject"])
    told = {s for s, of in by_subject.items() if any(row["type"] == "handoff.sent" for row in of)}
    vendors = {row["team"] for row in rows if row["team"] and attribute(row, "vendor") is True}
    threads: list[list[Row]] = []
    for subject, of in by_subject.items():
        threads.append(_told(of) if subject in told else _hops(in_turn([r for r in of if r["team"]]), "team"))
    by_need = grouped(contacts(rows, need_of), lambda row: row["need"])
    threads += [_hops(in_turn([r for r in of if r["channel"]]), "channel") for of in by_need.values()]
    found = []
    for thread in threads:
        last: Row | None = None
        for hop in sorted(thread, key=lambda h: (h["sent_at"], h["event"])):
            hop["returned"] = bool(
                last and hop["sender"] and hop["receiver"]
                and (hop["sender"], hop["receiver"]) == (last["receiver"], last["sender"])
            )  # fmt: skip
            last = {**hop}
            if hop["between"] == "team" and vendors & {hop["sender"], hop["receiver"]}:
                hop["between"] = "vendor"
            deadline = hop["sent_at"] + lost_after
            hop["lost"] = hop["basis"] == "told" and deadline < as_of and (hop["received_at"] or as_of) > deadline
            hop["waiting_minutes"] = minutes(hop["sent_at"], hop["received_at"] or as_of)
            found.append(hop)
    return found


def _hops(acts: list[Row], what: str) -> list[Row]:
    return [
        {
            "subject": (a["subject"] or b["subject"]), "customer": b["customer"] or a["customer"], "between": what,
            "sender": a[what], "receiver": b[what], "basis": "seen", "sent_at": a["time"], "received_at": b["time"],
            "event": a["id"],
        }
        for a, b in pairwise(acts)
        if a[what] != b[what]
    ]  # fmt: skip


def _told(rows: list[Row]) -> list[Row]:
    """A stack per receiving team: a receipt takes the sending on top."""
    moves = sorted(
        (row for row in rows if row["type"] == "handoff.sent" or (row["type"] == "handoff.received" and row["team"])),
        key=lambda row: (row["time"], row["type"] == "handoff.received", row["id"]),
    )
    found, waiting = [], defaultdict(list)
    for place, row in enumerate(moves):
        if row["type"] == "handoff.received":
            if waiting[row["team"]]:
                waiting[row["team"]].pop()["received_at"] = row["time"]
            continue
        later = (other["team"] for other in moves[place:] if other["type"] == "handoff.received")
        to = attribute(row, "to") or next(later, None)
        hop = {
            "subject": row["subject"], "customer": row["customer"], "between": "team", "sender": row["team"],
            "receiver": to, "basis": "told", "sent_at": row["time"], "received_at": None, "event": row["id"],
        }  # fmt: skip
        found.append(hop)
        waiting[to].append(hop)
    return found


def flows(handoffs: list[Row]) -> list[Row]:
    found = []
    for (between, sender, receiver), of in grouped(
        handoffs, lambda h: (h["between"], h["sender"], h["receiver"])
    ).items():
        waits = sorted(h["waiting_minutes"] for h in of if h["received_at"])
        told = sum(h["basis"] == "told" for h in of)
        lost = sum(h["lost"] for h in of)
        found.append(
            {
                "between": between, "sender": sender, "receiver": receiver, "handoffs_count": len(of),
                "subjects_count": len({h["subject"] for h in of} - {None}), "told_count": told, "lost_count": lost,
                "lost_share": lost / told if told else None, "returned_count": sum(h["returned"] for h in of),
                "waiting_minutes_median": waits[ceil(len(waits) / 2) - 1] if waits else None,
                "waiting_minutes_p90": waits[ceil(9 * len(waits) / 10) - 1] if waits else None,
            }
        )  # fmt: skip
    return found


def members(
    rows: list[Row], *, by: str = "need", gap: timedelta = 7 * DAY, session: timedelta = DAY / 2,
    longest: timedelta = 90 * DAY, shared_by: int = 3,
) -> list[Row]:  # fmt: skip
    met: dict[str, list[str]] = defaultdict(list)
    for row in sorted((r for r in rows if r["subject"] and r["customer"]), key=lambda r: (r["time"], r["customer"])):
        if row["customer"] not in met[row["subject"]]:
            met[row["subject"]].append(row["customer"])
    units: dict[str, Row] = {}
    for row in in_turn(rows):
        persons = met.get(row["subject"], [])
        common = len(persons) > shared_by
        tied = bool(row["subject"]) and (not common or row["customer"] is None)
        person = row["customer"] if common or not persons else persons[0]
        name = f"s:{row['subject']}" if tied else f"e:{row['id']}"
        units.setdefault(name, {"name": name, "person": person, "tied": tied, "events": []})["events"].append(row)
    found = []
    for person, of in grouped(list(units.values()), lambda unit: unit["person"]).items():
        for episode in [[unit] for unit in of] if person is None else _joined(of, by, gap, session, longest):
            events = in_turn([event for unit in episode for event in unit["events"]])
            found += [{"episode": events[0]["id"], "event": e["id"], "customer": person} for e in events]
    return found


def _joined(units: list[Row], by: str, gap: timedelta, session: timedelta, longest: timedelta) -> list[list[Row]]:
    for unit in units:
        times = [event["time"] for event in unit["events"]]
        orders = [event["time"] for event in unit["events"] if event["type"].startswith("order.")]
        spoke = [event["time"] for event in unit["events"] if event["type"] in VOICES]
        unit["start"], unit["end"] = min(times), max(times)
        unit["talk"] = max(spoke) if spoke and (not orders or max(spoke) > min(orders)) else None
        unit["opens"] = bool(orders) if by == "need" else unit["tied"]
        unit["visit"] = all(event["type"].startswith(("contact.", "message.")) for event in unit["events"])
    units = sorted(units, key=lambda unit: (unit["start"], unit["tied"], unit["name"]))
    episodes: list[list[Row]] = []
    first = None
    for place, unit in enumerate(units):
        next_opening = next((u["start"] for u in units[place + 1 :] if u["opens"]), None)
        unit["leads"] = bool(
            not unit["opens"] and unit["visit"] and next_opening and next_opening - unit["end"] <= session
        )
        before = units[:place]
        if not (unit["opens"] or unit["leads"]):
            joins = any(unit["start"] <= u["end"] + gap for u in before)
        elif by == "subject":
            joins = bool(before) and before[-1]["leads"] and unit["start"] <= before[-1]["end"] + session
        else:
            joins = any(
                (u["talk"] and not u["leads"] and unit["start"] <= u["talk"] + gap)
                or (u["opens"] and unit["start"] <= u["start"] + session)
                or (u["leads"] and unit["start"] <= u["end"] + session)
                for u in before
            )
        if not joins or first is None:
            first, stretch = unit["start"], 0
            episodes.append([])
        elif (unit["start"] - first) // longest > stretch:
            stretch = (unit["start"] - first) // longest
            episodes.append([])
        episodes[-1].append(unit)
    return episodes


def resolutions(rows: list[Row], need_of: dict[str, str], as_of: datetime, window: timedelta = 7 * DAY) -> list[Row]:
    line = [{**c, "kind": 0} for c in contacts(rows, need_of)]
    for row in rows:
        ended = row["type"] == "contact.ended" and row["outcome"] == "resolved"
        closed = row["type"] == "case.closed" and row["outcome"] not in ("unresolved", "abandoned")
        if ended or closed or row["type"] == "case.reopened":
            line.append({**row, "need": need_of[row["id"]], "kind": int(row["type"] != "case.reopened")})
    found = []
    for need, of in grouped(line, lambda row: row["need"]).items():
        of.sort(key=lambda row: (row["time"], row["kind"], row["id"]))
        for place, row in enumerate(of):
            if row["kind"] and not (place and of[place - 1]["kind"]):
                back = next((o["time"] for o in of[place + 1 :] if not o["kind"]), None)
                found.append(
                    {
                        "event": row["id"], "need": need, "team": row["team"], "channel": row["channel"],
                        "touchpoint": row["touchpoint"], "watched": row["time"] + window <= as_of,
                        "repeated": back is not None and back - row["time"] <= window,
                    }
                )  # fmt: skip
    return found


def repeats(resolutions: list[Row]) -> list[Row]:
    full = [row for row in resolutions if row["watched"]]
    found = []
    for name in ("all", "team", "channel", "touchpoint"):
        for value, of in grouped(full, lambda row, name=name: row.get(name, "all")).items():
            if value is not None:
                again = sum(row["repeated"] for row in of)
                found.append(
                    {
                        "slice": name, "value": value, "resolved_count": len(of), "repeat_count": again,
                        "fcr_share": 1 - again / len(of),
                    }
                )  # fmt: skip
    return found


def episodes(
    rows: list[Row], members: list[Row], handoffs: list[Row], said: list[Row], resolutions: list[Row]
) -> list[Row]:
    need_of = {m["event"]: m["episode"] for m in members}
    person = {m["episode"]: m["customer"] for m in members}
    visits = grouped(contacts(rows, need_of), lambda c: c["need"])
    hops = grouped(handoffs, lambda h: need_of[h["event"]])
    calls = grouped(resolutions, lambda r: r["need"])
    found = []
    for episode, of in grouped(in_turn(rows), lambda row: need_of[row["id"]]).items():
        in_touch, given = visits.get(episode, []), hops.get(episode, [])
        channels = list(dict.fromkeys(c["channel"] for c in _first_use(in_touch)))
        spent = [row["value"] for row in of if row["type"] == "contact.ended" and row["value"] is not None]
        restarts = sum(
            any(a[what] and b[what] and a[what] != b[what] for what in ("channel", "team"))
            for a, b in pairwise(in_turn(in_touch))
        )
        returns = sum(h["returned"] for h in given if h["between"] != "channel")
        lost = sum(h["lost"] for h in given)
        came = any(r["repeated"] for r in calls.get(episode, []))
        known = came or (calls.get(episode) and all(r["watched"] for r in calls[episode]))
        found.append(
            {
                "episode": episode, "customer": person[episode],
                "subjects": ", ".join(sorted({row["subject"] for row in of if row["subject"]})[:20]) or None,
                "started_at": of[0]["time"], "ended_at": of[-1]["time"], "events_count": len(of),
                "contacts_count": len(in_touch), "channels_count": len(channels),
                "channels": " → ".join(channels) or None,
                "teams_count": len({row["team"] for row in of} - {None}), "restarts_count": restarts,
                "contact_minutes": sum(spent) if spent else None,
                "elapsed_minutes": minutes(of[0]["time"], of[-1]["time"]), "handoffs_count": len(given),
                "lost_handoffs_count": lost, "returns_count": returns,
                "repeat_within_window": came if known else None,
                "contradictions_count": sum(need_of[s["first_event"]] == episode for s in said),
                "effort": float(len(in_touch) + restarts + returns + lost),
            }
        )  # fmt: skip
    return found


def _first_use(contacts: list[Row]) -> list[Row]:
    return sorted((c for c in contacts if c["channel"]), key=lambda c: (c["time"], c["channel"]))


def contradictions(rows: list[Row]) -> list[Row]:
    """Every pair that disagrees, from the rules as they are told: each statement looks back over all before it."""
    found = []
    said_of = grouped([s for row in in_turn(rows) for s in _statements(row)], lambda s: (s["subject"], s["fact"]))
    for (subject, fact), statements in said_of.items():
        for here, one in enumerate(statements):
            if one["record"]:
                continue
            changes = [at for at in range(here) if _record_changes(statements, at)]
            record = statements[changes[-1]] if changes else None
            since = statements[changes[-1] + 1 : here] if changes else []
            repeated = any((s["by"], s["means"]) == (one["by"], one["means"]) for s in since if not s["record"])
            pairs = [(one, record, "record")] if record and record["means"] != one["means"] and not repeated else []
            earlier = [at for at in range(here) if not statements[at]["record"]]
            if earlier:
                last = statements[earlier[-1]]
                updated = any(at > earlier[-1] for at in changes)
                known = zip(last["voice"], one["voice"], strict=True)
                other_voice = any(None not in pair and pair[0] != pair[1] for pair in known)
                if last["means"] != one["means"] and other_voice and not updated:
                    pairs.append((last, one, "channel"))
            found += [_pair(subject, fact, *pair) for pair in pairs]
    return found


def _record_changes(statements: list[Row], at: int) -> bool:
    shown = [s["means"] for s in statements[: at + 1] if s["record"]]
    return bool(statements[at]["record"]) and (len(shown) == 1 or shown[-1] != shown[-2])


def _statements(row: Row) -> list[Row]:
    told = row["audience"] == "customer"
    if row["type"] == "message.received" or row["audience"] is None:
        told = row["type"] == "message.sent" or row["type"].startswith("contact.")
    found = []
    for key in ("shows", "says")[: 1 + told]:
        for fact, value in (attribute(row, key) or {}).items() if row["subject"] else ():
            words = value if isinstance(value, str) else json.dumps(value)
            voice = (row["channel"], row["team"])
            names = " / ".join(name for name in voice if name)
            found.append(
                {
                    "subject": row["subject"],
                    "fact": fact,
                    "says": words,
                    "means": words.strip().casefold(),
                    "record": key == "shows",
                    "voice": voice,
                    "by": names or ("record" if key == "shows" else "unnamed"),
                    "event": row,
                }
            )
    return found


def _pair(subject: str, fact: str, first: Row, second: Row, against: str) -> Row:
    pair: Row = {
        "subject": subject,
        "customer": first["event"]["customer"] or second["event"]["customer"],
        "fact": fact,
    }
    for which, one in (("first", first), ("second", second)):
        event = one["event"]
        pair |= {f"{which}_event": event["id"], f"{which}_at": event["time"]}
        pair |= {f"{which}_by": one["by"], f"{which}_says": one["says"]}
    return pair | {"against": against}
