"""What more police do in Lima, in pairs of replicates: local and city-wide effects, displacement, cost in rights.

These are checks of calibration, not of prediction: the elasticities (`allocation`, `deterrence`, `punishment`) were set
so that total effects lie in the ranges of the literature. Each bound is widened by three standard errors of the mean
over the pairs: were the true effect inside the range, one run in 300 or fewer would fail; the seeds are fixed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from racketsim.policies import MegaOperation, StateOfEmergency
from racketsim.simulation import Sim
from tests.mechanism_city import TERRITORIAL, lima, run

PAIRS, START, END = 6, "2019-01-01", "2019-06-30"
MONTHS = slice(12, 18)
PLACES = ("San Juan de Lurigancho", "San Martín de Porres")
DOUBLED_HERE, DOUBLED_CITY = (-0.16, -0.08), (-0.03, 0.0)
"""Hot spots (Braga and Weisburd 2022) and patrols of a whole city (Blattman et al. 2021), for twice the patrols."""


@cache
def _pasts() -> tuple[Sim, ...]:
    return tuple(run(lima(policies=False), "2018-12-31", seed=seed, keep_events=False) for seed in range(1, PAIRS + 1))


@cache
def _plain() -> tuple[Sim, ...]:
    return tuple(past.fork().run(END) for past in _pasts())


def _patrols(districts: Sequence[int] | slice = slice(None)) -> float:
    """Return the officers who patrol in normal times."""
    patrolling = 1.0 - lima().parameters["policies"]["investigator_share"].value
    return float(patrolling * lima().districts.officers[districts].sum())


def _districts() -> list[int]:
    return [lima().districts.name.index(name) for name in PLACES]


def _pairs(policy: Any) -> list[tuple[Any, Any]]:
    """Return the records of each replicate without and with the policy."""
    return [
        (plain.records, past.fork(policies=[policy]).run(END).records)
        for past, plain in zip(_pasts(), _plain(), strict=True)
    ]


def _in_person(records: Any, districts: Any) -> float:
    return float(records["demands"][MONTHS, districts, :, TERRITORIAL].sum())


def _incidents(records: Any, districts: Any) -> float:
    return float(records["incidents"][MONTHS, districts].sum())


def _change(
    pairs: Sequence[tuple[Any, Any]], districts: Sequence[int] | None = None, of: Callable[..., float] = _in_person
) -> tuple[float, float]:
    """Return the mean relative change of demands in person, or of what `of` counts, and its standard error."""
    chosen = slice(None) if districts is None else list(districts)

    def made(records: Any) -> float:
        return of(records, chosen)

    changes: npt.NDArray[np.float64] = np.array([made(other) / made(plain) - 1.0 for plain, other in pairs])
    return float(changes.mean()), float(changes.std(ddof=1) / np.sqrt(len(changes)))


def _inside(change: tuple[float, float], low: float, high: float) -> bool:
    mean, error = change
    return low - 3.0 * error <= mean <= high + 3.0 * error


@cache
def _doubled_here() -> list[tuple[Any, Any]]:
    return _pairs(MegaOperation(districts=PLACES, officers=_patrols(_districts()), start=START))


def test_twice_the_patrols_in_two_districts_cost_there_what_hot_spot_policing_costs() -> None:
    change = _change(_doubled_here(), _districts())
    print(f"\ndemands in person: {change[0]:+.3f} (standard error {change[1]:.3f})")
    assert change[0] + 3.0 * change[1] < 0.0
    assert _inside(change, *DOUBLED_HERE)


def test_incidents_fall_there_with_demands_and_as_punishment_is_deterred_too() -> None:
    """The factor acts on demands and again on punishment; the range is for crime in the place, of any kind."""
    change = _change(_doubled_here(), _districts(), _incidents)
    print(f"\nincidents: {change[0]:+.3f} (standard error {change[1]:.3f})")
    assert change[0] + 3.0 * change[1] < 0.0
    assert _inside(change, *DOUBLED_HERE)


def test_twice_the_patrols_everywhere_cost_no_more_than_three_percent() -> None:
    scenario = lima()
    everywhere = MegaOperation(districts=scenario.districts.name, officers=_patrols(), start=START)
    change = _change(_pairs(everywhere))
    print(f"\neverywhere: {change[0]:+.4f} (standard error {change[1]:.4f})")
    assert change[0] + 3.0 * change[1] < 0.0
    assert _inside(change, *DOUBLED_CITY)


def test_an_emergency_costs_its_districts_what_its_officers_would_and_a_counted_price_in_rights() -> None:
    """The range for twice the patrols, scaled to 1.33 times by the constant elasticity that it implies."""
    policies = lima().parameters["policies"]
    share = policies["emergency_officers"].value / (1.0 - policies["investigator_share"].value)
    low, high = (1.0 - (1.0 + share) ** -(np.log(1.0 / (1.0 + effect)) / np.log(2.0)) for effect in DOUBLED_HERE)
    days = 181
    pairs = _pairs(StateOfEmergency(districts=PLACES, start=START, days=days))
    change = _change(pairs, _districts())
    print(f"\nemergency: {change[0]:+.3f} (standard error {change[1]:.3f})")
    assert change[0] + 3.0 * change[1] < 0.0
    assert _inside(change, -low, -high)
    people = lima().districts.population[_districts()].sum()
    for plain, other in pairs:
        assert plain["emergency_person_days"].sum() == 0
        assert other["emergency_person_days"].sum() == days * people


def test_a_surge_displaces_part_of_what_it_deters_to_neighbours_and_spreads_part_of_its_benefit() -> None:
    pairs = _pairs(MegaOperation(districts=PLACES, officers=3.0 * _patrols(_districts()), start=START))
    parameters = lima().parameters["allocation"]
    there = lima().districts.adjacency[_districts()].any(axis=0)
    displaced = deterred = benefit = 0.0
    for _, other in pairs:
        assert other["displaced_demands"][:, ~there].sum() == 0
        displaced += other["displaced_demands"].sum()
        deterred += other["deterred_demands"][:, _districts()].sum()
        benefit += other["diffused_benefit"].sum()
    assert 0 < displaced < parameters["displaced_share"].value * deterred + 4 * np.sqrt(displaced)
    assert 0 < benefit <= parameters["benefit_share"].value * deterred * (1 + 1e-9)
