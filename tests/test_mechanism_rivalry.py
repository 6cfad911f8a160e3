"""Rules between rival groups, against their formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from racketsim.mechanisms import rivalry

sizes = st.floats(0.1, 1e4)


@settings(deadline=None)
@given(own=sizes, other=sizes, mu=st.floats(0.0, 5.0))
def test_contest_success_is_the_ratio_of_powers_and_sums_to_one(own: float, other: float, mu: float) -> None:
    chance = rivalry.win_chance(own, other, mu)
    assert chance == pytest.approx(own**mu / (own**mu + other**mu))
    assert chance + rivalry.win_chance(other, own, mu) == pytest.approx(1.0)
    both = rivalry.success_chances(np.array([own, other]), mu)
    np.testing.assert_allclose(both, [chance, 1.0 - chance], rtol=1e-9, atol=1e-12)


def test_chances_that_are_published() -> None:
    assert rivalry.expansion_chance(1 / 3, 1.0) == pytest.approx(1 / (1 + math.exp(-1 / 3)))
    assert rivalry.fight_chance(100, 100) == pytest.approx(0.5)
    assert rivalry.fight_chance(300, 100) == pytest.approx(1 / (1 + math.exp(-0.5)))
    assert rivalry.alliance_chance(0.5, 0.2) == pytest.approx(0.3)
    assert rivalry.alliance_chance(0.2, 0.5) == 0.0


def test_the_smallest_group_that_suffices_becomes_the_ally() -> None:
    strength = np.array([10.0, 4.0, 9.0, 7.0, 5.0])
    assert rivalry.find_ally(strength, 0, 1, 5) == 3
    assert rivalry.find_ally(strength, 0, 1, 3) == 2
    assert rivalry.find_ally(strength, 0, 1, 1) == rivalry.NOBODY
    assert rivalry.find_ally(np.array([10.0, 1.0, 2.0]), 0, 1, 3) == rivalry.NOBODY


def test_the_stronger_wins_with_its_chance_then_the_weaker_with_its_own() -> None:
    rng = np.random.default_rng(1)
    won = np.array([rivalry.victor(3.0, 1.0, 1.0, u, v) for u, v in rng.random((40_000, 2))])
    assert (won == 0).mean() == pytest.approx(0.75, abs=0.01)
    assert (won == 1).mean() == pytest.approx(0.25 * 0.25, abs=0.006)
    turned = np.array([rivalry.victor(1.0, 3.0, 1.0, u, v) for u, v in rng.random((40_000, 2))])
    assert (turned == 1).mean() == pytest.approx(0.75, abs=0.01)


@settings(deadline=None)
@given(members=st.integers(0, 1000), share=st.floats(0.0, 1.0))
def test_casualties_round_up_without_a_draw_and_keep_their_mean_with_one(members: int, share: float) -> None:
    assert rivalry.casualties(members, share, 0.0) == min(math.ceil(members * share), members)
    draws = (np.arange(200) + 0.5) / 200
    mean = np.mean([rivalry.casualties(members, share, draw) for draw in draws])
    assert mean == pytest.approx(members * share, abs=0.006)


def test_payroll_pays_expels_and_recruits() -> None:
    pay = rivalry.payroll
    assert pay(100, 50_000, 40_000, 0.3, 291.0, 0.8, 0.5) == (50_000 - 29_100, 0, math.floor(37 * 0.7))
    assert pay(100, 500_000, 400_000, 0.3, 291.0, 0.8, 0.5).recruited == 50  # half of the members at most
    assert pay(100, 500_000, 400_000, 0.9, 291.0, 0.8, 0.5).recruited == 0  # it dominates already
    assert pay(100, 29_000, 29_200, 0.3, 291.0, 0.8, 0.5).expelled == 1  # wealth is short
    assert pay(100, 290_000, 14_550, 0.3, 291.0, 0.8, 0.5).expelled == 50  # takings are short
    assert pay(100, 0, 0, 0.3, 291.0, 0.8, 0.5) == (0.0, 100, 0)


def test_who_is_strong_alone_and_led_does_not_rove() -> None:
    assert rivalry.roving_share(1.0, 0.0, 1.0, 0.8) == pytest.approx(0.0)
    assert rivalry.roving_share(1.0, 0.0, 0.0, 0.8) == pytest.approx(0.8)
    assert rivalry.roving_share(0.25, 0.0, 1.0, 1.0) == pytest.approx(0.75)
    assert rivalry.roving_share(0.5, 0.5, 1.0, 1.0) == pytest.approx(0.75)


def test_tribute_falls_with_competition_and_a_truce_of_two_equals_restores_15_to_20_percent() -> None:
    assert rivalry.tribute_factor(0.0, 0.25) == 1.0
    assert 1.15 <= rivalry.tribute_factor(0.0, 0.25) / rivalry.tribute_factor(0.5, 0.25) <= 1.20
