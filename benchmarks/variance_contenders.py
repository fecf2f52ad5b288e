"""gpboost over the same rows, in an environment that has it: `python variance_contenders.py ROWS.parquet KIND`.

Prints one number per line: sd <component>, seconds, processor (seconds), megabytes. Its stopping rule as shipped ends too early
on a million yes-or-no rows (it gives the same figure for all components), so there it runs with `delta_rel_conv = 1e-8`; numbers
run as shipped.
"""

from __future__ import annotations

import resource
import sys
import time


def main() -> None:
    """Fit, and print."""
    import gpboost
    import numpy as np
    import pandas

    frame, kind = pandas.read_parquet(sys.argv[1]), sys.argv[2]
    groups = np.column_stack([frame[name].astype("category").cat.codes for name in ("employee", "team")])
    began, used = time.perf_counter(), time.process_time()
    likelihood = "bernoulli_logit" if kind == "binary" else "gaussian"
    model = gpboost.GPModel(group_data=groups, likelihood=likelihood)
    options = {"delta_rel_conv": 1e-8} if kind == "binary" else {}
    model.fit(y=frame["y"].to_numpy(), X=np.ones((len(frame), 1)), params=options)
    took, used = time.perf_counter() - began, time.process_time() - used
    sds = np.sqrt(np.ravel(model.get_cov_pars())[-2:])
    print(f"sd employee {sds[0]:.6f}\nsd team {sds[1]:.6f}\nseconds {took:.3f}\nprocessor {used:.3f}")
    print(f"megabytes {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}")


if __name__ == "__main__":
    main()
