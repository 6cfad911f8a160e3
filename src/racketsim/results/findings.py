"""Everything that the page, the figures, the summary and the terminal say about a run, computed once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from racketsim.errors import InputError
from racketsim.results.fit import Fit, fit_to_record, observed_grid
from racketsim.results.headline import Row, headline_rows
from racketsim.results.measures import MEASURES, Array, monthly
from racketsim.results.policies_run import described_policies
from racketsim.results.records import Dates, month_starts, months_complete
from racketsim.results.replicate import Replicate
from racketsim.scenario.model import Scenario


@dataclass(frozen=True, slots=True)
class Findings:
    """A run of R replicates over T months, D districts, M methods, C channels, and the scenario's G groups.

    `measured` holds every measure of `MEASURES` as [R, T, D]; `observed` is the record [T, D] (-1 not recorded);
    `concentration` [R, T] is the Herfindahl index of members over groups, mean over the districts where anybody is.
    Splinter groups differ between replicates, so group arrays end with one pooled place for all of them:
    `members` [R, T, G + 1] over the city; `share_at_end` [D, G + 1], each group's share of a district's members in
    the last month, mean over replicates (for splinters: of the largest one; zero where nobody is); `dominant_in`
    [D, G + 1], the fraction of replicates in which that group is the district's largest.
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
    concentration: Array
    members: Array
    share_at_end: Array
    dominant_in: Array
    observed: npt.NDArray[np.int64] | None
    rows: list[Row]
    fit: Fit | None
    policies: list[dict[str, Any]]

    def city(self, measure: str) -> Array:
        """Return a measure summed over the districts: [R, T]."""
        total: Array = self.measured[measure].sum(axis=2)
        return total

    def total(self, measure: str) -> Array:
        """Return a measure summed over districts and months: [R]."""
        total: Array = self.measured[measure].sum(axis=(1, 2))
        return total


def gather(
    scenario: Scenario,
    replicates: Sequence[Replicate],
    added_policies: Sequence[Mapping[str, Any]] = (),
    seed: int | None = None,
) -> Findings:
    """Compute the findings of one or more replicates of the same run.

    `added_policies` are those beside the scenario's own, as plain values (kind, start, end, ...);
    `seed` is that of the run, by default that of the first replicate.

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
    ends = np.stack([_shares_at_end(replicate, scenario) for replicate in replicates])
    return Findings(
        scenario=scenario,
        seed=replicates[0].seed if seed is None else seed,
        replicates=len(replicates),
        months=month_starts(scenario.start, lengths[0]),
        complete=complete,
        measured=measured,
        incidents=np.stack([r.records["incidents"].sum(axis=1).astype(np.float64) for r in replicates]),
        channels=np.stack([r.records["demands"].sum(axis=(1, 2)).astype(np.float64) for r in replicates]),
        held=np.stack([r.records["held"].sum(axis=1).astype(np.float64) for r in replicates]),
        concentration=np.stack([_concentration(r.records["concentration"]) for r in replicates]),
        members=np.stack([_members(replicate, scenario) for replicate in replicates]),
        share_at_end=ends.mean(axis=0),
        dominant_in=_dominance(ends),
        observed=observed_grid(scenario, lengths[0]),
        rows=headline_rows(scenario, measured, complete),
        fit=fit_to_record(scenario, measured["recorded"], complete),
        policies=described_policies(scenario, added_policies),
    )


def _places(replicate: Replicate, scenario: Scenario) -> npt.NDArray[np.intp]:
    """Return the place of each of the replicate's groups among the scenario's, the last place for splinters."""
    place = {group.id: index for index, group in enumerate(scenario.groups)}
    return np.array([place.get(group.id, len(scenario.groups)) for group in replicate.groups], dtype=np.intp)


def _concentration(index: npt.NDArray[np.generic]) -> Array:
    """Return the mean Herfindahl index [T] over the districts where anybody is, from [T, D]; zero where nobody is."""
    found = np.asarray(index, dtype=np.float64)
    held = (found > 0.0).sum(axis=1)
    mean: Array = np.divide(found.sum(axis=1), held, out=np.zeros(len(found)), where=held > 0)
    return mean


def _members(replicate: Replicate, scenario: Scenario) -> Array:
    members = replicate.records["members"].sum(axis=1)
    places = _places(replicate, scenario)
    return np.stack([members[:, places == place].sum(axis=1) for place in range(len(scenario.groups) + 1)], axis=1)


def _shares_at_end(replicate: Replicate, scenario: Scenario) -> Array:
    members = replicate.records["members"][-1].astype(np.float64)
    total = members.sum(axis=1, keepdims=True)
    shares = np.divide(members, total, out=np.zeros_like(members), where=total > 0)
    places = _places(replicate, scenario)
    largest = [shares[:, places == place].max(axis=1, initial=0.0) for place in range(len(scenario.groups) + 1)]
    return np.stack(largest, axis=1)


def _dominance(shares: Array) -> Array:
    """Return how often each place is the largest, from shares [R, D, G + 1]; zero where nobody is."""
    largest = shares.argmax(axis=2)[:, :, None] == np.arange(shares.shape[2])
    fraction: Array = (largest & (shares.max(axis=2, keepdims=True) > 0)).mean(axis=0)
    return fraction
