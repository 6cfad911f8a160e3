"""Recruitment: who takes part, whom takings can pay, whom a group dismisses."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from racketsim.mechanisms.growth import growth_hazards
from racketsim.mechanisms.recruitment import Recruitment, join_chance, pay_cells
from tests.lone_mechanism import alone
from tests.mechanism_city import row_of_three

VALUES = {
    "volunteers": 0.8,
    "forced": 0.1,
    "attitude": -1.5,
    "pay_weight": 0.5,
    "legal_wage": 34.0,
    "programme": 0.0,
    "arrest_weight": 50.0,
    "death_weight": 100.0,
    "death_prior": 0.000538,
    "prior_weight": 500.0,
    "memory": 120.0,
    "salary": 100.0,
    "pooled": 0.5,
    "patience": 180.0,
    "dismissal_mean": 60.0,
}
GROUPS = ("local_norte", "gallegos", "remote_operators")
LOCAL, ENTRANT = 0, 1


class Town:
    """Three districts with 20 members of the local group in each, who take 130 PEN a member-day in person."""

    def __init__(self, *, seed: int = 1, **changes: float) -> None:
        G, D = len(GROUPS) + 17, 3
        self.members = np.zeros((G, D), dtype=np.int64)
        self.members[LOCAL] = 20
        self.arrested, self.fallen, self.avenged, self.lynched = (np.zeros_like(self.members) for _ in range(4))
        self.sponsor_paid = np.zeros(G, dtype=np.int64)
        self.flow = np.zeros((D, G), dtype=np.int64)
        self.flow[:, LOCAL] = 100 * 130 * 20
        self.income = self.flow.copy()
        self.revenue = np.zeros((G, 5), dtype=np.int64)
        self.parent = np.full(G, -1, dtype=np.int64)
        self.day = 0
        self.mechanism = alone(
            Recruitment,
            row_of_three(groups=GROUPS),
            VALUES | changes,
            seed,
            members=self.members,
            prior_arrest=np.array([0.000615]),
            arrested=self.arrested,
            fallen=self.fallen,
            avenged=self.avenged,
            lynched=self.lynched,
            sponsor_paid=self.sponsor_paid,
            income_group=self.income,
            flow_group=self.flow,
            revenue=self.revenue,
            parent=self.parent,
        )
        self.mechanism.prepare()
        self.v = self.mechanism.v

    def days(self, count: int) -> None:
        """Live through days; whoever is dismissed is gone the next day."""
        for _ in range(count):
            self.mechanism.step(self.day)
            self.members -= self.v.dismissed
            self.day += 1


def _chance(**given: Any) -> float:
    published = {
        "pay": 13_000.0,
        "arrest_risk": 800 / (52 * 25_000),
        "death_risk": 700 / (52 * 25_000),
        "volunteers": 0.8,
        "forced": 0.1,
        "attitude": -1.0,
        "pay_weight": 1.0,
        "legal_wage": 14.7 * 300,
        "programme": 0.0,
        "arrest_weight": 200.0,
        "death_weight": 300.0,
    }
    return float(join_chance(*(published | given).values()))


def test_the_chance_to_join_is_that_of_the_published_model() -> None:
    odds = -1.0 + (13_000 - 4410 - 832) / 4410 - 200 * 800 / 1_300_000 - 300 * 700 / 1_300_000
    assert _chance(programme=832.0) == pytest.approx(0.8 / (1 + math.exp(-odds)) + 0.1)


@pytest.mark.parametrize("name", ["legal_wage", "programme", "arrest_risk", "death_risk"])
def test_wages_programmes_and_risks_keep_people_out(name: str) -> None:
    low, high = {"legal_wage": (3000.0, 6000.0), "programme": (0.0, 832.0)}.get(name, (0.0, 0.005))
    assert _chance(**{name: high}) < _chance(**{name: low})


def test_the_forced_join_whatever_happens_and_no_more_than_everybody_does() -> None:
    assert _chance(arrest_risk=1.0) == pytest.approx(0.1)
    assert _chance(pay=1e6) == pytest.approx(0.9)


def test_while_nothing_happens_participation_stays_what_it_was() -> None:
    town = Town()
    assert (town.v.participation == 1.0).all()
    town.days(7)
    assert town.v.participation[LOCAL] == 1.0
    town.days(364)
    assert 1.0 <= town.v.participation[LOCAL] < 1.05  # nobody is arrested: risks look a little smaller than the prior
    assert (town.v.posts == 1.0).all()
    assert not town.v.dismissed_so_far.any()


@pytest.mark.parametrize("flow", ["arrested", "fallen", "avenged"])
def test_arrests_and_deaths_lower_participation_until_they_are_forgotten(flow: str) -> None:
    town = Town()
    town.days(14)
    before = town.v.participation[LOCAL]
    getattr(town, flow)[LOCAL, 0] = 12
    town.days(1)
    getattr(town, flow)[:] = 0
    town.days(6)
    after = town.v.participation[LOCAL]
    assert after < 0.9 * before
    town.days(720)
    assert town.v.participation[LOCAL] > before - 0.02


def test_who_is_paid_less_attracts_fewer() -> None:
    town = Town(memory=20.0)
    town.days(14)
    town.income[:, LOCAL] = 100 * 50 * 20
    town.days(140)
    assert town.v.pay[LOCAL] == pytest.approx(50.0, rel=0.01)
    odds = [-1.5 + 0.5 * (pay - 34) / 34 for pay in (100.0, 50.0)]
    expected = [0.8 / (1 + math.exp(-o + 0.08)) + 0.1 for o in odds]
    assert town.v.participation[LOCAL] == pytest.approx(expected[1] / expected[0], abs=0.05)


def test_a_social_programme_from_the_start_keeps_people_out_from_the_start() -> None:
    town = Town(programme=17.0)  # half a legal wage
    town.days(7)
    odds = -1.5 + 0.5 * 66 / 34 - 50 * 0.000615 - 100 * 0.000538
    expected = (0.8 / (1 + math.exp(0.25 - odds)) + 0.1) / (0.8 / (1 + math.exp(-odds)) + 0.1)
    assert town.v.participation[LOCAL] == pytest.approx(expected, rel=0.01)


def test_newcomers_are_measured_against_the_others_and_breakaways_against_their_parent() -> None:
    town = Town()
    town.days(14)
    town.members[ENTRANT, 0] = 10
    town.members[5, 2] = 4
    town.parent[5] = LOCAL
    town.days(7)
    assert town.v.join_base[ENTRANT] == town.v.join_base[5] == town.v.join_base[LOCAL]
    assert town.v.participation[ENTRANT] < 0.8  # it takes nothing yet, so it pays nothing


def _paid(members: list[int], takings: list[float], other: float = 0.0, pooled: float = 0.0, short: float = 0.0) -> Any:
    """Return posts, days short, dismissal and pay of one group's cells; takings in PEN a day, salary 100."""
    shape = (1, len(members))
    posts, days, dismissal, pay = np.zeros(shape), np.full(shape, short), np.zeros(shape), np.zeros(1)
    given = (np.array([members]), 100.0 * np.array([takings]), np.array([[0, 0, round(100.0 * other)]]))
    pay_cells(*given, 100.0, pooled, 180.0, 60.0, posts, days, dismissal, pay)
    return posts[0].tolist(), days[0].tolist(), dismissal[0].tolist(), pay[0]


def test_a_cell_recruits_no_more_than_takings_can_pay() -> None:
    posts, days, dismissal, pay = _paid([10, 10, 10, 0], [2000.0, 1040.0, 990.0, 0.0])
    assert posts == pytest.approx([1.0, 0.4, 0.0, 1.0])
    assert days == [0.0, 0.0, 7.0, 0.0]
    assert dismissal == [0.0] * 4
    assert pay == 100.0


def test_a_pool_and_other_revenue_carry_a_cell_that_takes_nothing() -> None:
    assert _paid([10, 10], [2500.0, 0.0])[0] == [1.0, 0.0]
    assert _paid([10, 10], [2500.0, 0.0], pooled=1.0)[0] == [1.0, 1.0]
    assert _paid([10, 10], [2500.0, 0.0], other=2200.0)[0] == [1.0, 1.0]


def test_pay_falls_with_what_there_is() -> None:
    assert _paid([10], [600.0])[3] == pytest.approx(60.0)
    assert _paid([10], [5000.0])[3] == 100.0


def test_a_shortage_is_borne_for_a_time_and_then_costs_those_who_cannot_be_paid() -> None:
    assert _paid([10], [400.0], short=100.0)[2] == [0.0]
    assert _paid([10], [400.0], short=180.0)[2] == pytest.approx([6 / 60])
    assert _paid([10], [1100.0], short=500.0)[1] == [0.0]


def test_members_are_dismissed_only_after_a_long_shortage_and_down_to_what_can_be_paid() -> None:
    town = Town(memory=20.0)
    town.income[:, LOCAL] = 100 * 50 * 20  # half of them can be paid
    town.days(150)
    assert town.members[LOCAL].sum() == 60
    town.days(600)
    left = town.members[LOCAL].sum()
    assert 29 <= left <= 36
    assert town.v.dismissed_so_far.sum() == 60 - left
    assert town.v.pay[LOCAL] > 80.0


def test_nobody_is_dismissed_who_was_arrested_or_killed_that_day() -> None:
    town = Town(memory=7.0, patience=0.0, dismissal_mean=1.0)
    town.income[:] = 0
    town.arrested[LOCAL], town.fallen[LOCAL], town.avenged[LOCAL] = 11, 5, 2
    for _ in range(21):
        town.mechanism.step(town.day)
        town.day += 1
        assert (town.v.dismissed <= 2).all()
    assert town.v.dismissed.any()


def test_arrests_are_made_good_by_recruits() -> None:
    members, capacity = 34.0, np.array([40.0])
    for day in range(3 * 365):
        if day == 365:
            members *= 0.7
        joining, quitting = np.zeros((1, 1)), np.zeros((1, 1))
        crowd = np.array([[members]])
        led = np.zeros(1, dtype=np.int64)
        growth_hazards(crowd, crowd, capacity, np.ones(1), np.ones((1, 1)), led, day, 0.004, 0.0006, joining, quitting)
        members += joining.item() - quitting.item()
        if day == 364:
            assert members == pytest.approx(34.0)
        if day == 365 + 180:
            assert 0.8 * 34 < members < 0.9 * 34  # half of the loss is made good within half a year
    assert members > 0.95 * 34.0


def test_the_same_seed_gives_the_same_bits() -> None:
    def after(seed: int) -> dict[str, bytes]:
        town = Town(seed=seed, memory=20.0)
        town.income[:] //= 3
        town.days(400)
        return {name: getattr(town.v, name).tobytes() for name in Recruitment.writes}

    assert after(3) == after(3)
    assert after(3)["dismissed_so_far"] != after(4)["dismissed_so_far"]
