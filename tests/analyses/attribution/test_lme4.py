"""The same estimates as lme4: kept figures, and lme4 itself where R has it."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.analyses.attribution import made

from aboveboard.analyses.attribution import gaussian, laplace
from aboveboard.analyses.attribution.fit import Fit

SDS = {"employee": (40, 0.3), "team": (12, 0.5), "hour": (6, 0.2)}
# `Rscript tests/analyses/attribution/lme4.R` (lme4 1.1-31) over the cases that `_cases` makes.
KEPT = {
    "gaussian": {
        "sd employee": 0.307515983, "sd team": 0.6282217624, "sd hour": 0.2080300586, "sd Residual": 1.020582353,
        "fixed": 0.3018612588, "fixed_sd": 0.2067105095,
    },
    "binary": {
        "sd employee": 0.3212182845, "sd team": 0.5966884772, "sd hour": 0.1945680757,
        "fixed": 0.2661039632, "fixed_sd": 0.1992535522,
    },
}  # fmt: skip
# The last state of 22,182 incidents with all five known, kept their agreement or not: sixteen seconds of lme4.
SERVICENOW = {
    "sd employee": 1.159223216, "sd opener": 1.046875812, "sd team": 1.242401311, "sd category": 0.6294697508,
    "sd priority": 3.092525644, "fixed": -2.487761526,
}  # fmt: skip
COLUMNS = {"team": "assignment_group", "employee": "resolved_by", "category": "category", "priority": "priority"}
COLUMNS |= {"opener": "opened_by"}


def _cases(kind: str) -> tuple[made.Levels, Any]:
    levels, sums = made.drawn(7, SDS, 4000)
    random = np.random.default_rng(8)
    gauss = sums + random.normal(size=4000)
    return levels, gauss if kind == "gaussian" else (random.random(4000) < 1 / (1 + np.exp(-sums))).astype(float)


def _fit(kind: str, held: made.Gathered) -> Fit:
    if kind == "gaussian":
        return gaussian.fit(held.design, held.count, held.total, held.squares)
    return laplace.plain(held.design, held.count, held.total)


def _like(fit: Fit, theirs: dict[str, float]) -> None:
    """Standard deviations to a hundredth, fixed effects to the third digit; in truth both are far nearer."""
    for name, sd in zip(fit.design.names, fit.sds, strict=True):
        assert sd == pytest.approx(theirs[f"sd {name}"], rel=0.002), name
    if "sd Residual" in theirs:
        assert fit.residual == pytest.approx(theirs["sd Residual"], rel=1e-4)
    assert fit.fixed[0] == pytest.approx(theirs["fixed"], rel=5e-4)


@pytest.mark.parametrize("kind", KEPT)
def test_estimates_are_those_that_lme4_gave(kind: str) -> None:
    levels, y = _cases(kind)
    fit = _fit(kind, made.gathered(levels, y))
    _like(fit, KEPT[kind])
    assert fit.fixed_sd[0] == pytest.approx(KEPT[kind]["fixed_sd"], rel=0.005)


@pytest.fixture
def r() -> None:
    ready = (
        shutil.which("Rscript")
        and not subprocess.run(["Rscript", "-e", "library(lme4)"], capture_output=True).returncode
    )
    if not ready:
        pytest.skip("R with lme4 is not installed")


@pytest.mark.slow
@pytest.mark.usefixtures("r")
@pytest.mark.parametrize("kind", KEPT)
def test_estimates_are_those_that_lme4_gives(kind: str, tmp_path: Path) -> None:
    levels, y = _cases(kind)
    numbers = {"y": y} if kind == "gaussian" else {"n": np.ones(len(y)), "s": y}
    theirs = made.lme4(levels, numbers, tmp_path)
    _like(_fit(kind, made.gathered(levels, y)), theirs)
    assert {name: theirs[name] for name in KEPT[kind]} == pytest.approx(KEPT[kind], rel=1e-3)


@pytest.fixture(scope="module")
def incidents(real_data: Path) -> made.Gathered:
    """Incidents by the last row of each in which all five components are known, and whether they kept their agreement."""
    last: dict[str, dict[str, str]] = {}
    with zipfile.ZipFile(real_data / "servicenow" / "incident_event_log.zip") as packed:
        name = next(name for name in packed.namelist() if name.endswith(".csv"))
        for row in csv.DictReader(io.TextIOWrapper(packed.open(name), "utf-8")):
            known = last.get(row["number"])
            if known is None or int(row["sys_mod_count"]) >= int(known["sys_mod_count"]):
                last[row["number"]] = row
    rows = [row for row in last.values() if all(row[column] != "?" for column in COLUMNS.values())]
    assert len(rows) == 22_182
    levels = {name: [row[column] for row in rows] for name, column in COLUMNS.items()}
    return made.gathered(levels, [float(row["made_sla"] == "true") for row in rows])


@pytest.mark.slow
def test_servicenow_is_split_as_lme4_split_it(incidents: made.Gathered) -> None:
    _like(_fit("binary", incidents), SERVICENOW)


@pytest.mark.slow
@pytest.mark.usefixtures("r")
def test_servicenow_is_split_as_lme4_splits_it(incidents: made.Gathered, tmp_path: Path) -> None:
    design = incidents.design
    levels = {
        name: [design.levels[number][code] for code in design.codes[number]] for number, name in enumerate(design.names)
    }
    _like(_fit("binary", incidents), made.lme4(levels, {"n": incidents.count, "s": incidents.total}, tmp_path))
