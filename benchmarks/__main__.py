"""`python -m benchmarks [NAME…]` runs the benchmarks of this folder; without a name it runs all of them, which takes long."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

HERE = Path(__file__).parent


def names() -> list[str]:
    """Modules of this folder that print something when run."""
    return sorted(p.stem for p in HERE.glob("*.py") if not p.stem.startswith("_") and "__main__" in p.read_text())


def main() -> int:
    """Run the benchmarks named on the command line, or list what there is when a name is unknown."""
    known = names()
    wanted = sys.argv[1:] or known
    unknown = [name for name in wanted if name not in known]
    if unknown:
        print(f"No benchmark {', '.join(unknown)}. There are: {', '.join(known)}", file=sys.stderr)
        return 2
    for name in wanted:
        print(f"\n## {name}\n", flush=True)
        sys.argv = [name]
        runpy.run_module(f"benchmarks.{name}", run_name="__main__")
    return 0


if __name__ == "__main__":
    sys.exit(main())
