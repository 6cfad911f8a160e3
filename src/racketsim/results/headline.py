"""The headline rows of a scenario: what the replicates say, beside what was recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from racketsim.results.measures import MEASURES, Array
from racketsim.results.records import month_index
from racketsim.scenario.model import Districts, Headline, Records, Scenario


@dataclass(frozen=True, slots=True)
class Range:
    """The median of a figure over the replicates, and the 5% and 95% points."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the headline table. `simulated` is None where the run does not cover the row's months."""

    id: str
    name: str
    unit: str
    simulated: Range | None
    recorded: float | None
    source: str | None


def range_of(values: npt.NDArray[np.float64]) -> Range | None:
    """Return median, 5% and 95% points of the finite values, or None where there are none."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return None
    low, median, high = np.quantile(finite, (0.05, 0.5, 0.95))
    return Range(float(median), float(low), float(high))


def region_mask(districts: Districts, region: str | None) -> npt.NDArray[np.bool_]:
    """Return which districts belong to `region` (None: all; else a region, a district's name or id)."""
    if region is None:
        return np.ones(len(districts), dtype=np.bool_)
    columns = (districts.region, districts.name, districts.id)
    found = [np.array([value == region for value in column]) for column in columns]
    return next((mask for mask in found if mask.any()), found[0])


def headline_rows(scenario: Scenario, measured: Mapping[str, Array], complete: int) -> list[Row]:
    """Return the rows of the scenario's headline table, in the scenario's order.

    Args:
        scenario: what was simulated, with its headline declarations and records.
        measured: measure -> float64 [R, T, D], as `findings.gather` makes them.
        complete: number of months that the run covers whole.
    """
    return _Table(scenario, measured, complete).rows()


class _Table:
    """The draws of every row (one value a replicate), so that ratios are taken replicate by replicate."""

    def __init__(self, scenario: Scenario, measured: Mapping[str, Array], complete: int) -> None:
        self.scenario = scenario
        self.measured = measured
        self.complete = complete
        self.declared = {headline.id: headline for headline in scenario.headlines}

    def rows(self) -> list[Row]:
        made: list[Row] = []
        for headline in self.scenario.headlines:
            if headline.kind == "top-districts":
                made += self.top_districts(headline)
            else:
                source = headline.source or (self.scenario.records.source if self.scenario.records else None)
                recorded = self.recorded(headline)
                made.append(
                    Row(
                        headline.id,
                        headline.name,
                        self.unit(headline),
                        range_of(self.draws(headline)),
                        recorded,
                        source if recorded is not None else headline.source,
                    )
                )
        return made

    def unit(self, headline: Headline) -> str:
        if headline.kind == "ratio":
            return "ratio"
        unit = MEASURES[headline.measure].unit
        return self.scenario.currency if unit == "currency" else unit

    def draws(self, headline: Headline) -> Array:
        if headline.kind == "ratio" and headline.ratio_of:
            above, below = (self.draws(self.declared[part]) for part in headline.ratio_of)
            return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)
        return self.sums(headline, region_mask(self.scenario.districts, headline.region))

    def sums(self, headline: Headline, districts: npt.NDArray[np.bool_]) -> Array:
        values = self.measured[headline.measure]
        first, last = self.window(headline)
        if first < 0 or last >= self.complete:
            return np.full(len(values), np.nan)
        total: Array = values[:, first : last + 1, districts].sum(axis=(1, 2))
        return total

    def window(self, headline: Headline) -> tuple[int, int]:
        start = self.scenario.start
        first = month_index(start, headline.first) if headline.first else 0
        last = month_index(start, headline.last) if headline.last else month_index(start, self.scenario.end)
        return first, last

    def recorded(self, headline: Headline) -> float | None:
        if headline.recorded is not None:
            return headline.recorded
        if headline.kind == "ratio" and headline.ratio_of:
            above, below = (self.recorded(self.declared[part]) for part in headline.ratio_of)
            return above / below if above is not None and below else None
        if headline.measure != "recorded" or self.scenario.records is None:
            return None
        districts = region_mask(self.scenario.districts, headline.region)
        totals = recorded_totals(self.scenario.records, headline.first, headline.last)
        return None if totals is None else float(totals[districts].sum())

    def top_districts(self, headline: Headline) -> list[Row]:
        within = region_mask(self.scenario.districts, headline.region)
        records = self.scenario.records
        totals = recorded_totals(records, headline.first, headline.last) if records is not None else None
        if totals is None:
            order = np.nan_to_num(np.median(self._by_district(headline), axis=0))
        else:
            order = totals.astype(np.float64)
        ranked = np.argsort(np.where(within, -order, np.inf), kind="stable")[: min(headline.top, int(within.sum()))]
        rows = []
        for district in ranked:
            mask = np.zeros(len(within), dtype=np.bool_)
            mask[district] = True
            simulated = range_of(self.sums(headline, mask))
            recorded = float(totals[district]) if totals is not None and headline.measure == "recorded" else None
            rows.append(
                Row(
                    f"{headline.id}-{self.scenario.districts.id[district]}",
                    f"{headline.name}: {self.scenario.districts.name[district]}",
                    self.unit(headline),
                    simulated,
                    recorded,
                    (headline.source or (records.source if records else None)) if recorded is not None else None,
                )
            )
        return rows

    def _by_district(self, headline: Headline) -> Array:
        first, last = self.window(headline)
        total: Array = self.measured[headline.measure][:, max(first, 0) : last + 1].sum(axis=1)
        return total


def recorded_totals(records: Records, first: date | None, last: date | None) -> npt.NDArray[np.int64] | None:
    """Return recorded cases by district, summed from month `first` to `last` (both inclusive, None: open).

    None where a month of the window is missing or a district's count in it is not recorded.
    """
    months = records.months
    inside = [(first is None or month >= first) and (last is None or month <= last) for month in months]
    wanted = [place for place, chosen in enumerate(inside) if chosen]
    if not wanted:
        return None
    ends_meet = (not first or months[wanted[0]] <= first) and (not last or month_index(months[wanted[-1]], last) == 0)
    counts = records.counts[wanted]
    if not ends_meet or (counts < 0).any():
        return None
    totals: npt.NDArray[np.int64] = counts.sum(axis=0)
    return totals
