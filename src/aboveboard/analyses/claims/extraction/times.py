"""By when? The words of a commitment that name a time, and the moment they come to in the organisation's time zone.

Reading the words (`when`) and reckoning the moment (`When.after`) are two steps: the same words are said many times.
What is due on a day is due at the end of that day, as everywhere in Aboveboard. What is due
"now" is due within the hour.
Business days are Monday to Friday; public holidays are not known here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from aboveboard.analyses.claims.extraction import time_words

_SOON = timedelta(hours=1)
_END = time(23, 59, 59, 999999)
_PARTS = {"morning": time(12), "noon": time(12), "afternoon": time(18), "evening": _END}


@dataclass(frozen=True)
class When:
    """Words that name a time, where they stand in the text, and how the moment is reckoned from the local time said."""

    words: str
    start: int
    reckon: Callable[[datetime], datetime | None]
    limit: bool
    """Whether the words set a limit ("by Friday", "within a day", "now"): a bare date may be that of something else."""

    def after(self, said_at: datetime, zone: ZoneInfo) -> datetime | None:
        """The moment in UTC for words said at `said_at`; None where it would lie before that."""
        local = said_at.astimezone(zone)
        found = self.reckon(local.replace(tzinfo=None))
        if found is None:
            return None
        due = found.replace(tzinfo=zone).astimezone(UTC)
        return due if due >= said_at else None


def when(plain_text: str, sentence: tuple[int, int], start: int, *, limits_only: bool = False) -> When | None:
    """The time that a sentence of the text names for the words that begin at `start`; None where it names none.

    Of several times the first after the words counts, else the last before them; of two at one place the longer.
    `limits_only` leaves out what may be the date of something else: "I will cancel the flight of May 5".
    """
    found = [one for one in _all(plain_text, *sentence) if one.limit or not limits_only]
    after = [one for one in found if one.start >= start]
    return after[0] if after else (found[-1] if found else None)


def _all(text: str, first: int, last: int) -> Iterator[When]:
    taken = -1
    matches = [(m, read) for pattern, read in _FORMS for m in pattern.finditer(text, first, last)]
    for match, read in sorted(matches, key=lambda pair: (pair[0].start(), -pair[0].end())):
        if match.start() >= taken and (reckon := read(match)) is not None:
            taken = match.end()
            limit = (
                read in (_now, _length, _stretch, _day_word)
                or time_words.LIMIT.search(text[first : match.start()]) is not None
            )
            yield When(match.group().strip(), match.start(), reckon, limit)


Reckon = Callable[[datetime], "datetime | None"]
Reader = Callable[[re.Match[str]], "Reckon | None"]


def _now(_: re.Match[str]) -> Reckon:
    return lambda said: said + _SOON


def _length(match: re.Match[str]) -> Reckon | None:
    """ "within 5 to 7 business days": the longer of the two, at the end of the day where it is counted in days."""
    number = _number(match["upper"] or match["number"])
    if number is None:
        return None
    unit, working = match["unit"], match["working"] is not None
    if unit.startswith(("min", "stund", "hour", "hr")):
        span = timedelta(minutes=number) if unit.startswith("min") else timedelta(hours=number)
        return lambda said: said + span
    if working or unit.startswith(("werktag", "arbeitstag")):
        return lambda said: _end_of(_working_days_after(said.date(), round(number)))
    days = number * (1 if unit.startswith(("day", "tag")) else 7 if unit.startswith(("week", "woche")) else 30)
    return lambda said: _end_of(said.date() + timedelta(days=round(days)))


def _day_word(match: re.Match[str]) -> Reckon:
    """ "today", "tomorrow morning", "übermorgen Abend"."""
    ahead = {"today": 0, "tonight": 0, "this": 0, "heute": 0, "tomorrow": 1, "morgen": 1, "übermorgen": 2}
    days = ahead.get(match["day"].split()[0], 2)  # "the day after tomorrow", "day after tomorrow"
    part, clock = _part(match["part"]), _clock(match)
    return lambda said: _on(said.date() + timedelta(days=days), clock or part)


def _weekday(match: re.Match[str]) -> Reckon:
    """ "by Friday", "next Tuesday at 3 pm": the first one from today on; "next" is that of the following week."""
    wanted, following = (
        time_words.WEEKDAY[match["weekday"]],
        (match["next"] or "").strip() in ("next", "nächsten", "nächste", "kommenden"),
    )
    part, clock = _part(match["part"]), _clock(match)

    def reckon(said: datetime) -> datetime:
        ahead = (wanted - said.weekday()) % 7
        if following and said.weekday() + ahead < 7:
            ahead += 7
        return _on(said.date() + timedelta(days=ahead), clock or part)

    return reckon


def _stretch(match: re.Match[str]) -> Reckon:
    """ "by the end of the week", "next week", "Ende des Monats": the last day of it."""
    words = match.group()
    following = re.search(r"\b(?:next|nächste[rn]?|kommende[rn]?)\b", words) is not None

    def reckon(said: datetime) -> datetime:
        day = said.date()
        if "month" in words or "monat" in words:
            start = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
            if following:
                start = (start + timedelta(days=32)).replace(day=1)
            return _end_of(start - timedelta(days=1))
        if "day" in words or "tag" in words:
            return _end_of(day)
        # A business week ends on Friday; said on a weekend, the week that is meant is the one to come.
        week = day + timedelta(days=7 - day.weekday()) if day.weekday() > 4 else day - timedelta(days=day.weekday())
        return _end_of(week + timedelta(days=4 + (7 if following and day.weekday() <= 4 else 0)))

    return reckon


def _calendar_date(match: re.Match[str]) -> Reckon | None:
    """ "by May 5th", "am 5. Mai", "bis 5.5.2026", "2026-05-05": the next such day where no year is said."""
    held = match.groupdict()
    month = held["month"] or held.get("month_after") or ""
    number = time_words.MONTH.get(month) or (int(month) if month.isdigit() else None)
    day, year, clock = int(held["date"] or held.get("date_before") or 0), held.get("year"), _clock(match)
    if number is None or not 1 <= number <= 12:
        return None

    def reckon(said: datetime) -> datetime | None:
        for candidate in [int(year)] if year else [said.year, said.year + 1]:
            try:
                found = date(candidate, number, day)
            except ValueError:
                return None
            if year or found >= said.date():
                return _on(found, clock)
        return None

    return reckon


def _hour(match: re.Match[str]) -> Reckon | None:
    """ "by 5 pm", "um 17:30 Uhr": today, or tomorrow where that is past."""
    clock = _clock(match)
    if clock is None:
        return None
    return lambda said: _on(said.date() + timedelta(days=int(said.time() > clock)), clock)


def _clock(match: re.Match[str]) -> time | None:
    held = match.groupdict()
    if held.get("noon"):
        return time(0) if held["noon"] in ("midnight", "mitternacht") else time(12)
    if not held.get("hour"):
        return None
    hour, minute, half = (
        int(held["hour"]),
        int(held.get("minute") or 0),
        (held.get("half") or held.get("half_only") or "").replace(".", ""),
    )
    if half == "pm" and hour < 12:
        hour += 12
    if half == "am" and hour == 12:
        hour = 0
    return time(hour % 24, minute) if hour <= 24 and minute < 60 else None


def _part(words: str | None) -> time:
    said = (words or "").strip().removeprefix("in the ").removeprefix("at ").removeprefix("am ")
    german = {
        "früh": "morning",
        "vormittag": "morning",
        "mittag": "noon",
        "nachmittag": "afternoon",
        "abend": "evening",
    }
    return _PARTS.get(german.get(said, said), _END)


def _number(words: str) -> float | None:
    cleaned = words.replace(",", ".")
    return float(cleaned) if cleaned.replace(".", "", 1).isdigit() else time_words.NUMBER.get(words)


def _working_days_after(day: date, number: int) -> date:
    while number > 0:
        day += timedelta(days=1)
        number -= day.weekday() < 5
    return day


def _on(day: date, clock: time | None) -> datetime:
    return datetime.combine(day, clock or _END)


def _end_of(day: date) -> datetime:
    return datetime.combine(day, _END)


_FORMS: tuple[tuple[re.Pattern[str], Reader], ...] = (
    (time_words.NOW, _now),
    (time_words.LENGTH, _length),
    (time_words.DAY, _day_word),
    (time_words.WEEKDAY_NAMED, _weekday),
    (time_words.STRETCH, _stretch),
    *((pattern, _calendar_date) for pattern in time_words.DATES),
    (time_words.HOUR, _hour),
)
