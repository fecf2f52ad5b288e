"""The words that name times in English and German: numbers, days, months, and the forms in which they set a time.

Patterns run over text in lower case. Their named groups are what `times` reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_WEEKDAYS = (
    ("monday", "montag"), ("tuesday", "dienstag"), ("wednesday", "mittwoch"), ("thursday", "donnerstag"),
    ("friday", "freitag"), ("saturday", "samstag", "sonnabend"), ("sunday", "sonntag"),
)  # fmt: skip
WEEKDAY = {name: number for number, names in enumerate(_WEEKDAYS) for name in names}
_MONTHS = (
    ("january", "jan", "januar"), ("february", "feb", "februar"), ("march", "mar", "märz"), ("april", "apr"),
    ("may", "mai"), ("june", "jun", "juni"), ("july", "jul", "juli"), ("august", "aug"),
    ("september", "sep", "sept"), ("october", "oct", "oktober", "okt"), ("november", "nov"),
    ("december", "dec", "dezember", "dez"),
)  # fmt: skip
MONTH = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names}
_NUMBERS = (
    ("a", "an", "one", "ein", "eine", "einem", "einer", "eines"), ("two", "couple of", "a couple of", "zwei"),
    ("three", "few", "a few", "drei", "ein paar", "paar", "wenigen"), ("four", "vier"), ("five", "fünf"),
    ("six", "sechs"), ("seven", "sieben"), ("eight", "acht"), ("nine", "neun"), ("ten", "zehn"), ("eleven", "elf"),
    ("twelve", "zwölf"),
)  # fmt: skip
NUMBER = {name: number for number, names in enumerate(_NUMBERS, start=1) for name in names} | {
    "fourteen": 14, "fifteen": 15, "twenty": 20, "thirty": 30,
    "vierzehn": 14, "fünfzehn": 15, "zwanzig": 20, "dreißig": 30,
}  # fmt: skip


def _either(names: Iterable[str]) -> str:
    return "|".join(sorted(names, key=len, reverse=True))


_COUNT = rf"(?:\d+(?:[.,]\d+)?|{_either(NUMBER)})"
_UNIT = (
    r"(?:minutes?|mins?|hours?|hrs?|days?|weeks?|months?"
    r"|minuten?|stunden?|tag(?:e|en)?|werktag(?:e|en)?|arbeitstag(?:e|en)?|wochen?|monat(?:e|en)?)"
)
_PART = r"(?P<part>\s+(?:in the |at |am )?(?:morning|noon|afternoon|evening|früh|vormittag|mittag|nachmittag|abend))?"
_HALF = r"[ap]\.?m\b\.?"
_NOON = r"(?P<noon>noon|midday|midnight|mittag|mitternacht)"
_TIME = rf"(?:(?P<hour>\d{{1,2}})(?::(?P<minute>\d\d))?\s*(?P<half>{_HALF})?(?:\s*(?:uhr|o'clock))?|{_NOON})"
_AT = rf"(?:,?\s+(?:at|by|before|until|around|um|bis|vor|gegen)\s+{_TIME})?"
_MON = _either(MONTH)
_END = r"(?:by |at |before |until |bis |am |zum )?(?:the )?(?:end|close|ende)"
_OF = r"(?:of |der |des |dieser |dieses |nächster |kommender )(?:the |this |next |business |nächsten |kommenden )*"

LIMIT = re.compile(
    r"\b(?:by|before|until|till|no later than|at the latest|bis(?: zum)?|spätestens(?: am| bis)?|vor)\s+\Z"
)
"""What stands before a date that is a limit."""
NOW = re.compile(
    r"\b(?:right now|right away|immediately|at once|straight ?away|this minute|now|within the hour"
    r"|sofort|umgehend|jetzt gleich|gleich jetzt|jetzt)\b(?! (?:that|on|and then))"
)
LENGTH = re.compile(
    r"\b(?:within|in|over|during|takes?|allow|up to|after|innerhalb|binnen|nach|dauert)\s+"
    r"(?:(?:of|von|about|around|up to|at most|less than|the|den|der|next|nächsten|kommenden|etwa|ca\.?|rund|maximal)\s+)*"
    rf"(?P<number>{_COUNT})(?:\s*(?:-|–|to|or|bis|oder)\s*(?P<upper>{_COUNT}))?"
    rf"[\s-]+(?P<working>(?:business|working|work)[\s-]+)?(?P<unit>{_UNIT})\b"
)
DAY = re.compile(
    r"\b(?P<day>today|tonight|tomorrow|(?:the )?day after tomorrow|heute|morgen|übermorgen"
    rf"|this(?=\s+(?:morning|afternoon|evening)))\b{_PART}{_AT}"
)
WEEKDAY_NAMED = re.compile(
    r"\b(?P<next>this |next |coming |nächsten |nächste |kommenden |diesen )?"
    rf"(?P<weekday>{_either(WEEKDAY)})\b{_PART}{_AT}"
)
STRETCH = re.compile(
    rf"\b(?:{_END} {_OF}(?:day|week|month|tages|woche|monats)|ende (?:der |dieser |nächster )?woche"
    r"|(?:this|next|diese|nächste|kommende|dieser|nächster) (?:week|month|woche)|(?:diesen|nächsten) monat)\b"
)
DATES = (
    re.compile(rf"\b(?P<month>{_MON})\.? (?P<date>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<year>20\d\d))?{_AT}"),
    re.compile(
        rf"\b(?P<date>\d{{1,2}})(?:st|nd|rd|th|\.)? (?:of )?(?P<month>{_MON})\b\.?(?:,? (?P<year>20\d\d))?{_AT}"
    ),
    re.compile(rf"\b(?P<date>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?P<year>20\d\d)?{_AT}"),
    re.compile(rf"\b(?P<year>20\d\d)-(?P<month>\d\d)-(?P<date>\d\d)\b{_AT}"),
)
HOUR = re.compile(
    r"\b(?:by|at|before|until|no later than|bis|um|vor|spätestens um)\s+"
    rf"(?:(?P<hour>\d{{1,2}})(?:(?::(?P<minute>\d\d))\s*(?P<half>{_HALF})?(?:\s*uhr)?"
    rf"|\s*(?P<half_only>{_HALF})|\s*(?:uhr|o'clock))|{_NOON})"
)
