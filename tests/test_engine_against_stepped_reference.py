"""The thresholded engine and a plain stepped simulation agree in distribution.

Two-sample Kolmogorov-Smirnov over seeds, one test a measure; the level is 1% for all of them together (Bonferroni), so
a correct engine raises a false alarm on one in a hundred choices of seeds. The seeds are fixed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, fields
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from racketsim import Sim, load_scenario
from racketsim.results.vocabulary import EVENT_TYPES
from tests.reference.stepped import ELEMENTS_LEFT_OUT, WITHOUT_FEEDBACK, Stepped, Totals

FALSE_ALARM = 0.01
SEEDS = range(40)
UNTIL = date(2022, 9, 30)
SETTINGS: Mapping[str, str | float] = {
    **WITHOUT_FEEDBACK,
    "parameters.allocation.rate_per_member": 0.25,
    "parameters.diffusion.rate_per_operator": 0.8,
    "parameters.punishment.propensity": 0.3,
    "parameters.collection.review_mean": 90.0,
    "parameters.collection.reopening_mean": 60.0,
}
"""No feedback, and rates at which each run has enough events of every kind."""


def totals_of(sim: Sim) -> Totals:
    records, log = sim.records, sim.log
    of_demands = log["type"] == EVENT_TYPES.index("demand")
    first_class = of_demands & (log["district"] == 0) & (log["kind"] == len(sim.scenario.kinds) - 1)
    _, times = np.unique(log["target"][of_demands], return_counts=True)
    in_person, by_remote = records["demands"].sum(axis=(0, 1, 2))
    paid_in_person, paid_by_remote = records["paid"].sum(axis=(0, 1, 2))
    return Totals(
        int(in_person),
        int(by_remote),
        int(paid_in_person),
        int(paid_by_remote),
        int(records["closed"].sum()),
        int(records["relations"][-1].sum()),
        int(records["incidents"].sum()),
        int(records["tribute_by_kind"].sum()),
        int((times > 1).sum()),
        int(log["day"][first_class][0]),
    )


@pytest.fixture(scope="module")
def samples(small_city: Path) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Totals of the engine and of the reference, `[seed, measure]`."""
    scenario = load_scenario(small_city, SETTINGS)
    engine = [
        astuple(totals_of(Sim(scenario, seed=seed, without=ELEMENTS_LEFT_OUT).run(until=UNTIL))) for seed in SEEDS
    ]
    stepped = [astuple(Stepped(scenario, seed).run(UNTIL)) for seed in SEEDS]
    return np.array(engine), np.array(stepped)


@pytest.mark.slow
@pytest.mark.parametrize("measure", [field.name for field in fields(Totals)])
def test_both_give_the_same_distribution_of(
    measure: str, samples: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
) -> None:
    place = [field.name for field in fields(Totals)].index(measure)
    engine, stepped = (sample[:, place] for sample in samples)
    level = FALSE_ALARM / len(fields(Totals))
    result = stats.ks_2samp(engine, stepped)
    assert result.pvalue > level, f"engine {np.mean(engine):.1f}, stepped {np.mean(stepped):.1f}: {result}"


@pytest.mark.slow
def test_the_comparison_would_see_a_difference_of_a_tenth(
    samples: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]],
) -> None:
    """Power: a tenth more in one of the two would be told for all but the scarcest measures."""
    engine, stepped = samples
    level = FALSE_ALARM / len(fields(Totals))
    seen = {
        field.name
        for place, field in enumerate(fields(Totals))
        if stats.ks_2samp(engine[:, place] * 1.1, stepped[:, place]).pvalue < level
    }
    assert {"demands_in_person", "demands_by_remote", "paid_in_person", "relations", "tribute"} <= seen
