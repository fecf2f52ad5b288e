"""What the import makes of every hostile file of the test suite, and of being killed.

    python -m benchmarks bad_input            # docs/measures/bad-input.md holds what it prints
    python -m benchmarks.bad_input --slow     # with the slow ones: the line of 1 GB, …

Each file goes through `aboveboard import` as a user would call it; nothing is counted that the command does not say itself, except
the events in the ledger afterwards, which are counted anew.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any

HOSTILE = Path(__file__).resolve().parents[1] / "tests" / "hostile"
sys.path[:0] = [str(HOSTILE), str(HOSTILE.parents[1])]


def outcome(case: Any, test: Any) -> tuple[str, float, bool]:
    """What came out in words, how many seconds it took, and whether nothing was lost."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        given, into = case.given(folder), folder / "ledger"
        began = time.perf_counter()
        result = test.imported(given, into)
        seconds = time.perf_counter() - began
        if not isinstance(result.exception, SystemExit | None):
            return f"CRASH {result.exception!r}", seconds, False
        told = json.loads(result.stdout)
        whole = test.recorded_in(into) == told["recorded"] and told["read"] == sum(
            told[k] for k in ("recorded", "known", "rejected")
        )
        errors = [file["error"] for file in told["files"] if "error" in file]
        return _said(told, errors, folder), seconds, whole


def _said(told: dict[str, Any], errors: list[str], folder: Path) -> str:
    if errors:
        return "error: " + errors[0].replace(str(folder) + "/", "").splitlines()[0][:150].replace("|", "\\|")
    counts = f"read {told['read']:,} = recorded {told['recorded']:,} + known {told['known']:,} + rejected {told['rejected']:,}"
    reasons = "; ".join(told["by_reason"])
    return counts + (f" ({reasons[:110]})".replace("|", "\\|") if reasons else "")


def main() -> int:
    """Print the table; 1 where a file crashed the import or a count does not add up."""
    cases = import_module("cases")
    test = import_module("test_hostile")
    chosen = [case for case in cases.CASES if "--slow" in sys.argv or not case.slow]
    bad = 0
    print("| file | what came of it | seconds |\n|---|---|---:|")
    for case in chosen:
        said, seconds, whole = outcome(case, test)
        bad += not whole
        print(f"| {case.name} | {said}{'' if whole else ' **DOES NOT ADD UP**'} | {seconds:.2f} |", flush=True)
    print(f"\n{len(chosen)} files; {bad} crashed the import or lost a row.")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
