"""Portfolio and recruitment in the city: what they change, and what they leave as it was."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
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


def members_of(sim: Sim, group_id: str) -> npt.NDArray[np.int64]:
    """Members at the end of each month of a group and of all that broke away from it."""
    band = {[group.id for group in sim.groups].index(group_id)}
    for place in range(len(sim.groups)):
        if int(sim._state["parent"][place]) in band:
            band.add(place)
    return np.asarray(sim.records["members"][:, :, sorted(band)].sum(axis=(1, 2)))


@pytest.mark.slow
def test_a_wave_of_arrests_regenerates() -> None:
    """A band that loses 30% is back, fragments included, near where it would be without the wave, after three years.

    The equation says that a gap closes at rho - omega = 0.0034 a day while there is room: two thirds in a year and
    97% in three. A pair of runs differs by some 15 members for other reasons, the mean of four by 8: below 60% of a
    gap of 107 recovered is 4.5 sigma from 97% (false-alarm rate below 1e-5).
    """
    gaps = []
    for seed in range(1, 5):
        wave = Capture(group="local_norte", start="2018-02-01", end="2018-02-01", members=126)
        hit, spared = (
            members_of(
                Sim(lima(share=20, policies=False), seed=seed, policies=policies, keep_events=False).run("2021-01-31"),
                "local_norte",
            )
            for policies in ([wave], [])
        )
        assert hit[0] == spared[0]
        gaps.append(spared - hit)
    gap = np.mean(gaps, axis=0)
    assert gap[1] > 0.22 * 420
    assert gap[-1] < 0.4 * gap[1]


def test_pay_that_takings_do_not_cover_costs_members() -> None:
    rich, poor = small(), small(parameters__recruitment__salary=300.0, parameters__recruitment__patience=60.0)
    assert poor.records["dismissed"].sum() > 10
    assert poor.records["members"][-1].sum() < 0.9 * rich.records["members"][-1].sum()


@pytest.mark.slow
def test_a_social_programme_leaves_groups_smaller() -> None:
    """A programme of a fifth of the wage shrinks groups by some 5%, which arrests and clashes blur in one run.

    It lowers P(join) from 0.38 to 0.36, p from 1 to 0.955, and with it members at rest, K (p - omega / rho), by 5%.
    One pair of runs has a standard deviation of 2.6%, the mean of six 1.1%: each bound is 3 sigma or more
    from what ten pairs gave, -4.3% (false-alarm rate below 0.3%).
    """
    change = []
    for seed in range(1, 7):
        without, programme = (
            Sim(
                lima({"parameters.recruitment.programme": value}, share=20, policies=False),
                seed=seed,
                keep_events=False,
            )
            .run(UNTIL)
            .records["members"][-1]
            .sum()
            for value in (0.0, 7.0)
        )
        change.append(np.log(programme / without))
    assert -0.085 < np.mean(change) < -0.01
