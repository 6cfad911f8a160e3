"""Diffusion: how the remote technique spreads among operators."""

from __future__ import annotations

import numpy as np
import pytest

from racketsim.mechanisms.diffusion import adopt
from tests.mechanism_city import REMOTE, lima, row_of_three, run, whole_lima, with_group


def _adopters(days: int, first: int, potential: float, p: float, q: float, seeds: int) -> np.ndarray:
    """Return adopters at the end of each day, one row a seed."""
    table = np.empty((seeds, days))
    for seed in range(seeds):
        spent, adoptions, active = np.zeros(1), np.zeros(1, np.int64), first
        for day in range(days):
            active += adopt(np.uint64(seed), 0, active, potential, p, q, spent, adoptions)
            table[seed, day] = active
        assert adoptions[0] == active - first
    return table


def test_without_imitation_adoption_saturates_exponentially() -> None:
    """Pure innovation: the expected number is M (1 - exp(-p t)); 400 seeds, 4 sigma of the mean."""
    table = _adopters(60, 0, 100.0, 0.02, 0.0, 400)
    for day in (10, 30, 60):
        share = 1 - np.exp(-0.02 * day)
        sigma = np.sqrt(100 * share * (1 - share) / 400)
        assert table[:, day - 1].mean() == pytest.approx(100 * share, abs=4 * sigma)


def test_imitation_follows_the_logistic_curve() -> None:
    first, potential, q = 200, 10_000.0, 0.05
    table = _adopters(200, first, potential, 0.0, q, 8)
    days = np.arange(1, 201)
    curve = potential / (1 + (potential / first - 1) * np.exp(-q * days))
    np.testing.assert_allclose(table.mean(axis=0), curve, rtol=0.08)


def test_adoption_stops_at_the_potential() -> None:
    table = _adopters(500, 5, 50.0, 0.01, 0.5, 5)
    assert (table[:, -1] == 50).all()
    assert _adopters(5, 60, 50.0, 0.1, 0.5, 1)[0, -1] == 60


def test_nobody_adopts_where_there_is_nobody_to_learn_from_and_no_inventor() -> None:
    assert _adopters(100, 0, 100.0, 0.0, 0.5, 1)[0, -1] == 0


def test_there_are_no_remote_demands_before_the_technique_arrives_and_they_grow_after() -> None:
    records = whole_lima().records
    remote = records["demands"][..., REMOTE].sum(axis=(1, 2))
    arrival = (2021 - 2018) * 12 + 5
    assert (remote[:arrival] == 0).all()
    assert (records["operators"][:arrival] == 0).all()
    assert remote[arrival] > 0
    assert remote[arrival + 12] > 10 * remote[arrival]
    assert records["operators"].max() <= 2000 + records["arrests_by_group"].sum()


def test_remote_demands_rise_in_all_districts_at_once() -> None:
    remote = whole_lima().records["demands"][..., REMOTE].sum(axis=2)
    before, after = remote[41:45].sum(axis=0), remote[53:57].sum(axis=0)
    large = before >= 10
    growth = after[large] / before[large]
    assert large.sum() >= 10
    assert (growth > 2).all()


def test_remote_demands_are_operators_times_their_rate() -> None:
    scenario = with_group(row_of_three(groups=["remote_operators"]), "remote_operators", members=500.0, potential=500.0)
    sim = run(scenario, "2021-07-31")
    count = sim.records["demands"][42].sum()
    assert count == pytest.approx(500 * 0.1 * 31, abs=4 * np.sqrt(500 * 0.1 * 31))


def test_a_policy_can_lower_what_operators_can_do() -> None:
    def filtering(city, day):
        city.scale("remote_capacity", 0.5)

    scenario = with_group(row_of_three(groups=["remote_operators"]), "remote_operators", members=500.0, potential=500.0)
    free, held = run(scenario, "2021-07-31"), run(scenario, "2021-07-31", policies=[filtering])
    ratio = held.records["demands"].sum() / free.records["demands"].sum()
    assert ratio == pytest.approx(0.5, abs=0.07)


def test_faster_imitation_brings_the_wave_earlier() -> None:
    reached = []
    for q in (0.01, 0.02):
        sim = run(
            lima({"parameters.diffusion.imitation": q}, share=50, policies=False), "2022-06-30", keep_events=False
        )
        reached.append(sim.records["operators"][-1])
    assert reached[1] > 2 * reached[0]


def test_arrested_operators_leave_their_places_to_others() -> None:
    records = whole_lima().records
    assert records["arrests_by_group"][:, 8].sum() > 50
    assert records["operators"][-1] > 0.9 * 2000
