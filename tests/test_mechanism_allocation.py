"""Allocation: members, streets and officers set the rates of demands in person."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from racketsim.city.city import City
from racketsim.mechanisms.allocation import Allocation
from racketsim.policies import Lockdown, MegaOperation, StateOfEmergency
from racketsim.scenario.model import Scenario
from tests.lone_mechanism import alone
from tests.mechanism_city import TERRITORIAL, lima, row_of_three, run, whole_lima, without

QUIET = "2018-01-05"
"""A day of the first week: members are shared over activities as at the start, and no debtor is pressed yet."""

RATE, HERE, EVERYWHERE, PATROLS = 0.0377, 0.16, 0.02, 90
"""Of lima-2023: demands of a member, elasticity to patrols relative to the city, and to those of the city.

Of the 100 officers of a district of the small city, 90 patrol in normal times.
"""


def _deterrence(here: float, city: float) -> float:
    """The factor on demands at `here` times the patrols of a district, `city` times those of the whole city."""
    return float((here / city) ** -HERE * city**-EVERYWHERE)


def _rates(*policies: object, **overrides: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rate, displaced rate and members-based rate of the first group, by district, on a day of the policies."""
    numbers = {f"parameters.allocation.{name}": value for name, value in {"benefit_share": 0.0, **overrides}.items()}
    sim = run(row_of_three({"parameters.deterrence.elasticity": 0.0, **numbers}, groups=["local_norte"]), "2018-01-04")
    members = sim._state["members"][0].astype(float)
    twin = sim.fork(policies=policies).run(QUIET)
    rate = twin._state["rate"][0].copy()
    return rate, twin._state["displaced_rate"][0].copy(), RATE * members


def _alone(
    scenario: Scenario, added: npt.NDArray[np.float64], share: float = 0.0, benefit: float = 0.0, **changes: Any
) -> Allocation:
    """Return allocation after a day with `added[d]` officers, where all patrol.

    Each group has ten members everywhere if not changed.
    """
    base = scenario.districts.officers.astype(np.float64)
    places = (City(scenario, 1).groups, len(scenario.districts))
    parameters = {name: q.value for name, q in scenario.parameters["allocation"].items()}
    given = {
        "members": np.full(places, 10),
        "impostors": np.zeros(places[1]),
        "effort": np.ones(places[0]),
        "debt_rate": np.zeros(places),
        "mobility": np.ones(places[1]),
        "patrols": base + added,
        "base_patrols": base,
        "surge": added,
        "arrest_deterrence": np.ones(places[1]),
        **changes,
    }
    read: dict[str, Any] = {name: given[name] for name in Allocation.reads}
    shares = {"displaced_share": share, "benefit_share": benefit}
    mechanism = alone(Allocation, scenario, {**parameters, **shares}, **read)
    mechanism.prepare()
    mechanism.step(0)
    return mechanism


def test_without_policies_every_member_makes_demands_at_the_stated_rate() -> None:
    rate, displaced, plain = _rates()
    np.testing.assert_allclose(rate, plain)
    assert (displaced == 0).all()


def test_effort_streets_debtors_and_impostors_make_the_rate() -> None:
    """(rate x effort x members x street activity + demands on debtors) x deterrence; impostors have no effort."""
    scenario = row_of_three(groups=["local_norte", "local_sur"])
    city = City(scenario, 1)
    effort, debt, streets = np.ones(city.groups), np.zeros((city.groups, 3)), np.array([1.0, 0.5, 0.2])
    effort[:2], debt[1] = (0.5, 2.0), (0.3, 0.0, 0.1)
    given: dict[str, Any] = {
        "effort": effort,
        "debt_rate": debt,
        "mobility": streets,
        "impostors": np.array([4.0, 0.0, 6.0]),
    }
    rate = _alone(scenario, np.array([100.0, 0.0, 0.0]), **given).v.rate
    deterred = np.array([_deterrence(2, 4 / 3), 1.0, 1.0])
    np.testing.assert_allclose(rate[0], RATE * 0.5 * 10 * streets * deterred)
    np.testing.assert_allclose(rate[1], (RATE * 2.0 * 10 * streets + debt[1]) * deterred)
    np.testing.assert_allclose(rate[city.impostor], RATE * given["impostors"] * streets * deterred)


def test_perceived_arrest_scales_the_demands_of_a_district_debtors_and_impostors_included() -> None:
    scenario = row_of_three(groups=["local_norte"])
    city = City(scenario, 1)
    given: dict[str, Any] = {"debt_rate": np.full((city.groups, 3), 0.2), "impostors": np.full(3, 2.0)}
    held_back = np.array([0.5, 1.0, 1.25])
    plain = _alone(scenario, np.zeros(3), **given).v.rate
    rate = _alone(scenario, np.zeros(3), arrest_deterrence=held_back, **given).v.rate
    np.testing.assert_allclose(rate, plain * held_back)


def test_a_surge_lowers_demands_where_it_is_by_the_stated_elasticity() -> None:
    double = MegaOperation(districts=["A"], officers=PATROLS, start=QUIET)
    rate, _, plain = _rates(double, displaced_share=0.0)
    assert rate[0] / plain[0] == pytest.approx(_deterrence(2, 4 / 3))
    np.testing.assert_allclose(rate[1:], plain[1:])  # fewer officers than elsewhere do not raise demands


def test_the_rate_and_the_elasticities_are_those_of_lima() -> None:
    held = lima().parameters["allocation"]
    names = ("rate_per_member", "officer_elasticity", "city_elasticity")
    assert tuple(held[name].value for name in names) == (RATE, HERE, EVERYWHERE)


def test_a_local_doubling_of_officers_costs_the_demands_of_hot_spot_policing() -> None:
    """Braga et al. 2019: -8 to -16% in the place; in every district of Lima, alone."""
    scenario = lima()
    for district, officers in enumerate(scenario.districts.officers):
        added = np.zeros(len(scenario.districts))
        added[district] = officers
        cost = 1.0 - _alone(scenario, added).v.deterrence
        assert 0.08 <= cost[district] <= 0.16
        assert (np.delete(cost, district) == 0.0).all()


def test_a_doubling_of_officers_everywhere_costs_at_most_three_percent_of_demands() -> None:
    """Blattman et al. 2021: more patrols in all places at once deter hardly anything over the city."""
    scenario = lima()
    rate = [_alone(scenario, share * scenario.districts.officers.astype(float)).v.rate.sum() for share in (0.0, 1.0)]
    assert 1.0 - rate[1] / rate[0] == pytest.approx(1.0 - 2**-EVERYWHERE)
    assert 0.01 <= 1.0 - rate[1] / rate[0] <= 0.03


def test_what_deters_is_the_ratio_to_the_city_and_the_city() -> None:
    added = np.array([100.0, 300.0, 50.0])
    expected = [_deterrence(1 + n / 100, 1.0 + added.sum() / 300) for n in added]
    assert expected[2] > 1.0  # relatively fewer than before: no deterrence, and no invitation either
    np.testing.assert_allclose(_alone(row_of_three(), added).v.deterrence, [*np.minimum(expected[:2], 1.0), 1.0])


def test_a_district_that_has_no_officers_of_its_own_feels_those_of_the_city_alone() -> None:
    scenario = row_of_three()
    scenario.districts.officers[:] = [0, 100, 100]
    deterrence = _alone(scenario, np.array([50.0, 100.0, 100.0])).v.deterrence
    assert deterrence[0] == pytest.approx((450 / 200) ** -EVERYWHERE)


def test_a_share_of_the_deterred_moves_next_door_and_no_further() -> None:
    double = MegaOperation(districts=["A"], officers=PATROLS, start=QUIET)
    _, displaced, plain = _rates(double, displaced_share=0.4)
    np.testing.assert_allclose(displaced, [0.0, 0.4 * plain[0] * (1 - _deterrence(2, 4 / 3)), 0.0])


def test_demands_displaced_from_the_middle_are_shared_by_both_sides() -> None:
    double = MegaOperation(districts=["B"], officers=PATROLS, start=QUIET)
    _, displaced, plain = _rates(double, displaced_share=0.4)
    each = 0.4 * plain[1] * (1 - _deterrence(2, 4 / 3)) / 2
    np.testing.assert_allclose(displaced, [each, 0.0, each])


def test_nothing_is_displaced_into_another_surge() -> None:
    double = MegaOperation(districts=["A", "B"], officers=2 * PATROLS, start=QUIET)
    _, displaced, _ = _rates(double, displaced_share=0.4)
    assert displaced[0] == displaced[1] == 0.0
    assert displaced[2] > 0.0


def test_what_is_deterred_moves_only_to_cells_of_the_same_group() -> None:
    """In A - B - C a surge in A moves the first group to B, where it is; the second is not in B, and nobody comes."""
    scenario = row_of_three(groups=["local_norte", "local_sur"])
    members = np.zeros((City(scenario, 1).groups, 3), dtype=np.int64)
    members[0], members[1] = (10, 20, 30), (40, 0, 50)
    v = _alone(scenario, np.array([100.0, 0.0, 0.0]), share=0.5, members=members).v
    deterred = 1.0 - _deterrence(2, 4 / 3)
    np.testing.assert_allclose(v.displaced_rate[:2], RATE * np.array([[0.0, 0.5 * 10 * deterred, 0.0], [0.0] * 3]))
    assert (v.rate[members == 0] == 0.0).all()
    np.testing.assert_allclose(v.rate[1, 0], RATE * 40 * (1.0 - deterred))


def test_a_share_of_what_is_deterred_is_deterred_next_door_as_well_and_no_further() -> None:
    """Diffusion of benefits: in B, the only neighbour of A, in proportion to the demands of each cell."""
    scenario = row_of_three(groups=["local_norte", "local_sur"])
    members = np.zeros((City(scenario, 1).groups, 3), dtype=np.int64)
    members[0], members[1] = (10, 20, 30), (40, 0, 50)
    v = _alone(scenario, np.array([100.0, 0.0, 0.0]), benefit=0.2, members=members).v
    lost = 0.2 * RATE * 50 * (1.0 - _deterrence(2, 4 / 3))
    np.testing.assert_allclose(v.rate[:2, 1], [RATE * 20 - lost, 0.0])
    np.testing.assert_allclose(v.rate[:2, 2], RATE * members[:2, 2])
    np.testing.assert_allclose(v.benefit_rate, [0.0, lost, 0.0])
    np.testing.assert_allclose(v.deterred_rate, [5 * lost, lost, 0.0])


def test_displacement_and_diffusion_offset_each_other_where_their_shares_are_equal() -> None:
    scenario, added = row_of_three(groups=["local_norte"]), np.array([0.0, 100.0, 0.0])
    none, both = _alone(scenario, added).v, _alone(scenario, added, share=0.3, benefit=0.3).v
    np.testing.assert_allclose(both.rate.sum(axis=0), none.rate.sum(axis=0))
    assert both.displaced_rate[:, [0, 2]].sum() == pytest.approx(both.benefit_rate.sum())
    assert both.benefit_rate.sum() > 0


def test_benefits_never_take_more_than_there_is() -> None:
    scenario = row_of_three(groups=["local_norte"])
    members = np.zeros((City(scenario, 1).groups, 3), dtype=np.int64)
    members[0] = (1000, 1, 0)
    v = _alone(scenario, np.array([1e6, 0.0, 0.0]), benefit=1.0, members=members).v
    assert (v.rate >= 0).all()
    assert v.rate[0, 1] == 0.0
    assert v.benefit_rate[1] == pytest.approx(RATE)


def test_where_no_neighbour_is_without_a_surge_nothing_spills_over() -> None:
    scenario = row_of_three(groups=["local_norte"])
    v = _alone(scenario, np.array([50.0, 100.0, 70.0]), share=0.5, benefit=0.5).v
    assert v.displaced_rate.sum() == v.benefit_rate.sum() == 0.0


def test_a_surge_never_raises_demands_over_the_city() -> None:
    for share in (0.0, 0.5, 1.0):
        rate, _, plain = _rates(MegaOperation(districts=["A"], officers=500, start=QUIET), displaced_share=share)
        assert rate.sum() <= plain.sum() * (1 + 1e-12)


def test_an_emergency_puts_its_officers_on_the_street() -> None:
    rate, _, plain = _rates(StateOfEmergency(districts=["C"], start=QUIET), displaced_share=0.0)
    np.testing.assert_allclose(rate / plain, [1.0, 1.0, _deterrence(1 + 30 / PATROLS, 1 + 10 / PATROLS)])


def test_a_lockdown_scales_demands_in_person_with_street_activity() -> None:
    rate, _, plain = _rates(Lockdown(mobility=0.35, station_access=1.0, start=QUIET))
    np.testing.assert_allclose(rate, 0.35 * plain)


def test_in_lima_the_lockdown_of_2020_shows_in_demands_in_person() -> None:
    demands = whole_lima().records["demands"][..., TERRITORIAL].sum(axis=(1, 2))
    before, during = demands[12:24].mean(), demands[27:30].mean()  # April to June 2020
    assert during < 0.75 * before  # reviews of those who pay go on


def test_a_year_of_twice_the_officers_in_one_district_costs_the_groups_the_stated_part_of_new_demands() -> None:
    numbers = {"parameters.policing.sweep": 0.0, "parameters.deterrence.elasticity": 0.0}
    city = without(lima(numbers), "entrant", "remote")
    names = ["San Juan de Lurigancho"]
    place = city.districts.name.index(names[0])
    patrolling = 1.0 - city.parameters["policies"]["investigator_share"].value
    officers = patrolling * float(city.districts.officers[place])
    surge = MegaOperation(districts=names, officers=officers, start="2018-01-01")
    fired = [run(city, "2018-12-31", policies=p)._state["fired"][TERRITORIAL] for p in ((), (surge,))]
    starts = slice(*run(city, "2018-01-01")._city.starts[[place * 5, place * 5 + 5]])
    free, policed = (int(times[starts].sum()) for times in fired)
    assert free > 2000
    expected = _deterrence(2.0, 1.0 + officers / (patrolling * city.districts.officers.sum()))
    assert policed / free == pytest.approx(expected, abs=4 / np.sqrt(free) + 0.03)


def test_displaced_demands_are_counted_and_appear_only_next_door() -> None:
    numbers = {"parameters.allocation.displaced_share": 1.0, "parameters.allocation.officer_elasticity": 1.0}
    scenario = row_of_three(numbers, groups=["local_norte"])
    surge = MegaOperation(districts=["A"], officers=300, start="2018-02-01", end="2018-06-30")
    displaced = run(scenario, "2018-07-31", policies=[surge]).records["displaced_demands"]
    assert (displaced[[0, 6]] == 0).all()
    assert (displaced[:, [0, 2]] == 0).all()
    assert displaced[1:6, 1].sum() > 100


def test_deterred_demands_and_the_benefits_of_neighbours_are_recorded() -> None:
    numbers = {"parameters.allocation.benefit_share": 0.5, "parameters.deterrence.elasticity": 0.0}
    numbers["parameters.policing.sweep"] = 0.0
    surge = MegaOperation(districts=["A"], officers=3 * PATROLS, start="2018-02-01", end="2018-02-28")
    records = run(row_of_three(numbers, groups=["local_norte"]), "2018-03-31", policies=[surge]).records
    deterred, benefit = records["deterred_demands"], records["diffused_benefit"]
    assert (deterred[[0, 2]] == 0).all()
    assert (benefit[:, [0, 2]] == 0).all()
    assert benefit[1, 1] == pytest.approx(0.5 * deterred[1, 0])
    assert benefit[1, 1] == pytest.approx(deterred[1, 1])
    expected = 28 * RATE * records["members"][1, 0].sum() * (1 - _deterrence(4, 2))
    assert deterred[1, 0] == pytest.approx(expected, rel=0.2)  # demands on debtors come on top
