"""How near the simulation is to the record: two correlations, each replicate by replicate and on the median."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from racketsim.results.headline import Range, range_of
from racketsim.results.measures import Array
from racketsim.results.records import month_index
from racketsim.scenario.model import Scenario


@dataclass(frozen=True, slots=True)
class Fit:
    """Correlations with the recorded cases, over the months and districts that are recorded.

    `monthly` is Pearson's correlation of monthly totals; `districts` is Spearman's rank correlation of the
    districts' totals in `year`, the last calendar year with recorded months. Each is given over the replicates and,
    as `..._of_median`, for the replicates' median. None where it is not defined (one month, no variation).
    """

    monthly: Range | None
    monthly_of_median: float | None
    months: int
    districts: Range | None
    districts_of_median: float | None
    year: int | None


def fit_to_record(scenario: Scenario, recorded: Array, complete: int) -> Fit | None:
    """Compare simulated recorded cases [R, T, D] with the record, in months that both cover whole.

    Returns None where the scenario has no records or none of them lies in the `complete` simulated months.
    """
    observed = observed_grid(scenario, recorded.shape[1])
    if observed is None:
        return None
    known: npt.NDArray[np.bool_] = np.greater_equal(observed, 0)
    known[complete:] = False
    if not known.any():
        return None
    months: npt.NDArray[np.bool_] = np.any(known, axis=1)
    simulated = np.where(known, recorded, 0.0)
    seen = np.where(known, observed, 0).astype(np.float64)
    by_month, seen_by_month = simulated.sum(axis=2)[:, months], seen.sum(axis=1)[months]

    years = scenario.start.year + (scenario.start.month - 1 + np.arange(len(months))) // 12
    last = int(years[months].max())
    places = known[years == last].any(axis=0)
    by_place = simulated[:, years == last].sum(axis=1)[:, places]
    seen_by_place = seen[years == last].sum(axis=0)[places]
    return Fit(
        range_of(np.array([_pearson(row, seen_by_month) for row in by_month])),
        _defined(_pearson(np.median(by_month, axis=0), seen_by_month)),
        int(months.sum()),
        range_of(np.array([rank_correlation(row, seen_by_place) for row in by_place])),
        _defined(rank_correlation(np.median(by_place, axis=0), seen_by_place)),
        last,
    )


def observed_grid(scenario: Scenario, months: int) -> npt.NDArray[np.int64] | None:
    """Return the recorded cases on the simulation's months, int64 [months, D], -1 where nothing is recorded."""
    if scenario.records is None:
        return None
    grid = np.full((months, len(scenario.districts)), -1, dtype=np.int64)
    for month, counts in zip(scenario.records.months, scenario.records.counts, strict=True):
        place = month_index(scenario.start, month)
        if 0 <= place < months:
            grid[place] = counts
    return grid


def rank_correlation(x: Array, y: Array) -> float:
    """Return Spearman's rank correlation, ties at their mean rank; NaN where it is not defined."""
    return _pearson(_ranks(x), _ranks(y))


def _ranks(values: Array) -> Array:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    mean_rank: Array = (last - (counts - 1) / 2.0)[place]
    return mean_rank


def _pearson(x: Array, y: Array) -> float:
    if len(x) < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    return float(np.corrcoef(x, y)[0, 1])


def _defined(value: float) -> float | None:
    return value if np.isfinite(value) else None
