"""Policing: cases, clearance within capacity, arrests, sweeps and prepared captures."""

from __future__ import annotations

import numpy as np
import pytest

from racketsim.mechanisms.policing import arrest_size, clearance_hazard
from racketsim.policies import Capture, MegaOperation
from tests.mechanism_city import by_year, events, row_of_three, run, whole_lima

BUSY = {"parameters.policing.clearance": 0.02, "parameters.policing.capacity": 1.0, "parameters.reporting.base": 0.0}


def _hazard(cases: list[list[float]], officers: list[float], factor: list[float], capacity: float) -> np.ndarray:
    hazard = np.zeros((len(cases), len(officers)))
    clearance_hazard(np.array(cases), np.array(officers), np.array(factor), 0.1, capacity, hazard)
    return hazard


def test_within_capacity_every_case_is_cleared_at_the_stated_rate() -> None:
    hazard = _hazard([[10, 0], [5, 2]], [100, 100], [1.0, 0.3], 1.0)
    np.testing.assert_allclose(hazard, [[1.0, 0.0], [0.15, 0.06]])


def test_beyond_capacity_the_officers_are_shared_by_cases() -> None:
    hazard = _hazard([[1000], [3000]], [100], [1.0, 1.0], 0.01)
    np.testing.assert_allclose(hazard, [[0.25], [0.75]])
    twice = _hazard([[1000], [3000]], [200], [1.0, 1.0], 0.01)
    np.testing.assert_allclose(twice, 2 * hazard)


def test_no_cases_and_no_officers_clear_nothing() -> None:
    assert _hazard([[0]], [100], [1.0], 1.0)[0, 0] == 0.0
    assert _hazard([[10]], [0], [1.0], 1.0)[0, 0] == 0.0


def test_arrests_of_a_case_are_one_plus_geometric() -> None:
    """P(N = n) = p (1 - p)^(n - 1) with p = 1 / mean; 20,000 draws, 4 sigma."""
    sizes = np.array([arrest_size(np.uint64(3), 1, event, 2.5) for event in range(20_000)])
    for n in range(1, 6):
        expected = 0.4 * 0.6 ** (n - 1)
        assert (sizes == n).mean() == pytest.approx(expected, abs=4 * np.sqrt(expected / 20_000))
    assert {arrest_size(np.uint64(3), 1, event, 1.0) for event in range(50)} == {1}


def test_only_recorded_reports_and_public_incidents_open_cases() -> None:
    none = run(
        row_of_three(
            {"parameters.policing.opening_report": 0.0, "parameters.policing.opening_incident": 0.0},
            groups=["local_norte"],
        ),
        "2018-12-31",
    )
    assert none.records["cases_opened"].sum() == none.records["arrests"].sum() == 0
    every = run(
        row_of_three(
            {"parameters.policing.opening_report": 1.0, "parameters.policing.opening_incident": 0.0},
            groups=["local_norte"],
        ),
        "2018-12-31",
    )
    np.testing.assert_array_equal(every.records["cases_opened"], every.records["recorded"])


def test_cases_are_opened_cleared_given_up_or_open() -> None:
    sim = run(row_of_three(BUSY, groups=["local_norte"]), "2018-12-31")
    opened, cleared = sim.records["cases_opened"].sum(), sim.records["cases_cleared"].sum()
    left = sim._state["cases"].sum()
    given_up = sim._state["cases_cold"].sum()
    assert cleared > 50
    assert opened - cleared - given_up <= left <= opened - cleared  # a case that is gone cannot be given up again
    assert left >= 0


def test_arrests_come_from_cleared_cases_and_name_them() -> None:
    sim = run(row_of_three(BUSY, groups=["local_norte"]), "2018-12-31")
    arrests, cleared = events(sim, "arrest"), events(sim, "case_cleared")
    assert np.isin(arrests["caused_by"], cleared["event_id"]).all()
    assert arrests["count"].sum() == sim.records["arrests"].sum() == sim.records["arrests_by_group"].sum()
    assert arrests["count"].mean() == pytest.approx(2.0, abs=4 * np.sqrt(2 / len(arrests["day"])) + 0.05)


def test_more_clearance_means_fewer_members() -> None:
    members = []
    for clearance in (0.0, 0.02):
        numbers = {**BUSY, "parameters.policing.clearance": clearance}
        members.append(run(row_of_three(numbers, groups=["local_norte"]), "2018-12-31").records["members"][-1].sum())
    assert members[1] < 0.9 * members[0]


def test_added_officers_arrest_on_sight_as_stated() -> None:
    numbers = {"parameters.policing.sweep": 0.001, "parameters.policing.opening_report": 0.0}
    numbers["parameters.policing.opening_incident"] = 0.0
    surge = MegaOperation(districts=["A"], officers=500, start="2018-01-11", end="2018-02-09")
    sim = run(row_of_three(numbers, groups=["local_norte"]), "2018-02-28", policies=[surge])
    arrests = events(sim, "arrest")
    members = sim._state["members"][0, 1:].mean()
    expected = 0.001 * 500 * members / 100 * 30
    assert arrests["count"].sum() == pytest.approx(expected, abs=4 * np.sqrt(expected))
    assert set(arrests["district"].tolist()) <= {0}
    assert (arrests["day"] >= 10).all()
    assert (arrests["day"] <= 39).all()
    assert (arrests["caused_by"] == 0).all()


def test_a_capture_takes_its_number_where_the_group_is() -> None:
    city = row_of_three(groups=["local_norte", "local_sur"])
    capture = Capture(group="local_sur", members=30, start="2018-02-01")
    before = run(city, "2018-01-31")
    held = before._state["members"][1].astype(float)
    after = before.fork(policies=[capture]).run("2018-02-01")
    arrested = after._state["arrested"]
    assert arrested[1].sum() == 30
    np.testing.assert_allclose(arrested[1], 30 * held / held.sum(), atol=1.5)
    assert arrested[0].sum() <= 3  # of cases cleared on that day


def test_a_capture_takes_no_more_than_there_are() -> None:
    city = row_of_three(groups=["local_norte", "local_sur"])
    before = run(city, "2018-01-31")
    there = int(before._state["members"][1].sum())
    after = before.fork(policies=[Capture(group="local_sur", members=10_000, start="2018-02-01")]).run("2018-02-01")
    assert after._state["arrested"][1].sum() == there
    assert after._state["members"][1].sum() == 0


def test_the_captures_that_happened_show_in_lima() -> None:
    sim = whole_lima()
    ids = [g.id for g in sim.groups]
    arrests = sim.records["arrests_by_group"]
    assert arrests[58, ids.index("gallegos")] >= 20
    assert arrests[69, ids.index("dinastia_alayon")] >= 20


def test_few_reports_end_in_an_arrest() -> None:
    """The survey of firms: about 2% of reports end in detention."""
    records = whole_lima().records
    cleared = records["cases_cleared"].sum() / records["reported"].sum()
    assert 0.005 <= cleared <= 0.05
    assert (by_year(whole_lima(), "arrests").sum(axis=1) > 20).all()
