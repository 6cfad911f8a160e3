"""Collusion: a group may have the police of the district that it holds; what that does to cases and to reporting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from racketsim.city.city import City
from racketsim.mechanisms.collusion import Collusion
from racketsim.scenario.model import Scenario
from racketsim.simulation import Sim
from tests.lone_mechanism import alone
from tests.mechanism_city import events, lima, row_of_three, run

NUMBERS = {"rate": 0.01, "end": 0.005, "pursuit": 0.3, "leak": 0.5, "distrust": 0.1, "half_life": 100.0}
ALWAYS = {"rate": 1.0, "end": 0.0, "leak": 1.0}
"""Collusion begins within days and stays, and every report leaks."""


def _held(scenario: Scenario, holder: tuple[int, int, int], seed: int = 1, **changes: float) -> Collusion:
    reports: dict[str, Any] = {name: np.zeros(5, np.int64) for name in Collusion.reads if name != "holder"}
    mechanism = alone(Collusion, scenario, {**NUMBERS, **changes}, seed, holder=np.array(holder), **reports)
    mechanism.prepare()
    return mechanism


def _set(numbers: Mapping[str, float]) -> dict[str, float]:
    return {f"parameters.collusion.{name}": value for name, value in numbers.items()}


def _paired(seed: int, numbers: Mapping[str, float], until: str = "2018-12-31") -> tuple[Sim, Sim]:
    """Return a city whose police collude and its twin."""
    common = {"parameters.reporting.base": -1.0, "parameters.policing.clearance": 0.02}
    cities = [row_of_three({**common, **_set(given)}, groups=["local_norte"]) for given in (numbers, {})]
    one, other = (run(city, until, seed=seed) for city in cities)
    return one, other


def test_it_is_off_in_lima_and_off_it_changes_nothing() -> None:
    assert lima().parameters["collusion"]["rate"].value == 0.0
    strict, plain = (
        run(row_of_three(_set(numbers), groups=["local_norte"]), "2018-03-31")
        for numbers in ({"leak": 1.0, "distrust": 1.0, "pursuit": 0.0}, {})
    )
    for name, table in plain.records.items():
        np.testing.assert_array_equal(table, strict.records[name], err_msg=name)
    assert plain.records["collusion_days"].sum() == 0


def test_the_holder_comes_to_have_its_police_at_the_stated_rate_and_loses_them_at_another() -> None:
    """Share of free districts after t days of a two-state chain; 600 districts (200 seeds), 4 sigma."""
    scenario, days = row_of_three(groups=["local_norte"]), 60
    share = 0.0
    for seed in range(200):
        mechanism = _held(scenario, (0, 0, 0), seed)
        for day in range(days):
            mechanism.step(day)
        share += (mechanism.v.colluding == 0).sum() / 600
    rate, end = NUMBERS["rate"], NUMBERS["end"]
    expected = rate / (rate + end) * (1.0 - np.exp(-(rate + end) * days))
    assert share == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / 600))


def test_where_nobody_holds_the_district_nobody_has_its_police() -> None:
    mechanism = _held(row_of_three(groups=["local_norte"]), (-1, 0, -1), rate=1.0, end=0.0)
    for day in range(60):
        mechanism.step(day)
    np.testing.assert_array_equal(mechanism.v.colluding, [-1, 0, -1])
    expected = np.ones_like(mechanism.v.pursuit)
    expected[0, 1] = NUMBERS["pursuit"]
    np.testing.assert_array_equal(mechanism.v.pursuit, expected)


def test_it_ends_at_once_when_the_district_passes_to_another() -> None:
    mechanism = _held(row_of_three(groups=["local_norte", "local_sur"]), (0, 0, 0), rate=1.0, end=0.0)
    for day in range(60):
        mechanism.step(day)
    assert (mechanism.v.colluding == 0).all()
    mechanism.v.collusion_threshold[:] = 100.0  # nobody new before long
    mechanism.v.holder[:] = (1, 0, -1)
    mechanism.step(60)
    np.testing.assert_array_equal(mechanism.v.colluding, [-1, 0, -1])
    assert (mechanism.v.pursuit[0] == [1.0, NUMBERS["pursuit"], 1.0]).all()
    assert (mechanism.v.pursuit[1:] == 1.0).all()


def test_only_reports_against_the_group_leak_and_each_takes_a_share_of_trust() -> None:
    scenario = row_of_three(groups=["local_norte", "local_sur"])
    kinds = City(scenario, 1).kinds
    mechanism = _held(scenario, (0, 0, 0), leak=1.0)
    mechanism.v.colluding[:] = (0, -1, -1)
    mechanism.v.collusion_threshold[:] = 100.0
    mechanism.v.report_count[0] = 4
    mechanism.v.report_class[:4] = (0, 1, 2, kinds)  # three in A, of which one against the other group; one in B
    mechanism.v.report_group[:4] = (0, 0, 1, 0)
    mechanism.v.report_target[:4] = range(4)
    mechanism.step(0)
    np.testing.assert_array_equal(mechanism.v.leaks, [2, 0, 0])
    np.testing.assert_allclose(mechanism.v.distrust, [1.0 - 0.9**2, 0.0, 0.0])


def test_leaks_happen_with_their_chance() -> None:
    scenario = row_of_three(groups=["local_norte"])
    leaks = 0
    for seed in range(400):
        mechanism = _held(scenario, (0, 0, 0), seed)
        mechanism.v.colluding[:] = 0
        mechanism.v.report_count[0] = 5
        mechanism.v.report_target[:] = range(5)
        mechanism.step(0)
        leaks += int(mechanism.v.leaks.sum())
    assert leaks / 2000 == pytest.approx(0.5, abs=4 * np.sqrt(0.25 / 2000))


def test_trust_comes_back_with_its_half_life() -> None:
    mechanism = _held(row_of_three(groups=["local_norte"]), (0, 0, 0))
    mechanism.v.distrust[:] = 0.4
    for day in range(100):
        mechanism.step(day)
    np.testing.assert_allclose(mechanism.v.distrust, 0.2)


def test_leaks_silence_victims_over_replicates() -> None:
    """Reports per demand fall in all of 10 pairs: under no effect one run in 1,024."""
    fewer = 0
    for seed in range(10):
        pair = (sim.records for sim in _paired(seed, {**ALWAYS, "distrust": 0.05, "pursuit": 1.0}))
        colluding, plain = (records["reported"].sum() / records["demands"].sum() for records in pair)
        fewer += colluding < plain
    assert fewer == 10


def test_a_group_that_has_the_police_is_cleared_less_over_replicates() -> None:
    """Clearances per case opened fall in all of 10 pairs: under no effect one run in 1,024."""
    fewer = 0
    for seed in range(10):
        pair = (sim.records for sim in _paired(seed, {**ALWAYS, "distrust": 0.0, "pursuit": 0.1}))
        colluding, plain = (records["cases_cleared"].sum() / records["cases_opened"].sum() for records in pair)
        fewer += colluding < plain
    assert fewer == 10


def test_collusion_is_told_and_its_days_and_leaks_are_recorded() -> None:
    sim, _ = _paired(1, ALWAYS, until="2018-06-30")
    told = events(sim, "collusion")
    assert set(told["district"].tolist()) == {0, 1, 2}
    assert (told["group"] == 0).all()
    days = sim.records["collusion_days"][:6].sum(axis=0)
    np.testing.assert_array_equal(days, [181 - told["day"][told["district"] == d].min() for d in range(3)])
    # The police and their leaks are kept out of reach of hostility to labels, which withholds reports after them.
    made = sim.records["reported"].sum() + sim.records["withheld"].sum()
    assert 0 < sim.records["leaks"].sum() <= made
