"""Allocation: members, streets and officers set the rates of demands in person."""

from __future__ import annotations

import numpy as np
import pytest

from racketsim.policies import Lockdown, MegaOperation, StateOfEmergency
from tests.mechanism_city import TERRITORIAL, lima, row_of_three, run, whole_lima, without

QUIET = "2018-01-05"


def _rates(*policies: object, **overrides: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rate, displaced rate and members-based rate of the first group, by district, on a day of the policies."""
    numbers = {f"parameters.allocation.{name}": value for name, value in overrides.items()}
    sim = run(row_of_three(numbers, groups=["local_norte"]), "2018-01-04")
    members = sim._state["members"][0].astype(float)
    twin = sim.fork(policies=policies).run(QUIET)
    rate = twin._state["rate"][0].copy()
    return rate, twin._state["displaced_rate"][0].copy(), 0.04 * members


def test_without_policies_every_member_makes_demands_at_the_stated_rate() -> None:
    rate, displaced, plain = _rates()
    np.testing.assert_allclose(rate, plain)
    assert (displaced == 0).all()


def test_a_surge_lowers_demands_where_it_is_by_the_stated_elasticity() -> None:
    double = MegaOperation(districts=["A"], officers=100, start=QUIET)
    rate, _, plain = _rates(double, displaced_share=0.0)
    assert rate[0] / plain[0] == pytest.approx(2**-0.15)
    np.testing.assert_allclose(rate[1:], plain[1:])


def test_the_local_effect_of_twice_the_officers_is_that_of_hot_spot_policing() -> None:
    """Braga et al.: -8 to -16%; a doubling under Lima's elasticity lies inside."""
    elasticity = lima().parameters["allocation"]["officer_elasticity"].value
    assert 0.08 <= 1 - 2**-elasticity <= 0.16


def test_a_share_of_the_deterred_moves_next_door_and_no_further() -> None:
    double = MegaOperation(districts=["A"], officers=100, start=QUIET)
    _, displaced, plain = _rates(double, displaced_share=0.4)
    np.testing.assert_allclose(displaced, [0.0, 0.4 * plain[0] * (1 - 2**-0.15), 0.0])


def test_demands_displaced_from_the_middle_are_shared_by_both_sides() -> None:
    double = MegaOperation(districts=["B"], officers=100, start=QUIET)
    _, displaced, plain = _rates(double, displaced_share=0.4)
    each = 0.4 * plain[1] * (1 - 2**-0.15) / 2
    np.testing.assert_allclose(displaced, [each, 0.0, each])


def test_nothing_is_displaced_into_another_surge() -> None:
    double = MegaOperation(districts=["A", "B"], officers=200, start=QUIET)
    _, displaced, _ = _rates(double, displaced_share=0.4)
    assert displaced[0] == displaced[1] == 0.0
    assert displaced[2] > 0.0


def test_a_surge_never_raises_demands_over_the_city() -> None:
    for share in (0.0, 0.5, 1.0):
        rate, _, plain = _rates(MegaOperation(districts=["A"], officers=500, start=QUIET), displaced_share=share)
        assert rate.sum() <= plain.sum() * (1 + 1e-12)


def test_an_emergency_puts_its_officers_on_the_street() -> None:
    rate, _, plain = _rates(StateOfEmergency(districts=["C"], start=QUIET), displaced_share=0.0)
    np.testing.assert_allclose(rate / plain, [1.0, 1.0, 1.3**-0.15])


def test_a_lockdown_scales_demands_in_person_with_street_activity() -> None:
    rate, _, plain = _rates(Lockdown(mobility=0.35, station_access=1.0, start=QUIET))
    np.testing.assert_allclose(rate, 0.35 * plain)


def test_in_lima_the_lockdown_of_2020_shows_in_demands_in_person() -> None:
    demands = whole_lima().records["demands"][..., TERRITORIAL].sum(axis=(1, 2))
    before, during = demands[12:24].mean(), demands[27:30].mean()  # April to June 2020
    assert during < 0.75 * before  # reviews of those who pay go on


def test_a_year_of_twice_the_officers_in_one_district_costs_the_groups_the_stated_part_of_new_demands() -> None:
    city = without(lima({"parameters.policing.sweep": 0.0}), "entrant", "remote")
    names = ["San Juan de Lurigancho"]
    place = city.districts.name.index(names[0])
    officers = float(city.districts.officers[place])
    surge = MegaOperation(districts=names, officers=officers, start="2018-01-01")
    numbers = [run(city, "2018-12-31", policies=p)._state["fired"][TERRITORIAL] for p in ((), (surge,))]
    starts = slice(*run(city, "2018-01-01")._city.starts[[place * 5, place * 5 + 5]])
    free, policed = (int(fired[starts].sum()) for fired in numbers)
    assert free > 2000
    assert policed / free == pytest.approx(2**-0.15, abs=4 / np.sqrt(free) + 0.03)


def test_displaced_demands_are_counted_and_appear_only_next_door() -> None:
    numbers = {"parameters.allocation.displaced_share": 1.0, "parameters.allocation.officer_elasticity": 1.0}
    scenario = row_of_three(numbers, groups=["local_norte"])
    surge = MegaOperation(districts=["A"], officers=300, start="2018-02-01", end="2018-06-30")
    displaced = run(scenario, "2018-07-31", policies=[surge]).records["displaced_demands"]
    assert (displaced[[0, 6]] == 0).all()
    assert (displaced[:, [0, 2]] == 0).all()
    assert displaced[1:6, 1].sum() > 100
