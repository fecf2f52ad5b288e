"""statsmodels and gpboost over the same rows, in an environment that has them: `python variance_contenders.py ROWS.parquet KIND`.

Prints rows of the table of `variance_components`. statsmodels' mixedlm takes crossed effects as variance components of one group,
whose matrices grow with the rows: it is given the first 5,000. gpboost's default stopping rule ends too early on a million binary
rows (it gives the same figure for all components), so it runs with `delta_rel_conv = 1e-8`.
"""

from __future__ import annotations

import sys
import time
from typing import Any


def _gpboost(frame: Any, kind: str) -> None:
    try:
        import gpboost
    except ImportError:
        print("| gpboost | absent | | | | | |")
        return
    import numpy as np

    began = time.perf_counter()
    likelihood = "bernoulli_logit" if kind == "binary" else "gaussian"
    model = gpboost.GPModel(group_data=frame[["employee", "team"]].to_numpy(), likelihood=likelihood)
    model.fit(y=frame["y"].to_numpy(), X=np.ones((len(frame), 1)), params={"delta_rel_conv": 1e-8})
    took = time.perf_counter() - began
    sds = np.sqrt(np.ravel(model.get_cov_pars())[-2:])
    print(f"| gpboost, {kind} | | | | {sds[0]:.4f} | {sds[1]:.4f} | {took:.2f} s (fit alone) |")


def _statsmodels(frame: Any, kind: str) -> None:
    try:
        import statsmodels.formula.api as formulas
    except ImportError:
        print("| statsmodels | absent | | | | | |")
        return
    if kind == "binary":
        return
    part = frame.head(5_000).assign(whole=1)
    began = time.perf_counter()
    parts = {"employee": "0 + C(employee)", "team": "0 + C(team)"}
    found = formulas.mixedlm("y ~ 1", part, groups="whole", vc_formula=parts).fit()
    took = time.perf_counter() - began
    sds = dict(zip(found.model.exog_vc.names, found.vcomp**0.5, strict=True))
    print(f"| statsmodels, 5,000 rows | | | | {sds['employee']:.4f} | {sds['team']:.4f} | {took:.2f} s (fit alone) |")


def main() -> None:
    """The rows of both, over the rows of a file."""
    import pandas

    frame = pandas.read_parquet(sys.argv[1])
    _gpboost(frame, sys.argv[2])
    _statsmodels(frame, sys.argv[2])


if __name__ == "__main__":
    main()
