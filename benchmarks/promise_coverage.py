"""Are the promise statistics right? Simulated promises with a known truth, and how often each method finds it.

Run: `python benchmarks/promise_coverage.py [RUNS]` (500 by default, some minutes). It prints the table of
docs/measures/promises.md. The tests run the same functions with fewer runs.
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from aboveboard.analyses.promises import until
from aboveboard.analyses.promises.budgets import budgets
from aboveboard.analyses.promises.slices import slices
from aboveboard.analyses.promises.trend import limits
from aboveboard.analyses.shared import intervals, survival
from aboveboard.playbook.model import Playbook, Promise, Within

Floats = npt.NDArray[np.float64]
MOMENT = pa.timestamp("us", tz="UTC")
ZONE = ZoneInfo("America/New_York")
ALLOWED = 180.0
Z = {0.5: 0.0, 0.8: 0.8416212, 0.9: 1.2815516, 0.95: 1.6448536, 0.98: 2.0537489}
"""Normal quantiles: the log of the time taken is normal, and its share within ALLOWED is the key."""


def playbook(objective: float = 0.95) -> Playbook:
    """A playbook with one three-hour promise, called p."""
    anything = None  # the analyses of outcomes never look at the conditions
    promise = Promise(
        "p",
        "Ready in three hours.",
        anything,  # type: ignore[arg-type]
        anything,  # type: ignore[arg-type]
        owner="stores",
        within=Within("3 hours", ALLOWED),
        objective=objective,
    )
    return Playbook(organisation="A shop", timezone=ZONE, promises={"p": promise})


def log_normal_minutes(rng: np.random.Generator, n: int, kept: float, *, sigma: float = 0.5) -> Floats:
    """Times taken of which the share `kept` lies within ALLOWED."""
    return ALLOWED * np.exp(sigma * (rng.standard_normal(n) - Z[kept]))


def outcomes_table(
    made: list[datetime],
    minutes: Floats,
    *,
    as_of: datetime,
    team: list[str] | None = None,
    cancelled_after: Floats | None = None,
) -> pa.Table:
    """An outcomes table of three-hour promises on the wall clock: `minutes` taken from each `made`."""
    rows = []
    for index, start in enumerate(made):
        met = start + timedelta(minutes=float(minutes[index]))
        due = start + timedelta(minutes=ALLOWED)
        cancelled = None if cancelled_after is None else start + timedelta(minutes=float(cancelled_after[index]))
        cancelled = cancelled if cancelled is not None and cancelled <= min(as_of, met, due) else None
        seen = met if met <= as_of and cancelled is None else None
        if cancelled is not None:
            outcome = "cancelled"
        elif seen is not None:
            outcome = "kept" if seen <= due else "late"
        else:
            outcome = "broken" if due < as_of else "open"
        end = seen or cancelled or as_of
        rows.append(
            {
                "promise": "p",
                "event": f"e{index:06d}",
                "subject": f"order:{index}",
                "customer": f"c{index}",
                "team": team[index] if team else "Main Street",
                "channel": "web",
                "touchpoint": None,
                "made_at": start,
                "due_at": due,
                "met_at": seen,
                "cancelled_at": cancelled,
                "outcome": outcome,
                "minutes_late": (seen - due).total_seconds() / 60 if seen else None,
                "minutes_taken": (seen - start).total_seconds() / 60 if seen else None,
                "minutes_allowed": ALLOWED,
                "minutes_observed": (end - start).total_seconds() / 60,
            }
        )
    kinds = {"made_at": MOMENT, "due_at": MOMENT, "met_at": MOMENT, "cancelled_at": MOMENT}
    kinds |= dict.fromkeys(("minutes_late", "minutes_taken", "minutes_allowed", "minutes_observed"), pa.float64())
    return pa.Table.from_pylist(rows, schema=pa.schema([(name, kinds.get(name, pa.string())) for name in rows[0]]))


def shop_day(rng: np.random.Generator, n: int, days: int) -> tuple[list[datetime], Floats]:
    """Starts on shop days, 10:00–20:00 local: the moments and the hours of the day."""
    hour = 10 + 10 * rng.random(n)
    day = rng.integers(0, days, n)
    first = date(2026, 2, 2)
    made = [
        datetime(first.year, first.month, first.day, int(h), int(h % 1 * 60), tzinfo=ZONE) + timedelta(days=int(d))
        for h, d in zip(hour, day, strict=True)
    ]
    return [moment.astimezone(UTC) for moment in made], hour


def closing_shop(rng: np.random.Generator, n: int, cut: float, *, days: int = 60) -> tuple[list[datetime], Floats]:
    """A shop that is quick until `cut` o'clock, and then ready between 10:00 and 10:55 next morning."""
    made, hour = shop_day(rng, n, days)
    quick = 30 + 120 * rng.random(n) + 100 * (rng.random(n) < 0.01)
    next_morning = (24 + 10 - hour) * 60 + 55 * rng.random(n)
    return made, np.where(hour < cut, quick, next_morning)


def kept_share_coverage(rng: np.random.Generator, runs: int, n: int, kept: float, censored: float) -> float:
    """How often the interval of the kept share holds the truth; `censored` is the share watched for part of the time."""
    held = 0
    for _ in range(runs):
        u = log_normal_minutes(rng, n, kept) / ALLOWED
        watched = np.where(rng.random(n) < censored, rng.random(n), np.inf)
        ends = u <= watched
        step = np.minimum(np.floor(np.minimum(u, watched) * 1000), 1000)
        in_time = ends & (u <= 1)
        curve = survival.curve(np.where(in_time, np.minimum(step, 999), step), in_time, ~in_time)
        share = survival.share_ended(curve, 999, of=float((in_time | (watched > 1)).sum()))
        held += share.low <= kept <= share.high
    return held / runs


def wilson_coverage(rng: np.random.Generator, runs: int, n: int, kept: float) -> float:
    """How often Wilson's interval holds the truth."""
    low, high = intervals.wilson(rng.binomial(n, kept, runs), n)
    return float(((low <= kept) & (kept <= high)).mean())


def quantile_coverage(rng: np.random.Generator, runs: int, n: int, objective: float) -> tuple[float, float]:
    """The deliverable time: how often its interval holds the truth, and how often it lies within 5 % of it."""
    truth, held, near = ALLOWED, 0, 0
    for _ in range(runs):
        taken = log_normal_minutes(rng, n, objective)
        watched = np.where(rng.random(n) < 0.1, ALLOWED * 2 * rng.random(n), np.inf)
        curve = survival.curve(np.minimum(taken, watched), taken <= watched, taken > watched)
        found = curve.quantile(objective)
        held += found.low <= truth and not found.high < truth
        near += abs(found.value / truth - 1) <= 0.05
    return held / runs, near / runs


def slice_discoveries(
    rng: np.random.Generator, runs: int, *, n: int = 1500, teams: int = 8, bad_kept: float | None = None
) -> tuple[float, float, float]:
    """(runs with a false discovery, mean share of false ones among discoveries, share of runs that find the bad team).

    Days go well or badly as a whole (beta-distributed kept share). One of the teams keeps `bad_kept`, if given.
    """
    any_false, share_false, found = 0, 0.0, 0
    for _ in range(runs):
        made, _ = shop_day(rng, n, 60)
        daily = dict(zip(range(60), rng.beta(18, 2, 60), strict=True))
        day = [(moment.astimezone(ZONE).date() - date(2026, 2, 2)).days for moment in made]
        team = rng.integers(0, teams, n)
        kept = np.array([daily[d] for d in day])
        if bad_kept is not None:
            kept = np.where(team == 0, kept * bad_kept, kept)
        minutes = np.where(rng.random(n) < kept, 60.0, 600.0)
        as_of = max(made) + timedelta(days=2)
        table = outcomes_table(made, minutes, as_of=as_of, team=[f"team {t}" for t in team])
        rows = slices(ibis.memtable(table), playbook(), as_of=as_of).to_pyarrow().to_pylist()
        # With a bad team every other one differs from its rest: only cuts that know nothing of teams are false.
        false = [r for r in rows if r["differs"] and (r["slice"] != "team" or bad_kept is None)]
        true = [r for r in rows if r["differs"] and r["slice"] == "team" and bad_kept is not None]
        any_false += bool(false)
        share_false += len(false) / max(len(false) + len(true), 1)
        found += any(r["value"] == "team 0" for r in true)
    return any_false / runs, share_false / runs, found / runs


def cells_of(made: list[datetime], kept: npt.NDArray[np.bool_]) -> dict[str, npt.NDArray[np.int64]]:
    """Promises by local day and quarter hour, as `until.find` takes them."""
    local = [moment.astimezone(ZONE) for moment in made]
    return {
        "day": np.array([moment.toordinal() for moment in local]),
        "slot": np.array([moment.hour * 4 + moment.minute // 15 for moment in local]),
        "ended": np.ones(len(made), np.int64),
        "missed": (~kept).astype(np.int64),
    }


def cuts_found(rng: np.random.Generator, runs: int, n: int, cut: float, objective: float = 0.95) -> tuple[float, float]:
    """(how often a cut is found within 30 minutes of the planted one, how often none is found)."""
    near, none = 0, 0
    for _ in range(runs):
        made, minutes = closing_shop(rng, n, cut)
        found = until.find(cells_of(made, minutes <= ALLOWED), objective)
        none += found is None
        near += found is not None and abs(found.end / 4 - cut) <= 0.5 and not found.opens
    return near / runs, none / runs


def cuts_invented(rng: np.random.Generator, runs: int, n: int, kept: float, objective: float = 0.95) -> float:
    """How often a cut is found where every hour is alike, on days that are good or bad as a whole."""
    invented = 0
    for _ in range(runs):
        made, _ = shop_day(rng, n, 60)
        daily = rng.beta(40 * kept, 40 * (1 - kept), 60)
        chance = np.array([daily[(m.astimezone(ZONE).date() - date(2026, 2, 2)).days] for m in made])
        invented += until.find(cells_of(made, rng.random(n) < chance), objective) is not None
    return invented / runs


def trend_signals(rng: np.random.Generator, runs: int, *, days_alike: bool) -> float:
    """False signals per period of a process that stays the same: 52 weeks of 100 promises."""
    signals = 0
    for _ in range(runs):
        ended = np.full(52, 100)
        share = np.full(52, 0.9) if days_alike else rng.beta(45, 5, 52)
        kept = rng.binomial(ended, share)
        _, low, high = limits(kept, ended)
        signals += int(((kept / ended < low) | (kept / ended > high)).sum())
    return signals / runs / 52


def budget_alarms(rng: np.random.Generator, runs: int, *, kept: float, objective: float = 0.95, n: int = 600) -> float:
    """How often any window alarms at the end of thirty days of n promises, each kept with the chance `kept`."""
    alarmed = 0
    for _ in range(runs):
        as_of = datetime(2026, 3, 4, tzinfo=UTC)
        made = [as_of - timedelta(minutes=ALLOWED + 30 * 1440 * float(ago)) for ago in rng.random(n)]
        minutes = np.where(rng.random(n) < kept, 60.0, 170.0 + ALLOWED)
        table = outcomes_table(made, minutes, as_of=as_of)
        rows = budgets(ibis.memtable(table), playbook(objective), as_of=as_of).to_pyarrow().to_pylist()
        alarmed += any(row["alarm"] for row in rows)
    return alarmed / runs


def main(runs: int) -> None:
    """Print every measured rate, as Markdown."""
    rng = np.random.default_rng(20260208)
    print("| what | truth | measured |\n|---|---|---|")

    def say(what: str, truth: str, measured: str) -> None:
        print(f"| {what} | {truth} | {measured} |", flush=True)

    for kept in (0.5, 0.8, 0.95, 0.98):
        for n in (100, 400, 2000):
            plain = kept_share_coverage(rng, 4 * runs, n, kept, 0.0)
            partly = kept_share_coverage(rng, 4 * runs, n, kept, 0.3)
            flat = wilson_coverage(rng, 100 * runs, n, kept)
            say(
                f"95 % interval holds the kept share {kept}, n = {n}",
                "0.95",
                f"{plain:.3f}; 30 % censored: {partly:.3f}; Wilson: {flat:.3f}",
            )
    for objective in (0.8, 0.95, 0.98):
        held, near = quantile_coverage(rng, runs, 5000, objective)
        say(f"deliverable time at {objective}, n = 5,000", "0.95", f"{held:.3f} held; {near:.3f} within 5 %")
    some = max(runs // 5, 20)
    any_false, share_false, _ = slice_discoveries(rng, some)
    say("slices, nothing differs: tables with any discovery", "≤ 0.05", f"{any_false:.3f}")
    _, share_false, found = slice_discoveries(rng, some, bad_kept=0.8)
    say("slices, one team of eight 18 points worse: false ones among discoveries", "≤ 0.05", f"{share_false:.3f}")
    say("… and the team is found", "1", f"{found:.3f}")
    for n in (500, 1000, 3000):
        near, none = cuts_found(rng, some, n, 15 + 2 / 3)
        say(f"cut at 15:40, n = {n}: found within 30 minutes", "1", f"{near:.3f} (none found: {none:.3f})")
    for kept in (0.6, 0.9, 0.95):
        say(
            f"no cut, every hour keeps {kept}, n = 2,000: invented",
            "≤ 0.05",
            f"{cuts_invented(rng, runs, 2000, kept):.3f}",
        )
    say("trend, weeks alike: signals per week", "0.003", f"{trend_signals(rng, runs, days_alike=True):.4f}")
    say("trend, weeks vary (beta): signals per week", "0.003", f"{trend_signals(rng, runs, days_alike=False):.4f}")
    say("budgets, exactly at the objective: any alarm", "–", f"{budget_alarms(rng, some, kept=0.95):.3f}")
    say("budgets, kept in 80 % for an objective of 95 %: any alarm", "1", f"{budget_alarms(rng, some, kept=0.8):.3f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
