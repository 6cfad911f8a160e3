"""Paired what-ifs: each replicate runs once with and once without a policy, and the two share their past.

Replicate r runs with the seed s + r to the day before the first policy starts, and is forked there: the baseline and
every alternative go on from the same state with the same draws, so that what differs is what the policies did.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from racketsim.ensembles.difference import AROUND, CITY, THERE, Difference
from racketsim.ensembles.processes import cores, run_each
from racketsim.ensembles.replicates import MOST_SEED, Progress, Watcher, describe_policy, ignore, last_day
from racketsim.errors import InputError
from racketsim.policies import triggered
from racketsim.policies.base import check_policies
from racketsim.results.headline import range_of
from racketsim.results.measures import MEASURES, UNPLACED, Array, monthly
from racketsim.results.words import plural
from racketsim.scenario.load import as_scenario
from racketsim.scenario.model import Scenario

Chosen = npt.NDArray[np.bool_]

COMPARED = (
    "cases",
    "recorded",
    "withheld",
    "paid",
    "closed",
    "incidents",
    "killed_total",
    "killed",
    "injured",
    "rival_killed",
    "rival_injured",
    "vehicles_burnt",
    "vehicles_innocent",
    "vigilante_attacks",
    "beaten",
    "beaten_innocent",
    "crowd_killed",
    "crowd_injured",
    "lynched",
    "trafficking_harm",
    "backlash",
    "backlash_killed",
    "backlash_injured",
    "arrests",
    "deterred",
    "displaced",
    "emergency_person_days",
)
"""What a comparison reports: cases, with the reports that fear withholds beside the record that lacks them; all harm,
by whomever; then what surges deter and displace, and the cost in rights."""

LOCAL = "cases"
"""The measure that is also reported for the districts that an alternative names and for those around them."""


@dataclass(frozen=True)
class Comparison:
    """Paired replicates of a baseline and its alternatives.

    `totals[a, r, m, d]` sums measure m of `COMPARED` over the months from the fork on, by district d, in replicate r
    of alternative a; a = 0 is the baseline. `policies` describes those of each alternative. With `by_rule` the state
    answers by the rules of the scenario alone, in all of them.
    """

    scenario: Scenario
    seed: int
    forked: date
    until: date
    alternatives: tuple[str, ...]
    policies: tuple[tuple[Mapping[str, Any], ...], ...]
    totals: Array
    by_rule: bool = False

    def __repr__(self) -> str:
        against = ", ".join(self.alternatives)
        return (
            f"<comparison of '{self.scenario.id}' with {against}: {plural(self.replicates, 'pair')} "
            f"from seed {self.seed} on, {self.sums_from} to {self.until}>"
        )

    @property
    def sums_from(self) -> date:
        """The first day of the sums: they are of whole months, from that in which the simulations part."""
        return max(self.forked.replace(day=1), self.scenario.start)

    @property
    def shared_days(self) -> int:
        """Days within the sums that lie before the first policy, and are the same in all."""
        return max((self.forked - self.sums_from).days + 1, 0)

    @property
    def replicates(self) -> int:
        """Number of pairs."""
        return int(self.totals.shape[1])

    def summary(self) -> list[Difference]:
        """Return median and 90% range of every difference over the city, and of true cases where policies act."""
        everywhere = np.ones(self.totals.shape[3], dtype=bool)
        found = []
        for place in range(1, len(self.alternatives) + 1):
            there, around = self._places(place)
            for column, measure in enumerate(COMPARED):
                found.append(self._difference(place, column, CITY, everywhere))
                if measure == LOCAL and there.any():
                    found += [self._difference(place, column, THERE, there)]
                    found += [self._difference(place, column, AROUND, around)] if around.any() else []
        return found

    def by_district(self, measure: str) -> Array:
        """Return the change in a measure, alternative minus baseline, as [alternative, replicate, district].

        Raises:
            InputError: the measure is not compared by district.
        """
        placed = [name for name in COMPARED if name not in UNPLACED]
        if measure not in placed:
            raise InputError(f"measure '{measure}' is not compared by district; allowed: {', '.join(placed)}.")
        column = COMPARED.index(measure)
        change: Array = self.totals[1:, :, column] - self.totals[:1, :, column]
        return change

    def as_dict(self) -> dict[str, Any]:
        """Return the comparison as plain values, for machines."""
        return {
            "scenario": self.scenario.id,
            "scenario_sha256": self.scenario.digest,
            "seed": self.seed,
            "replicates": self.replicates,
            "by_rule": self.by_rule,
            "forked_after": self.forked.isoformat(),
            "until": self.until.isoformat(),
            "alternatives": {
                name: {
                    "policies": [dict(policy) for policy in policies],
                    "differences": [
                        {**row._asdict(), "baseline": asdict(row.baseline), "change": asdict(row.change)}
                        for row in self.summary()
                        if row.alternative == name
                    ],
                }
                for name, policies in zip(self.alternatives, self.policies, strict=True)
            },
        }

    def _places(self, place: int) -> tuple[Chosen, Chosen]:
        """Return which districts the policies of an alternative name, and which others are neighbours of these."""
        districts = self.scenario.districts
        named = {name for policy in self.policies[place - 1] for name in policy.get("districts", ())}
        there: Chosen = np.isin(districts.name, sorted(named))
        return there, districts.adjacency[there].any(axis=0) & ~there

    def _difference(self, place: int, column: int, where: str, districts: Chosen) -> Difference:
        measure = COMPARED[column]
        unit = MEASURES[measure].unit
        baseline, other = (self.totals[a, :, column][:, districts].sum(axis=1) for a in (0, place))
        before, change = range_of(baseline), range_of(other - baseline)
        assert before is not None
        assert change is not None
        return Difference(
            self.alternatives[place - 1],
            measure,
            MEASURES[measure].label,
            self.scenario.currency if unit == "currency" else unit,
            before,
            change,
            change.median / before.median if before.median else None,
            self.replicates,
            where,
        )


@dataclass(frozen=True, slots=True)
class _Pair:
    """What a worker needs to run replicate r of the baseline and of every alternative."""

    scenario: Scenario
    seed: int
    fork: date
    until: date
    alternatives: tuple[tuple[Any, ...], ...]
    threads: int

    def __call__(self, index: int) -> Array:
        from racketsim.simulation import Sim

        sim = Sim(self.scenario, seed=self.seed + index, threads=self.threads, keep_events=False)
        if self.fork >= self.scenario.start:
            sim.run(until=self.fork)
        twins = [sim.fork(policies) for policies in self.alternatives]
        return np.stack([self._totals(one.run(until=self.until).records) for one in (sim, *twins)])

    def _totals(self, records: Mapping[str, Any]) -> Array:
        start = self.scenario.start
        first = (self.fork.year - start.year) * 12 + self.fork.month - start.month
        return np.stack([monthly(records, name)[max(first, 0) :].sum(axis=0) for name in COMPARED])


def compare(
    scenario: str | Path | Scenario,
    alternatives: Sequence[Any] | Mapping[str, Sequence[Any]],
    *,
    seed: int = 1,
    replicates: int = 20,
    overrides: Mapping[str, str | float] | None = None,
    until: date | str | None = None,
    by_rule: bool = False,
    workers: int | None = None,
    threads: int = 1,
    progress: Watcher | None = None,
) -> Comparison:
    """Run paired replicates of the scenario as it is and with each alternative, and return what differs.

    Args:
        scenario: name of a shipped scenario, a folder, or a scenario that was loaded.
        alternatives: policies, each of which is one alternative; or name -> the policies of that alternative.
        seed: pair r has the seed `seed + r`.
        replicates: number of pairs.
        overrides: numbers of the scenario by dotted key, where `scenario` is a name or a folder.
        until: last day simulated; the scenario's end by default.
        by_rule: whether the state answers crime by the rules of the scenario alone, in the baseline too, as in `Sim`.
        workers: processes, one a core by default.
        threads: threads of each simulation.
        progress: told of every pair.

    Raises:
        InputError: something given cannot be used.
        KeyboardInterrupt: Ctrl-C.
    """
    city = as_scenario(scenario, overrides)
    if replicates < 1 or not 0 <= seed <= MOST_SEED - replicates:
        raise InputError(
            f"{replicates} replicates from seed {seed} on are out of range; allowed: 1 or more, 0 to 2**63 - 1."
        )
    named = _named(alternatives)
    described = tuple(tuple(map(describe_policy, policies)) for policies in named.values())
    for policies in named.values():
        check_policies(policies, city)
    end = last_day(until, city) or city.end
    fork = _day_before(named, city, end)
    city = triggered.by_rule(city) if by_rule else city
    pair = _Pair(city, seed, fork, end, tuple(named.values()), threads)
    totals = run_pairs(city, pair, replicates, workers or cores(), progress or ignore)
    return Comparison(city, seed, fork, end, tuple(named), described, totals, city.by_rule)


def run_pairs(
    scenario: Scenario, pair: Callable[[int], Array], replicates: int, workers: int, progress: Watcher
) -> Array:
    """Return what `pair(index)` returns for each replicate, stacked along a second axis: [A + 1, R, ...]."""
    from racketsim.ensembles.warm import compiling_ahead

    found: dict[int, Array] = {}

    def done(index: int, totals: Array) -> None:
        found[index] = totals
        progress(Progress(len(found), replicates))

    def lost(left: int) -> None:
        progress(Progress(len(found), replicates, note=f"a worker was killed; going on with {left}"))

    with compiling_ahead(scenario, workers) as cold:
        run_each(pair, range(replicates), workers=workers, done=done, lost=lost, first_alone=cold)
    return np.stack([found[index] for index in range(replicates)], axis=1)


def _named(alternatives: Sequence[Any] | Mapping[str, Sequence[Any]]) -> dict[str, tuple[Any, ...]]:
    if not alternatives:
        raise InputError("there is nothing to compare with the baseline: give at least one policy.")
    if isinstance(alternatives, Mapping):
        return {name: tuple(policies) for name, policies in alternatives.items()}
    named: dict[str, tuple[Any, ...]] = {}
    for policy in alternatives:
        name = str(describe_policy(policy).get("name") or getattr(policy, "kind", "policy")).replace("_", " ")
        named[name if name not in named else f"{name} {len(named) + 1}"] = (policy,)
    return named


def _day_before(named: Mapping[str, Sequence[Any]], city: Scenario, end: date) -> date:
    """Return the last day that all share; a policy without a date, such as a function, may act from the start."""
    starts = [getattr(policy, "start", city.start) for policies in named.values() for policy in policies]
    first = min((day for day in starts if isinstance(day, date)), default=city.start)
    if first > end:
        raise InputError(f"no policy starts before the end of the comparison, {end}; the first one starts on {first}.")
    return max(first, city.start) - timedelta(days=1)
