"""Portfolio: members go where one more brings most; loans make debtors; trafficking is counted in people harmed."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from racketsim.mechanisms.activities import (
    DRUGS,
    EXTORTION,
    LOANS,
    REMOTE_EXTORTION,
    TRAFFICKING,
    WEEK,
    average_revenue,
    equal_margins,
    follow_margins,
    loans_granted,
    markets,
    relax_debtors,
)
from racketsim.mechanisms.portfolio import Portfolio, tally
from tests.lone_mechanism import alone
from tests.mechanism_city import row_of_three

VALUES = {
    "speed": 0.1,
    "memory": 365.0,
    "least_share": 0.01,
    "extortion_exponent": 0.8,
    "market_exponent": 0.5,
    "drug_return": 420.0,
    "trafficking_return": 250.0,
    "loans": 2.7,
    "principal": 650.0,
    "interest": 0.3,
    "term": 22.5,
    "default": 0.1,
    "pressed": 0.1,
    "exposure_remote": 0.3,
    "exposure_loans": 0.5,
    "exposure_drugs": 1.5,
    "exposure_trafficking": 1.0,
    "arrest_cost": 60_000.0,
    "harmed": 0.012,
}
GROUPS = ("local_norte", "gallegos", "remote_operators")
LOCAL, ENTRANT, REMOTE = 0, 1, 2
TAKE = 130.0


class Town:
    """Three districts with 20 members of the local group in each, and whatever a test changes."""

    def __init__(self, *, seed: int = 1, off: tuple[str, ...] = (), **changes: float) -> None:
        scenario = row_of_three(groups=GROUPS)
        G, D = len(GROUPS) + 17, 3
        self.members = np.zeros((G, D), dtype=np.int64)
        self.members[LOCAL] = 20
        self.operators = np.zeros(G, dtype=np.int64)
        self.capacity, self.mobility = np.full(D, 20.0 / 0.85), np.ones(D)
        self.parent = np.full(G, -1, dtype=np.int64)
        self.flow = np.zeros((D, G), dtype=np.int64)
        self.flow[:, LOCAL] = round(100 * TAKE * 20)
        self.income, self.remote = self.flow.copy(), np.zeros_like(self.flow)
        self.risk = np.full(G, 6e-4)
        self.day = 0
        self.mechanism = alone(
            Portfolio,
            scenario,
            VALUES | changes,
            seed,
            off,
            members=self.members,
            operators=self.operators,
            capacity=self.capacity,
            mobility=self.mobility,
            parent=self.parent,
            flow_group=self.flow,
            income_group=self.income,
            income_remote=self.remote,
            arrest_risk=self.risk,
        )
        self.mechanism.prepare()
        self.v = self.mechanism.v

    def weeks(self, count: int) -> None:
        """Live through weeks in which extortion brings what its effort earns."""
        for _ in range(count * WEEK):
            self.mechanism.step(self.day)
            self.day += 1

    def margins(self, group: int = LOCAL) -> npt.NDArray[np.float64]:
        """Return the marginal net revenue of extortion, loans, drugs and trafficking."""
        share, total = self.v.activity_share[group], self.members[group].sum()
        room = 0.1 * self.mechanism._market[group] / total
        p = VALUES
        lent = p["loans"] * p["principal"] * (p["interest"] * (1 - p["default"]) - p["default"])
        gross = [0.8 * self.v.expected_take[group]]
        for a, value in ((LOANS, lent), (DRUGS, p["drug_return"]), (TRAFFICKING, p["trafficking_return"])):
            gross.append(0.5 * average_revenue(value, share[a], room, 0.5))
        exposed = np.array([1.0, 0.5, 1.5, 1.0])
        return np.asarray(np.array(gross) - exposed * self.risk[group] / 7 * p["arrest_cost"])


def test_at_the_start_margins_are_equal_and_nothing_moves() -> None:
    town = Town()
    assert town.margins() == pytest.approx(town.margins()[0], rel=1e-6)
    start = town.v.activity_share[LOCAL].copy()
    assert start.sum() == pytest.approx(1.0)
    assert start[REMOTE_EXTORTION] == pytest.approx(0.01)
    town.weeks(26)
    assert town.v.activity_share[LOCAL] == pytest.approx(start, rel=1e-3)
    assert town.v.effort[LOCAL] == pytest.approx(1.0, rel=1e-3)


@pytest.mark.parametrize("factor", [0.75, 2.0])
def test_members_follow_what_extortion_brings_and_margins_are_equal_again(factor: float) -> None:
    town = Town(memory=60.0)
    before = town.v.activity_share[LOCAL].copy()
    for _ in range(260):
        town.income[:, LOCAL] = factor * town.flow[:, LOCAL] * town.v.effort[LOCAL]  # it brings what its effort earns
        town.weeks(1)
    after = town.v.activity_share[LOCAL]
    assert (after[EXTORTION] > before[EXTORTION]) == (factor > 1.0)
    assert all((after[a] < before[a]) == (factor > 1.0) for a in (LOANS, DRUGS, TRAFFICKING))
    assert town.margins() == pytest.approx(town.margins()[0], rel=0.02)
    assert town.v.effort[LOCAL] == pytest.approx(after[EXTORTION] / before[EXTORTION])


def test_arrests_move_members_from_what_is_seen_to_what_is_not() -> None:
    town = Town()
    before = town.v.activity_share[LOCAL].copy()
    town.risk[:] = 6e-3
    town.weeks(26)
    after = town.v.activity_share[LOCAL]
    assert after[DRUGS] < 0.9 * before[DRUGS]
    assert after[LOANS] / before[LOANS] > after[TRAFFICKING] / before[TRAFFICKING] > after[DRUGS] / before[DRUGS]


def test_remote_extortion_waits_for_the_technique() -> None:
    town = Town(memory=30.0)
    town.weeks(4)
    assert town.v.remote_effort.sum() == 0.0
    town.operators[REMOTE] = 2000
    town.remote[0, REMOTE] = town.income[0, REMOTE] = 2000 * 300 * 100
    town.weeks(52)
    assert town.v.remote_return[0] == pytest.approx(300.0, rel=0.01)
    assert town.v.activity_share[LOCAL, REMOTE_EXTORTION] > 0.03
    assert town.v.remote_effort[LOCAL] == pytest.approx(60 * town.v.activity_share[LOCAL, REMOTE_EXTORTION])
    assert town.v.remote_effort[REMOTE] == 0.0


def test_empty_streets_leave_less_to_sell() -> None:
    town = Town()
    before = town.v.revenue[LOCAL, DRUGS]
    town.mobility[:] = 0.25
    town.weeks(1)
    assert town.v.revenue[LOCAL, DRUGS] == pytest.approx(0.5 * before, rel=0.06)  # 0.25 ** (1 - 0.5)


def test_newcomers_learn_from_the_others_and_breakaways_from_their_parent() -> None:
    town = Town()
    town.income[:, LOCAL] //= 3
    town.weeks(52)
    town.members[ENTRANT, 0] = 15
    town.members[4, 1] = 6
    town.parent[4] = LOCAL
    local = town.v.activity_share[LOCAL].copy()
    assert town.v.effort[ENTRANT] == 1.0
    town.weeks(1)
    for group in (ENTRANT, 4):
        assert town.v.activity_share[group] == pytest.approx(local, rel=0.05)
        assert town.v.start_share[group] == town.v.start_share[LOCAL]
    town.weeks(100)  # the entrant takes nothing yet: it turns to the other activities, slowly
    assert 0.0 < town.v.effort[ENTRANT] < 0.8 * town.v.effort[LOCAL]


def test_a_group_with_nobody_to_learn_from_starts_all_the_same() -> None:
    town = Town()
    town.members[:] = 0
    town.v.start_share[:] = 0.0
    town.members[ENTRANT, 0] = 15
    town.weeks(3)
    assert town.v.activity_share[ENTRANT].sum() == pytest.approx(1.0)
    assert town.v.effort[ENTRANT] == pytest.approx(1.0, abs=0.1)


def test_revenue_by_activity_adds_up_to_what_collection_reports_and_what_parameters_say() -> None:
    town = Town()
    town.remote[1, LOCAL] = 700
    town.income[1, LOCAL] += 700
    town.weeks(1)
    assert town.v.revenue[LOCAL, EXTORTION] == town.income[:, LOCAL].sum() - 700
    assert town.v.revenue[LOCAL, REMOTE_EXTORTION] == 700
    share = town.v.activity_share[LOCAL, DRUGS]
    room = 0.1 / 0.85
    assert town.v.revenue[LOCAL, DRUGS] == pytest.approx(100 * 420 * 60 * share * (share / room) ** -0.5, rel=1e-6)
    assert town.v.revenue[ENTRANT].sum() == 0


def test_revenue_is_concave_in_members_and_in_proportion_to_the_town() -> None:
    def total(members: float, market: float) -> float:
        return members * float(average_revenue(100.0, 0.2, 0.1 * market / members, 0.5))

    assert total(20.0, 10.0) == pytest.approx(math.sqrt(2.0) * total(10.0, 10.0))
    assert total(20.0, 20.0) == pytest.approx(2.0 * total(10.0, 10.0))
    assert average_revenue(100.0, 0.1, 0.1, 0.5) == 100.0
    assert average_revenue(100.0, 0.1, 0.0, 0.5) == 0.0


def test_markets_share_what_districts_can_feed_by_presence() -> None:
    members = np.array([[10, 0, 5], [30, 0, 0]])
    market = np.zeros(2)
    markets(members, np.array([20.0, 50.0, 8.0]), np.array([1.0, 1.0, 0.5]), market)
    assert market == pytest.approx([5.0 + 4.0, 15.0])


@settings(max_examples=60, deadline=None)
@given(
    take=st.floats(0.0, 1e4),
    room=st.floats(1e-3, 2.0),
    value=st.lists(st.floats(0.0, 1e4), min_size=4, max_size=4),
    risk=st.lists(st.floats(0.0, 500.0), min_size=5, max_size=5),
    moves=st.lists(st.lists(st.floats(-1e4, 1e4), min_size=5, max_size=5), max_size=5),
)
def test_shares_are_always_shares(
    take: float, room: float, value: list[float], risk: list[float], moves: list[list[float]]
) -> None:
    share, exponent = np.zeros(5), np.array([0.8, 0.5, 0.5, 0.5, 0.5])
    equal_margins(take, room, np.array([0.0, *value]), np.array(risk), exponent, 0.01, share)
    for margin in (None, *moves):
        if margin is not None:
            follow_margins(np.array(margin), 0.3, 0.01, share)
        assert share.sum() == pytest.approx(1.0)
        assert (share > 0.009).all()


def test_five_lenders_have_three_hundred_names_in_their_books() -> None:
    granted, debtors, rate = np.zeros(1), np.zeros((1, 2)), np.zeros((1, 2))
    loans_granted(np.array([50]), np.array([50.0]), np.array([0.1]), 2.7, 0.5, granted)
    members = np.array([[20, 30]])
    for _ in range(60):
        relax_debtors(members, granted, 22.5, 0.1, 0.2, debtors, rate)
    assert debtors.sum() == pytest.approx(5 * 2.7 * 22.5)
    assert debtors[0, 0] / debtors[0, 1] == pytest.approx(20 / 30)
    assert rate == pytest.approx(0.1 * 0.2 * debtors / 22.5)


def test_books_that_nobody_keeps_run_out_and_press_nobody() -> None:
    debtors, rate = np.full((1, 2), 100.0), np.full((1, 2), 1.0)
    relax_debtors(np.array([[0, 4]]), np.zeros(1), 22.5, 0.1, 0.2, debtors, rate)
    assert debtors == pytest.approx(100.0 * math.exp(-7 / 22.5))
    assert rate[0, 0] == 0.0
    assert rate[0, 1] > 0.0


def test_debtors_start_at_rest_and_press_from_the_first_decision_on() -> None:
    town = Town()
    start = town.v.debtors.copy()
    assert start[LOCAL].sum() == pytest.approx(60 * 0.17 * 60, rel=0.4)  # a sixth of the members lend to sixty each
    assert not town.v.debt_rate.any()
    town.weeks(4)
    assert town.v.debtors[LOCAL] == pytest.approx(start[LOCAL], rel=0.02)
    assert town.v.debt_rate[LOCAL] == pytest.approx(0.01 * town.v.debtors[LOCAL] / 22.5)


def test_people_harmed_are_a_poisson_count_in_the_members_who_traffic() -> None:
    town, harmed = Town(harmed=0.5), 0
    for _ in range(200):
        town.mechanism.step(town.day)
        town.day += 1
        harmed += int(town.v.harmed.sum())
    expected = 200 * 0.5 * 60 * town.v.activity_share[LOCAL, TRAFFICKING]
    assert harmed == town.v.harmed_so_far.sum()
    assert abs(harmed - expected) < 5 * math.sqrt(expected)
    assert town.v.harmed_so_far[LOCAL + 1 :].sum() == 0


def test_without_the_element_members_only_extort() -> None:
    town = Town(off=("A7",))
    assert town.mechanism.rests
    assert (town.v.effort == 1.0).all()
    assert not any(getattr(town.v, name).any() for name in ("revenue", "debtors", "debt_rate", "remote_effort"))


def test_tally_splits_the_income_of_a_day() -> None:
    income, remote = np.array([[5, 7], [1, 0]]), np.array([[2, 7], [0, 0]])
    revenue, earned = np.full((2, 5), 9), np.array([100, 0])
    assert tally(income, remote, np.array([False, True]), revenue, earned) == 7
    assert revenue[:, :2].tolist() == [[4, 2], [0, 7]]
    assert revenue[:, 2:].tolist() == [[9] * 3] * 2
    assert earned.tolist() == [104, 0]


def test_the_same_seed_gives_the_same_bits_and_another_seed_other_harm() -> None:
    def after(seed: int) -> dict[str, Any]:
        town = Town(seed=seed, harmed=0.5)
        town.weeks(10)
        return {name: getattr(town.v, name).tobytes() for name in Portfolio.writes}

    assert after(3) == after(3)
    assert after(3)["harm_threshold"] != after(4)["harm_threshold"]
    assert after(3)["activity_share"] == after(4)["activity_share"]
