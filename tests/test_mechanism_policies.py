"""Policies as levers: what a policy changes on its days, in its places, and nothing else."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import numpy as np
import pytest

from racketsim.errors import InputError
from racketsim.mechanisms.policies import Levers
from racketsim.policies import Lockdown, MegaOperation, SpecialUnit, StateOfEmergency
from racketsim.simulation import Sim
from tests.mechanism_city import events, row_of_three, run

LEVERS = (
    *("mobility", "station_access", "remote_capacity", "surge", "emergency", "trust", "captures", "capture_leader"),
    *("special", "unit", "unit_places"),
)


def _levers(*policies: Any, day: str = "2018-01-02") -> dict[str, np.ndarray]:
    sim = Sim(row_of_three(groups=["local_norte"]), policies=policies).run(day)
    return {name: sim._state[name].copy() for name in (*LEVERS, "officers", "base_officers", "investigators")}


def _one() -> tuple[Levers, dict[str, np.ndarray]]:
    arrays: dict[str, np.ndarray] = {
        "mobility": np.ones(3),
        "station_access": np.ones(3),
        "remote_capacity": np.ones(1),
        "surge": np.zeros(3),
        "base_officers": np.array([100.0, 300.0, 0.0]),
        "emergency": np.zeros(3, np.uint8),
        "trust": np.full(3, 0.5),
        "captures": np.zeros(2, np.int64),
        "capture_leader": np.zeros(2, np.uint8),
        "special": np.zeros(3),
        "unit": np.zeros(2),
        "unit_places": np.zeros((2, 3), np.uint8),
        "surge_key": np.zeros(3, np.uint64),
        "capture_key": np.zeros(2, np.uint64),
    }
    return Levers(arrays, ["A", "B", "C"], ["band", "gang"]), arrays


def test_levers_change_the_named_districts_only() -> None:
    levers, arrays = _one()
    levers.scale("mobility", 0.5, ["B"])
    levers.scale("station_access", 0.2)
    levers.scale("remote_capacity", 0.1)
    levers.declare_emergency(["C"])
    levers.shift_trust(0.1, ["A"])
    np.testing.assert_allclose(arrays["mobility"], [1, 0.5, 1])
    np.testing.assert_allclose(arrays["station_access"], 0.2)
    np.testing.assert_allclose(arrays["remote_capacity"], 0.1)
    np.testing.assert_array_equal(arrays["emergency"], [0, 0, 1])
    np.testing.assert_allclose(arrays["trust"], [0.6, 0.5, 0.5])


def test_officers_are_spread_by_the_officers_who_are_there() -> None:
    levers, arrays = _one()
    levers.add_officers(200, ["A", "B"])
    np.testing.assert_allclose(arrays["surge"], [50, 150, 0])
    levers.add_officers(30, ["C"])  # none there: shared evenly
    np.testing.assert_allclose(arrays["surge"], [50, 150, 30])


def test_a_unit_against_all_is_spread_by_the_officers_who_are_there() -> None:
    levers, arrays = _one()
    levers.add_investigators(40)
    levers.add_investigators(10, ["C"])
    np.testing.assert_allclose(arrays["special"], [10, 30, 10])
    assert (arrays["unit"] == 0).all()


def test_units_against_one_group_add_up_and_may_work_where_any_of_them_may() -> None:
    levers, arrays = _one()
    levers.add_investigators(40, ["A"], "gang")
    levers.add_investigators(5, ["C"], "gang")
    levers.add_investigators(7, group="band")
    np.testing.assert_allclose(arrays["unit"], [7, 45])
    np.testing.assert_array_equal(arrays["unit_places"], [[1, 1, 1], [1, 0, 1]])
    assert (arrays["special"] == 0).all()


def test_a_capture_orders_the_arrest_of_members_and_leader() -> None:
    levers, arrays = _one()
    levers.capture("gang", 12, leader=True)
    np.testing.assert_array_equal(arrays["captures"], [0, 12])
    np.testing.assert_array_equal(arrays["capture_leader"], [0, 1])


@pytest.mark.parametrize(
    ("pull", "said"),
    [
        (lambda levers: levers.scale("mobility", 0.5, ["Aa"]), "unknown district 'Aa'"),
        (lambda levers: levers.scale("weather", 0.5), "lever 'weather' cannot be scaled; allowed: mobility"),
        (lambda levers: levers.declare_emergency(["X"]), "unknown district 'X'"),
        (lambda levers: levers.capture("gan", 1), "unknown group 'gan'. Did you mean 'gang'?"),
        (lambda levers: levers.add_investigators(1, ["X"]), "unknown district 'X'"),
        (lambda levers: levers.add_investigators(1, None, "gan"), "unknown group 'gan'. Did you mean 'gang'?"),
    ],
)
def test_unknown_names_are_refused_in_words(pull: Any, said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        pull(_one()[0])


def test_levers_are_back_to_normal_the_day_after() -> None:
    shut = Lockdown(start="2018-01-02", end="2018-01-03", mobility=0.4, station_access=0.5)
    normal, during, after = (_levers(shut, day=f"2018-01-0{day}") for day in (1, 3, 4))
    np.testing.assert_allclose(during["mobility"], 0.4)
    for name, lever in normal.items():
        np.testing.assert_array_equal(after[name], lever, err_msg=name)


def test_policies_of_one_day_add_up() -> None:
    both = _levers(
        Lockdown(start="2018-01-01", mobility=0.5, station_access=0.5),
        Lockdown(start="2018-01-01", mobility=0.5, station_access=1.0, districts=["B"]),
        MegaOperation(districts=["A"], officers=50, start="2018-01-01"),
        StateOfEmergency(districts=["A"], start="2018-01-01"),
    )
    np.testing.assert_allclose(both["mobility"], [0.5, 0.25, 0.5])
    np.testing.assert_allclose(both["officers"], [100 + 50 + 30, 100, 100])


def test_an_emergency_raises_officers_by_its_share_and_is_counted_in_person_days() -> None:
    emergency = StateOfEmergency(districts=["B", "C"], start="2018-01-10", days=20)
    records = run(row_of_three(groups=["local_norte"]), "2018-02-28", policies=[emergency]).records
    np.testing.assert_array_equal(records["emergency_days"], [[0, 20, 20], [0, 0, 0]])
    np.testing.assert_array_equal(records["emergency_person_days"], [[0, 20 * 2000, 20 * 4000], [0, 0, 0]])
    np.testing.assert_array_equal(records["officer_days"][0], [3100, 3100 + 20 * 30, 3100 + 20 * 30])
    np.testing.assert_array_equal(records["officer_days"][1], [2800] * 3)


def test_an_emergency_shifts_trust_by_its_parameter_within_bounds() -> None:
    for shift, expected in [(-0.1, 0.4), (0.1, 0.6), (1.0, 1.0)]:
        city = row_of_three({"parameters.policies.emergency_trust": shift}, groups=["local_norte"])
        sim = run(city, "2018-01-02", policies=[StateOfEmergency(districts=["A"], start="2018-01-02")])
        np.testing.assert_allclose(sim._state["trust"], [expected, 0.5, 0.5])


def test_a_function_is_a_policy() -> None:
    def curfew(city: Levers, day: date) -> None:
        if day >= date(2018, 1, 2):
            city.scale("mobility", 0.7, ["B"])

    np.testing.assert_allclose(_levers(curfew)["mobility"], [1.0, 0.7, 1.0])
    np.testing.assert_allclose(_levers(curfew, day="2018-01-01")["mobility"], 1.0)


def test_first_and_last_day_are_announced_in_the_districts_of_the_policy() -> None:
    emergency = StateOfEmergency(districts=["B", "C"], start="2018-01-10", days=20)
    sim = run(row_of_three(groups=["local_norte"]), "2018-02-28", policies=[emergency])
    for what, day in [("policy_start", 9), ("policy_end", 28)]:
        told = events(sim, what)
        assert told["district"].tolist() == [1, 2]
        assert (told["day"] == day).all()


def test_a_special_unit_adds_investigators_and_no_patrols_and_they_are_counted() -> None:
    unit = SpecialUnit(name="Team", investigators=30, districts=["A", "B"], start="2018-01-10", days=20)
    during, after = (_levers(unit, day=f"2018-01-{day}") for day in (15, 30))
    np.testing.assert_allclose(during["special"], [15, 15, 0])
    np.testing.assert_allclose(during["officers"], 100)
    np.testing.assert_allclose(during["investigators"], 10)  # a tenth of the officers of normal times
    assert (after["special"] == 0).all()
    records = run(row_of_three(groups=["local_norte"]), "2018-02-28", policies=[unit]).records
    np.testing.assert_array_equal(records["unit_days"], [600, 0])


def test_an_emergency_adds_patrols_and_no_investigators() -> None:
    during = _levers(StateOfEmergency(districts=["A"], start="2018-01-01"))
    np.testing.assert_allclose(during["officers"], [130, 100, 100])
    np.testing.assert_allclose(during["investigators"], 10)


def test_a_run_has_a_largest_number_of_policies() -> None:
    with pytest.raises(InputError, match="there are 1025 policies; a run has at most 1024"):
        Sim(row_of_three(groups=["local_norte"]), policies=[lambda city, day: None] * 1025)


def test_a_policy_outside_its_period_does_nothing() -> None:
    city = row_of_three(groups=["local_norte"])
    late = StateOfEmergency(districts=["A"], start="2018-04-01")
    plain, other = run(city, "2018-03-31"), run(city, "2018-03-31", policies=[late])
    for name, table in plain.records.items():
        np.testing.assert_array_equal(table, other.records[name], err_msg=name)
    for name, column in plain.log.items():
        np.testing.assert_array_equal(column, other.log[name], err_msg=name)
