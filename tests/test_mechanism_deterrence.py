"""Deterrence: arrests that members see in a district hold their demands back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from racketsim.city.city import City
from racketsim.mechanisms.deterrence import Deterrence, perceived_risk
from racketsim.policies import Capture
from racketsim.scenario.model import Scenario
from tests.lone_mechanism import alone
from tests.mechanism_city import TERRITORIAL, lima, row_of_three, run, whole_lima

NUMBERS = {"elasticity": 0.5, "prior_risk": 0.001, "prior_weight": 500.0, "memory": 120.0}
WEEK = 7


def _after(
    weeks: int, arrests: dict[int, tuple[int, int]], *, scenario: Scenario | None = None, **changes: Any
) -> Deterrence:
    """Return deterrence after `weeks`; `arrests` are, by day, the group and the number arrested in A on the day before.

    Fifty members are in A and B, nobody in C.
    """
    scenario = scenario or row_of_three(groups=["local_norte", "local_sur"])
    city = City(scenario, 1)
    members, arrested = np.zeros((2, city.groups, 3), np.int64)
    members[0, :2] = 50
    nobody = np.zeros(3, np.int64)
    numbers = {**NUMBERS, **changes}
    mechanism = alone(Deterrence, scenario, numbers, arrested=arrested, members=members, impostors=nobody)
    mechanism.prepare()
    for day in range(weeks * WEEK):
        arrested[:] = 0
        if day in arrests:
            group, count = arrests[day]
            arrested[group, 0] = count
        mechanism.step(day)
    return mechanism


def test_a_perceived_risk_moves_from_the_prior_to_what_was_seen() -> None:
    seen, exposed = np.array([0.0, 30.0, 5.0]), np.array([0.0, 1e6, 100.0])
    np.testing.assert_allclose(perceived_risk(0.01, 100.0, seen, exposed), [0.01, 31 / 1_000_100, 6 / 200])


def test_risk_is_arrests_over_member_weeks_shrunk_to_the_prior() -> None:
    v = _after(1, {3: (0, 2)}).v
    np.testing.assert_allclose(v.perceived_arrest, [2.5 / 550, 0.5 / 550, 0.001])
    np.testing.assert_allclose(v.arrest_deterrence, (v.perceived_arrest / 0.001) ** -0.5)


def test_arrests_of_any_group_in_the_street_count_and_those_of_remote_operators_do_not() -> None:
    scenario = row_of_three(groups=["local_norte", "local_sur", "remote_operators"])
    remote = [group.role for group in scenario.groups].index("remote")
    street = next(place for place in (0, 1, 2) if place != remote)
    seen = [_after(1, {3: (group, 5)}, scenario=scenario).v.street_arrests[0] for group in (street, remote)]
    assert seen[0] > 0.0
    assert seen[1] == 0.0


def test_arrests_are_forgotten_with_the_stated_memory() -> None:
    """After n quiet weeks a share exp(-7 n / memory) is left, and impunity brings the risk below the prior."""
    left = [_after(weeks, {3: (0, 100)}).v.street_arrests[0] for weeks in (1, 11)]
    assert left[1] / left[0] == pytest.approx(np.exp(-70 / 120))
    quiet = _after(100, {}).v
    kept = np.exp(-WEEK / 120)
    remembered = 50 / (1.0 - kept)  # member-weeks in the long run
    np.testing.assert_allclose(quiet.perceived_arrest[:2], 0.5 / (500 + remembered), rtol=0.01)
    assert (quiet.arrest_deterrence[:2] > 1.0).all()
    assert quiet.arrest_deterrence[2] == 1.0


def test_more_arrests_deter_more_and_an_elasticity_of_zero_deters_nobody() -> None:
    factors = [_after(2, {3: (0, count)}).v.arrest_deterrence[0] for count in (0, 1, 5, 50)]
    assert factors == sorted(factors, reverse=True)
    assert len(set(factors)) == 4
    assert (_after(2, {3: (0, 50)}, elasticity=0.0).v.arrest_deterrence == 1.0).all()


def test_impostors_are_exposed_too() -> None:
    scenario = row_of_three(groups=["local_norte"])
    city = City(scenario, 1)
    nobody = np.zeros((city.groups, 3), np.int64)
    mechanism = alone(Deterrence, scenario, NUMBERS, arrested=nobody, members=nobody, impostors=np.array([0, 40, 0]))
    mechanism.prepare()
    for day in range(WEEK):
        mechanism.step(day)
    np.testing.assert_allclose(mechanism.v.perceived_arrest, [0.001, 0.5 / 540, 0.001])


def test_a_capture_makes_those_who_are_left_careful() -> None:
    """Demands for each member who is left, paired with a twin in which arrests deter nobody; 10 seeds, p < 0.001.

    Under no effect a twin has fewer demands a member in half of the pairs: all of ten happen in one run of 1,024.
    """
    fewer = 0
    for seed in range(10):
        made = []
        for elasticity in (0.5, 0.0):
            numbers = {"parameters.deterrence.elasticity": elasticity, "parameters.leadership.visibility": 0.0}
            city = row_of_three(numbers, groups=["local_norte"])
            capture = Capture(group="local_norte", members=150, start="2018-01-08")
            sim = run(city, "2018-02-28", seed=seed, policies=[capture])
            made.append(sim._state["fired"][TERRITORIAL].sum() / sim.records["members"][1].sum())
        fewer += made[0] < made[1]
    assert fewer == 10


def test_perceived_risk_is_recorded_and_of_the_size_of_the_prior_in_lima() -> None:
    perceived = whole_lima().records["perceived_arrest"]
    prior = lima().parameters["deterrence"]["prior_risk"].value
    assert 0.5 * prior < np.median(perceived[11::12].mean(axis=1)) < 2.0 * prior
    assert perceived.std(axis=1)[12:].min() > 0.0
