"""Policing: cases, clearance within capacity, arrests, sweeps and prepared captures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from racketsim.city.city import City
from racketsim.mechanisms.investigation import arrest_size
from racketsim.mechanisms.policing import Policing
from racketsim.policies import Capture, MegaOperation, SpecialUnit
from racketsim.scenario.model import Scenario
from tests.lone_mechanism import alone
from tests.mechanism_city import by_year, events, row_of_three, run, whole_lima

BUSY = {"parameters.policing.clearance": 0.02, "parameters.policing.caseload": 100.0, "parameters.reporting.base": 0.0}
NO_GENERAL = {"parameters.policing.general": 0.0}
SWEEP = 0.00005
"""Rate at which one added officer closes an open case in lima-2023."""


@cache
def _three_districts(group: str) -> Scenario:
    return row_of_three(groups=[group])


def _lone(
    cases: Sequence[Sequence[int]],
    surge: Sequence[float] = (0.0, 0.0, 0.0),
    *,
    captured: int = 0,
    seed: int = 1,
    group: str = "local_norte",
    **parameters: float,
) -> Policing:
    """Return policing in three districts with open cases `[G, 3]`, where nothing opens, clears or is given up.

    Each district has ten investigators.

    The first group is `group`, of 100 members in each district (or 300 operators); `captured` of it are captured today.
    """
    scenario = _three_districts(group)
    groups = City(scenario, 1).groups
    nothing: dict[str, Any] = {name: np.zeros(1, np.int64) for name in Policing.reads}
    members = np.zeros((groups, 3), np.int64)
    operators, captures = np.zeros(groups, np.int64), np.zeros(groups, np.int64)
    captures[0] = captured
    if group == "remote_operators":
        operators[0] = 300
    else:
        members[0] = 100
    held = {
        "priority": np.zeros(groups),
        "state_priority": np.ones(groups),
        "members": members,
        "moving": np.zeros_like(members),
        "operators": operators,
        "investigators": np.full(3, 10.0),
        "special": np.zeros(3),
        "unit": np.zeros(groups),
        "unit_places": np.zeros((groups, 3), np.uint8),
        "pursuit": np.ones((groups, 3)),
        "surge": np.array(surge),
        "surge_key": np.zeros(len(surge), dtype=np.uint64),
        "patrols": 100.0 + np.array(surge),
        "base_patrols": np.full(3, 100.0),
        "captures": captures,
        "capture_key": np.zeros(groups, dtype=np.uint64),
    }
    numbers = {name: q.value for name, q in scenario.parameters["policing"].items()}
    numbers |= {"clearance": 0.0, "cold": 0.0, "general": 0.0, **parameters}
    policing = alone(Policing, scenario, numbers, seed, **{**nothing, **held})
    policing.prepare()
    policing.v.cases[: len(cases)] = cases
    return policing


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
            {"parameters.policing.opening_report": 0.0, "parameters.policing.opening_incident": 0.0, **NO_GENERAL},
            groups=["local_norte"],
        ),
        "2018-12-31",
    )
    assert none.records["cases_opened"].sum() == none.records["arrests"].sum() == 0
    every = run(
        row_of_three(
            {"parameters.policing.opening_report": 1.0, "parameters.policing.opening_incident": 0.0, **NO_GENERAL},
            groups=["local_norte"],
        ),
        "2018-12-31",
    )
    assert every.records["cases_opened"].sum() == events(every, "record")["day"].size > 0


def test_cases_are_opened_cleared_given_up_or_open() -> None:
    sim = run(row_of_three(BUSY, groups=["local_norte"]), "2018-12-31")
    opened, cleared = sim.records["cases_opened"].sum(), sim.records["cases_cleared"].sum()
    given_up, left = sim.records["cases_given_up"].sum(), sim.records["cases_open"][11].sum()
    assert cleared > 50
    assert given_up > 50
    assert left == sim._state["cases"].sum() == opened - cleared - given_up


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


def _found(days: int, sent: float, cases: int) -> npt.NDArray[np.float64]:
    """Return expected arrests by day of `sent` officers to whom suspects get used with a mean lag of a week."""
    fresh = sent * (1.0 - 1.0 / 7.0) ** np.arange(days)
    left = cases * np.cumprod(np.concatenate([[1.0], 1.0 - SWEEP * fresh]))
    return -np.diff(left)


def _swept(days: int, *, surge: Sequence[float], cases: int, seed: int, sweep: float = SWEEP) -> npt.NDArray[np.int64]:
    """Return arrests by day of sweeps against `cases` in each district."""
    policing = _lone([[cases] * 3], surge, seed=seed, sweep=sweep)
    arrests = np.zeros(days, np.int64)
    for day in range(days):
        policing.step(day)
        arrests[day] = policing.v.arrested.sum()
    assert policing.v.cases.sum() == 3 * cases - arrests.sum()  # each arrest closes a case
    return arrests


def test_sweeps_find_those_against_whom_cases_are_open_at_the_stated_rate() -> None:
    """Poisson with mean sweep x officers beyond the city's x cases; of 900, 600 and 0 added, 400, 100 and 0 are beyond.

    One day, 400 seeds, 4 sigma.
    """
    found = np.zeros(3)
    for seed in range(400):
        policing = _lone([[100, 0, 100]], (900.0, 600.0, 0.0), seed=seed)
        policing.step(0)
        found += policing.v.arrested.sum(axis=0)
    expected = SWEEP * 400 * 100 * 400
    assert abs(found[0] - expected) < 4 * np.sqrt(expected)
    assert found[1] == found[2] == 0  # nobody is looked for without a case, or without officers


def test_without_added_officers_nobody_is_swept_up() -> None:
    assert _swept(100, surge=(0.0, 0.0, 0.0), cases=1000, seed=1, sweep=1.0).sum() == 0


def test_more_patrols_everywhere_are_no_operation() -> None:
    assert _swept(100, surge=(100.0, 100.0, 100.0), cases=1000, seed=1, sweep=1.0).sum() == 0


def test_a_week_of_seven_hundred_officers_arrests_a_handful() -> None:
    """1,050 in one of three districts are 700 beyond the city's; with sixty cases some eight arrests; 200 seeds."""
    arrests = np.array([_swept(6, surge=(1050.0, 0.0, 0.0), cases=60, seed=seed).sum() for seed in range(200)])
    expected = _found(6, 700.0, 60).sum()
    assert arrests.mean() == pytest.approx(expected, abs=4 * np.sqrt(expected / 200))
    assert (arrests <= 24).all()
    assert (arrests > 0).mean() > 0.9


def test_those_looked_for_adapt_to_a_surge_that_lasts() -> None:
    """Most arrests are made in the first fortnight, and hardly any after two months; 40 seeds, 4 sigma."""
    arrests = np.sum([_swept(120, surge=(1050.0, 0.0, 0.0), cases=50, seed=seed) for seed in range(40)], axis=0)
    expected = 40 * _found(120, 700.0, 50)
    for first in (0, 14, 28):
        mean = expected[first : first + 14].sum()
        assert arrests[first : first + 14].sum() == pytest.approx(mean, abs=4 * np.sqrt(mean))
    assert expected[:14].sum() > 0.8 * expected.sum()
    assert arrests[60:].sum() <= 2
    assert _swept(50, surge=(1e6, 0.0, 0.0), cases=20, seed=1).sum() == 20


def test_suspects_forget_a_surge_that_is_over() -> None:
    """700 officers beyond the city's halve every five days or so: below a thousandth of one there is no sweep left."""
    policing = _lone([[0] * 3], (1050.0, 0.0, 0.0))
    policing.step(0)
    assert policing.v.habituated[0] == 100.0
    policing.v.surge[0], policing.v.patrols[0] = 0.0, 100.0
    for day in range(1, 75):
        policing.step(day)
        assert policing.v.habituated[0] > 0.0
    for day in range(75, 77):
        policing.step(day)
    assert policing.v.habituated[0] == 0.0


def test_a_second_surge_finds_people_again_after_a_while() -> None:
    policing = _lone([[10**6] * 3], (1050.0, 0.0, 0.0))
    found = []
    for surge in (1050.0, 0.0, 1050.0):
        policing.v.surge[0] = surge
        policing.v.patrols[0] = 100.0 + surge
        caught = 0
        for day in range(60):
            policing.v.members[0] = policing.v.cases[0] = 10**6
            policing.step(day)
            caught += int(policing.v.arrested.sum())
        found.append(caught)
    assert found[1] == 0
    assert found[2] > 0.8 * found[0]


def test_the_mega_operation_of_november_2023_arrests_few_in_lima() -> None:
    """700 officers, six days, four arrested (L0751); as many more through the emergency of the season. Not hundreds."""
    sim = whole_lima()
    (operation,) = (policy for policy in sim.scenario.policies if policy.kind == "mega_operation")
    first = (date(2023, 11, 2) - sim.scenario.start).days
    arrests = events(sim, "arrest")
    swept = (arrests["day"] >= first) & (arrests["day"] < first + 6)
    swept &= np.isin(arrests["caused_by"], events(sim, "policy_start")["event_id"])
    swept &= np.isin(arrests["district"], operation.arguments["districts"])
    assert 1 <= arrests["count"][swept].sum() <= 25


def test_added_officers_arrest_only_in_their_districts_and_days() -> None:
    numbers = {**BUSY, "parameters.policing.clearance": 0.0, "parameters.policing.sweep": 0.001}
    surge = MegaOperation(districts=["A"], officers=500, start="2018-06-11", end="2018-07-10")
    sim = run(row_of_three(numbers, groups=["local_norte"]), "2018-08-31", policies=[surge])
    arrests = events(sim, "arrest")
    assert arrests["count"].sum() > 10
    assert set(arrests["district"].tolist()) == {0}
    assert (arrests["day"] >= 161).all()
    assert (arrests["day"] <= 190).all()
    assert (arrests["caused_by"] == events(sim, "policy_start")["event_id"]).all()
    assert (sim.records["cases_cleared"] == 0).all()  # who is found in a sweep is no cleared case


def test_never_are_more_cases_cleared_or_closed_than_are_open() -> None:
    """Clearance, sweeps and giving up take from the same cases, on the same day; each wants more than there are."""
    for seed in range(40):
        policing = _lone(
            [[1, 2, 3]], (9000.0, 6000.0, 0.0), seed=seed, clearance=1.0, caseload=10.0, cold=1.0, sweep=1.0
        )
        cleared = 0
        for day in range(5):
            before = policing.v.cases.copy()
            policing.step(day)
            assert (policing.v.cases >= 0).all()
            assert (policing.v.cases_cleared + policing.v.cases <= before).all()
            cleared += policing.v.cases_cleared.sum()
        assert policing.v.cases.sum() == 0
        assert cleared <= 6


def test_operators_are_captured_where_most_cases_against_them_are_open() -> None:
    policing = _lone([[3, 8, 5]], captured=40, group="remote_operators")
    policing.step(0)
    np.testing.assert_array_equal(policing.v.arrested[0], [0, 40, 0])
    assert policing.v.operators_arrested[0] == 40
    all_of_them = _lone([[3, 8, 5]], captured=1000, group="remote_operators")
    all_of_them.step(0)
    np.testing.assert_array_equal(all_of_them.v.arrested[0], [0, 300, 0])


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


def test_arrests_name_the_operation_that_ordered_them_and_those_of_added_officers_who_added_them_last() -> None:
    numbers = {**BUSY, "parameters.policing.clearance": 0.0, "parameters.policing.sweep": 0.001}
    policies = [
        MegaOperation(districts=["C", "A"], officers=500, start="2018-06-11", end="2018-07-10"),
        MegaOperation(districts=["A"], officers=500, start="2018-06-21", end="2018-06-30"),
        Capture(group="local_norte", members=5, start="2018-08-01"),
    ]
    sim = run(row_of_three(numbers, groups=["local_norte"]), "2018-08-31", policies=policies)
    arrests, starts = events(sim, "arrest"), events(sim, "policy_start")
    place = {int(key): (int(count), int(district)) for key, count, district in zip(
        starts["event_id"], starts["count"], starts["district"], strict=True)}  # fmt: skip
    known = len(sim.scenario.policies)
    by_day = [
        (day, district, *place[int(key)])
        for day, district, key in zip(arrests["day"], arrests["district"], arrests["caused_by"], strict=True)
    ]
    assert {day for day, *_ in by_day} & {212} == {212}
    for day, district, policy, where in by_day:
        if day == 212:
            assert (policy, where) == (known + 2, -1)
        else:
            assert policy == known + (district == 0 and 171 <= day <= 180)
            assert where == district
    assert {known, known + 1} <= {policy for _, _, policy, _ in by_day}


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


def test_general_investigation_opens_cases_without_a_complaint_at_the_stated_rate() -> None:
    """Poisson with mean rate x investigators x members, by cell; 400 seeds, 4 sigma."""
    found = np.zeros(3)
    for seed in range(400):
        policing = _lone([[0, 0, 0]], general=0.0002, seed=seed)
        policing.v.members[0] = (100, 200, 0)
        policing.step(0)
        found += policing.v.cases_found
        np.testing.assert_array_equal(policing.v.cases_found, policing.v.cases.sum(axis=0))
        np.testing.assert_array_equal(policing.v.cases_opened, policing.v.cases)
    expected = 0.0002 * 10 * np.array([100, 200]) * 400
    assert (np.abs(found[:2] - expected) < 4 * np.sqrt(expected)).all()
    assert found[2] == 0


def test_a_unit_against_a_group_works_where_its_cases_and_members_are() -> None:
    """Two thirds of the leads are in B: two thirds of what the unit finds and clears are there."""
    found, cleared = np.zeros(3), np.zeros(3)
    for seed in range(300):
        policing = _lone([[100, 300, 100]], general=0.0001, clearance=0.01, caseload=0.0, unit_caseload=2.0, seed=seed)
        policing.v.investigators[:] = 0
        policing.v.members[0] = (100, 100, 100)
        policing.v.unit[0] = 30
        policing.v.unit_places[0] = (1, 1, 0)
        policing.step(0)
        found += policing.v.cases_found
        cleared += policing.v.cases_cleared.sum(axis=0)
    assert found[2] == cleared[2] == 0  # it may not work in C
    for seen, expected in ((found, 0.0001 * np.array([10, 20]) * 100), (cleared, 0.01 * 2 * np.array([10, 20]))):
        assert (np.abs(seen[:2] - 300 * expected) < 4 * np.sqrt(300 * expected)).all()


def test_a_special_unit_in_a_district_clears_more_there_over_replicates() -> None:
    """Paired with twins without it; of 10 seeds all have more clearances in A: by chance one run in 1,024."""
    numbers = {"parameters.policing.clearance": 0.02, "parameters.reporting.base": 0.0}
    city = row_of_three(numbers, groups=["local_norte"])
    unit = SpecialUnit(name="Team A", investigators=50, districts=["A"], start="2018-02-01")
    more = 0
    for seed in range(10):
        past = run(city, "2018-01-31", seed=seed)
        twins = [past.fork(policies=policies).run("2018-06-30").records for policies in ((), (unit,))]
        plain, helped = (records["cases_cleared"].sum(axis=0) for records in twins)
        more += helped[0] > plain[0]
        assert twins[1]["unit_days"].sum() == 50 * 150
    assert more == 10


def test_cases_wait_when_reports_rise_and_investigators_do_not() -> None:
    """Ten times the reports: arrests a report fall several-fold, and most cases wait (A3 in Lima)."""
    records = whole_lima().records
    quiet, flood = slice(0, 36), slice(54, 71)
    share = [records["cases_cleared"][when].sum() / records["reported"][when].sum() for when in (quiet, flood)]
    assert share[0] > 4 * share[1]
    waiting = records["cases_waiting"].sum(axis=1) / records["cases_open"].sum(axis=1)
    assert waiting[quiet].mean() < 0.5 < waiting[flood].mean()


def test_few_reports_end_in_an_arrest() -> None:
    """Of reports by firms 1.7% (L0516) and 2.2% (L0517) ended in arrests, before the wave; sentences: under 2%.

    All clearances are counted here, those without a complaint included: up to twice as many are within reach.
    """
    records = whole_lima().records
    before = slice(0, 36)
    assert 0.01 <= records["cases_cleared"][before].sum() / records["reported"][before].sum() <= 0.06
    assert 0.001 <= records["cases_cleared"].sum() / records["reported"].sum() <= 0.02
    assert (by_year(whole_lima(), "arrests").sum(axis=1) > 20).all()


def test_arrests_stay_flat_while_reports_rise_ten_fold() -> None:
    """Inmates for extortion: 1,333 in 2018 and 1,039 in 2022 (L0734, L0736); captures and surges come on top."""
    cleared, reported = (by_year(whole_lima(), name).sum(axis=1) for name in ("cases_cleared", "reported"))
    assert reported[4] > 8 * reported[:3].mean()
    assert 0.5 * cleared[:3].mean() < cleared[4] < 2.0 * cleared[:3].mean()


def test_those_held_are_of_the_order_of_the_inmates_of_the_record() -> None:
    """1,039 in Peru in October 2022, of whom Lima has a third by people and a half by reports; custody began empty."""
    held = whole_lima().records["held"].sum(axis=1)[57]
    assert 1039 / 3 / 4 < held < 1039 / 2
