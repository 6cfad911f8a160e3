"""Rules of investigation: who works on which cases, and how fast they are cleared."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from racketsim.mechanisms.investigation import assign_units, clearance_hazard, general_hazard, give_up

Array = Any


def _clearance(
    cases: list[list[int]],
    room: list[float],
    factor: list[float],
    *,
    assigned: list[list[float]] | None = None,
    pursuit: list[list[float]] | None = None,
    special: list[float] | None = None,
) -> tuple[Array, Array]:
    """Return hazard `[G, D]` and cases waiting `[D]`, at a clearance of 0.1 and two cases an investigator of a unit.

    Units against all have `special` of the `room`.
    """
    shape = np.shape(cases)
    hazard, waiting, wanted = np.full(shape, 9.0), np.full(shape[1], 9.0), np.full(shape[1], 9.0)
    clearance_hazard(
        np.array(cases),
        np.array(factor),
        np.array(pursuit if pursuit is not None else np.ones(shape)),
        np.array(assigned if assigned is not None else np.zeros(shape)),
        np.array(room),
        np.array(special if special is not None else np.zeros(shape[1])),
        0.1,
        2.0,
        wanted,
        hazard,
        waiting,
    )
    return hazard, waiting


def test_within_capacity_every_case_is_cleared_at_the_stated_rate_and_none_waits() -> None:
    hazard, waiting = _clearance([[10, 0], [5, 2]], [100, 100], [1.0, 0.3])
    np.testing.assert_allclose(hazard, [[1.0, 0.0], [0.15, 0.06]])
    np.testing.assert_allclose(waiting, 0.0, atol=1e-12)


def test_beyond_capacity_cases_share_the_investigators_and_the_rest_wait() -> None:
    hazard, waiting = _clearance([[1000], [3000]], [100], [1.0, 1.0])
    np.testing.assert_allclose(hazard, [[2.5], [7.5]])
    np.testing.assert_allclose(waiting, [3900])
    twice, fewer = _clearance([[1000], [3000]], [200], [1.0, 1.0])
    np.testing.assert_allclose(twice, 2 * hazard)
    np.testing.assert_allclose(fewer, [3800])


def test_whom_the_police_put_first_is_cleared_sooner_at_the_expense_of_others() -> None:
    hazard, _ = _clearance([[100], [100]], [50], [3.0, 1.0])
    np.testing.assert_allclose(hazard, [[3.75], [1.25]])


def test_a_unit_takes_cases_of_its_group_off_the_others() -> None:
    """The unit works on 2 x 20 of 60 cases; what is left of both groups shares the room."""
    hazard, waiting = _clearance([[60], [60]], [20], [1.0, 1.0], assigned=[[20.0], [0.0]])
    np.testing.assert_allclose(hazard, [[0.1 * (40 + 20 * 0.25)], [0.1 * 60 * 0.25]])
    np.testing.assert_allclose(waiting, [80 - 20])


def test_a_unit_with_more_room_than_cases_clears_no_faster_than_the_stated_rate() -> None:
    hazard, waiting = _clearance([[60]], [0], [1.0], assigned=[[1000.0]])
    np.testing.assert_allclose(hazard, [[6.0]])
    np.testing.assert_allclose(waiting, [0.0], atol=1e-12)


def test_a_group_that_is_spared_is_cleared_less_however_many_cases_wait_and_its_time_goes_to_nobody() -> None:
    for room in (1000.0, 5.0):
        hazard, _ = _clearance([[10], [10]], [room], [1.0, 1.0], pursuit=[[0.3], [1.0]])
        plain, _ = _clearance([[10], [10]], [room], [1.0, 1.0])
        np.testing.assert_allclose(hazard, plain * [[0.3], [1.0]])
    _, waiting = _clearance([[10], [10]], [1000.0], [1.0, 1.0], pursuit=[[0.3], [1.0]])
    np.testing.assert_allclose(waiting, [7.0])


def test_who_has_the_police_of_a_district_is_spared_by_them_and_not_by_special_units() -> None:
    spared = [[0.3], [1.0]]
    by_unit, _ = _clearance([[60], [60]], [0], [1.0, 1.0], assigned=[[20.0], [0.0]], pursuit=spared)
    np.testing.assert_allclose(by_unit, [[4.0], [0.0]])
    against_all, _ = _clearance([[60], [60]], [40], [1.0, 1.0], special=[40.0], pursuit=spared)
    np.testing.assert_allclose(against_all, [[2.0], [2.0]])
    both, waiting = _clearance([[60], [60]], [40], [1.0, 1.0], special=[10.0], pursuit=spared)
    np.testing.assert_allclose(both, [[2.0 * (0.25 + 0.75 * 0.3)], [2.0]])
    np.testing.assert_allclose(waiting, [120 - 20 * (0.25 + 0.75 * 0.3) - 20])


@pytest.mark.parametrize(("cases", "room"), [(0, 100.0), (10, 0.0)])
def test_no_cases_and_no_investigators_clear_nothing(cases: int, room: float) -> None:
    hazard, waiting = _clearance([[cases]], [room], [1.0])
    assert hazard[0, 0] == 0.0
    assert waiting[0] == cases


def test_general_investigation_needs_people_to_find_and_investigators_to_find_them() -> None:
    hazard = np.full((2, 3), 9.0)
    people, pursuit = np.array([[10, 20, 0], [5, 0, 0]]), np.array([[1.0, 1.0, 1.0], [0.5, 1.0, 1.0]])
    assigned = np.array([[0.0, 4.0, 0.0], [0.0, 0.0, 0.0]])
    general_hazard(people, np.array([8.0, 0.0, 8.0]), np.array([2.0, 0.0, 0.0]), assigned, pursuit, 0.01, hazard)
    np.testing.assert_allclose(hazard, [[1.0, 0.8, 0.0], [0.05 * (0.5 * 8 + 2), 0.0, 0.0]])


def test_a_unit_against_a_group_that_left_no_trace_has_nothing_to_do() -> None:
    assigned = np.full((2, 2), 9.0)
    assign_units(np.zeros((2, 2), int), np.zeros((2, 2), int), np.array([5.0, 0.0]), np.ones((2, 2), int), assigned)
    assert (assigned == 0.0).all()


def test_no_more_cases_are_given_up_than_are_open() -> None:
    cases, given_up = np.array([[3, 0], [5, 1]]), np.zeros(2, int)
    give_up(cases, np.array([[4, 2], [1, 0]]), given_up)
    np.testing.assert_array_equal(cases, [[0, 0], [4, 1]])
    np.testing.assert_array_equal(given_up, [4, 0])
