"""Portfolio and recruitment in the city: what they change, and what they leave as it was."""

from __future__ import annotations

from functools import cache

import pytest

from racketsim.mechanisms.activities import LOANS, TRAFFICKING
from racketsim.policies.capture import Capture
from racketsim.results.vocabulary import ACTIVITIES
from racketsim.simulation import Sim
from tests.mechanism_city import lima

UNTIL = "2019-12-31"


@cache
def small(until: str = UNTIL, without: tuple[str, ...] = (), **overrides: float) -> Sim:
    """Return Lima with one in twenty targets and all its members, without policies, at a date."""
    named = {name.replace("__", "."): value for name, value in overrides.items()}
    return Sim(lima(named, share=20, policies=False), without=without, keep_events=False).run(until)


def test_the_calibrated_start_is_unchanged() -> None:
    week = Sim(lima(share=20, policies=False), keep_events=False).run("2018-01-05")
    assert (week._state["effort"] == 1.0).all()
    assert not week._state["debt_rate"].any()
    assert (week._state["participation"] == 1.0).all()


def test_every_group_with_members_earns_from_every_activity_but_the_remote_one() -> None:
    records = small().records
    at_work = records["members"][-1].sum(axis=0) > 0
    revenue = records["revenue"][-1][at_work]
    assert revenue.shape[1] == len(ACTIVITIES)
    assert (revenue[:, LOANS:] > 0).all()
    assert not records["revenue"][-1][:, 1].any()
    assert (records["revenue"].sum(axis=(1, 2)) >= records["tribute_by_group"].sum(axis=(1, 2))).all()
    assert records["revenue"][:, :, :2].sum() == records["tribute_by_group"].sum()


def test_trafficking_is_counted_in_people_harmed() -> None:
    assert small().records["harmed"].sum() > 100
    assert not small(parameters__portfolio__harmed=0.0).records["harmed"].any()
    assert small().records["revenue"][:, :, TRAFFICKING].sum() > 0


def test_defaulting_debtors_become_targets() -> None:
    demands = [int(small(parameters__portfolio__pressed=share).records["demands"].sum()) for share in (0.0, 0.1, 0.5)]
    assert demands[0] < demands[1] < demands[2]
    assert demands[1] < 1.15 * demands[0]


def test_without_the_element_there_is_nothing_but_extortion() -> None:
    sim = small(without=("A7",))
    assert not sim.records["revenue"].any()
    assert not sim.records["debtors"].any()
    assert (sim._state["effort"] == 1.0).all()
    assert (sim._state["participation"] == 1.0).all()


def test_incumbents_are_in_equilibrium() -> None:
    members = small().records["members"].sum(axis=(1, 2))
    assert members[-1] == pytest.approx(members[0], rel=0.1)


def test_a_wave_of_arrests_regenerates() -> None:
    capture = Capture(group="local_norte", start="2018-02-01", end="2018-02-01", members=126, leader=False)
    sim = Sim(lima(share=20, policies=False), policies=[capture], keep_events=False).run("2021-01-31")
    group = [g.id for g in sim.groups].index("local_norte")
    members = sim.records["members"][:, :, group].sum(axis=1)
    assert members[1] < 0.78 * members[0]
    assert members[-1] > members[1] + 0.6 * (members[0] - members[1])


def test_pay_that_takings_do_not_cover_costs_members() -> None:
    rich, poor = small(), small(parameters__recruitment__salary=300.0, parameters__recruitment__patience=60.0)
    assert poor.records["dismissed"].sum() > 10
    assert poor.records["members"][-1].sum() < 0.9 * rich.records["members"][-1].sum()


def test_a_social_programme_leaves_groups_smaller() -> None:
    members = [small(parameters__recruitment__programme=v).records["members"][-1].sum() for v in (0.0, 7.0)]
    assert members[1] < 0.97 * members[0]
