"""Everything that the page, the figures, the summary and the terminal say about a run, computed once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from racketsim.errors import InputError
from racketsim.results.fit import Fit, fit_to_record, observed_grid
from racketsim.results.headline import Row, headline_rows
from racketsim.results.measures import MEASURES, Array, monthly
from racketsim.results.records import Dates, month_starts, months_complete
from racketsim.results.replicate import Replicate
from racketsim.scenario.model import Scenario


@dataclass(frozen=True, slots=True)
class Findings:
    """A run of R replicates over T months, D districts, M methods, C channels, and the scenario's G groups.

    `measured` holds every measure of `MEASURES` as [R, T, D]; `observed` is the record [T, D] (-1 not recorded).
    Splinter groups differ between replicates, so group arrays end with one pooled place for all of them:
    `members` [R, T, G + 1] over the city, and `share_at_end` [D, G + 1], the mean over replicates of each group's
    share of a district's members in the last month (zero where nobody is).
    """

    scenario: Scenario
    seed: int
    replicates: int
    months: Dates
    complete: int
    measured: dict[str, Array]
    incidents: Array
    channels: Array
    held: Array
    members: Array
    share_at_end: Array
    observed: npt.NDArray[np.int64] | None
    rows: list[Row]
    fit: Fit | None

    def city(self, measure: str) -> Array:
        """Return a measure summed over the districts: [R, T]."""
        total: Array = self.measured[measure].sum(axis=2)
        return total

    def total(self, measure: str) -> Array:
        """Return a measure summed over districts and months: [R]."""
        total: Array = self.measured[measure].sum(axis=(1, 2))
        return total


def gather(scenario: Scenario, replicates: Sequence[Replicate]) -> Findings:
    """Compute the findings of one or more replicates of the same run.

    Raises:
        InputError: there is no replicate, or they cover different periods.
    """
    if not replicates:
        raise InputError("no replicate is finished: there is nothing to report.")
    lengths = sorted({replicate.months for replicate in replicates})
    if len(lengths) > 1:
        raise InputError(f"replicates of different lengths ({lengths} months) cannot be joined.")
    complete = min(months_complete(scenario.start, r.reached, lengths[0]) for r in replicates)
    measured = {name: np.stack([monthly(r.records, name) for r in replicates]) for name in MEASURES}
    members = [_pooled(r, r.records["members"].astype(np.float64), scenario) for r in replicates]
    return Findings(
        scenario=scenario,
        seed=replicates[0].seed,
        replicates=len(replicates),
        months=month_starts(scenario.start, lengths[0]),
        complete=complete,
        measured=measured,
        incidents=np.stack([r.records["incidents"].sum(axis=1).astype(np.float64) for r in replicates]),
        channels=np.stack([r.records["demands"].sum(axis=(1, 2)).astype(np.float64) for r in replicates]),
        held=np.stack([r.records["held"].sum(axis=1).astype(np.float64) for r in replicates]),
        members=np.stack([array.sum(axis=1) for array in members]),
        share_at_end=np.mean([_shares(array[-1]) for array in members], axis=0),
        observed=observed_grid(scenario, lengths[0]),
        rows=headline_rows(scenario, measured, complete),
        fit=fit_to_record(scenario, measured["recorded"], complete),
    )


def _pooled(replicate: Replicate, values: Array, scenario: Scenario) -> Array:
    """Lay [T, D, groups of the replicate] on the scenario's groups, splinters pooled in the last place."""
    place = {group.id: index for index, group in enumerate(scenario.groups)}
    pooled = np.zeros((*values.shape[:2], len(scenario.groups) + 1))
    for index, group in enumerate(replicate.groups):
        pooled[:, :, place.get(group.id, -1)] += values[:, :, index]
    return pooled


def _shares(members: Array) -> Array:
    total = members.sum(axis=1, keepdims=True)
    return np.divide(members, total, out=np.zeros_like(members), where=total > 0)
