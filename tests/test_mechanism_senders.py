"""What targets believe about who asks: Bayes' rule, filtering, and names that impostors claim."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from racketsim.mechanisms.senders import claim_belief, draw_claim, filters, genuine_posterior, repeated_harm

SHARE = st.floats(0.0, 1.0)


def test_the_posterior_is_what_a_count_of_senders_gives() -> None:
    rng = np.random.default_rng(1)
    genuine = rng.random(400_000) < 0.7
    punished = genuine[:, None] & (rng.random((400_000, 3)) < 0.25)
    spared = ~punished.any(axis=1)
    assert genuine_posterior(0.7, 0.25, 3) == pytest.approx(genuine[spared].mean(), abs=0.004)  # 4 sigma


@given(SHARE, SHARE, st.integers(0, 20))
@settings(deadline=None)  # the first call compiles
def test_refusals_without_punishment_never_make_a_sender_more_genuine(prior: float, chance: float, n: int) -> None:
    before, after = genuine_posterior(prior, chance, n), genuine_posterior(prior, chance, n + 1)
    assert 0.0 <= after <= before + 1e-12 <= prior + 1e-9


def test_a_sender_that_always_punishes_is_found_out_by_one_refusal() -> None:
    assert genuine_posterior(0.9, 1.0, 1) == 0.0
    assert genuine_posterior(0.9, 1.0, 0) == pytest.approx(0.9)
    assert genuine_posterior(1.0, 1.0, 1) == 0.0


@given(SHARE, st.integers(0, 255))
@settings(deadline=None)
def test_where_nobody_doubts_a_claim_belief_is_credibility_to_the_bit(credibility: float, n: int) -> None:
    assert claim_belief(credibility, 0.0, n) == credibility


def test_own_refusals_tell_more_the_more_impostors_there_are() -> None:
    beliefs = [[claim_belief(0.1, doubt, n) for n in range(5)] for doubt in (0.1, 0.5, 0.8)]
    for row in beliefs:
        assert row[0] == 0.1
        assert np.all(np.diff(row) < 0)
    assert beliefs[0][4] > beliefs[1][4] > beliefs[2][4]
    assert claim_belief(0.1, 1.0, 1) == 0.0


@given(SHARE, st.floats(0.1, 10.0), st.floats(0.1, 100.0))
@settings(deadline=None)
def test_a_target_filters_exactly_where_refusing_once_is_cheaper(belief: float, demand: float, damage: float) -> None:
    threshold = 2.0 * demand / (demand + damage)
    if abs(belief - threshold) > 1e-9:
        assert bool(filters(belief, demand, damage)) == (belief < threshold)
        assert bool(filters(belief, demand, damage)) == (belief * repeated_harm(damage / demand, 2.0) < 1.0)


def test_one_period_leaves_the_harm_ratio_as_it_is() -> None:
    assert repeated_harm(7.5, 1.0) == 7.5
    assert repeated_harm(4.0, 2.0) == 2.5


def test_names_are_claimed_in_proportion_to_their_weights() -> None:
    weights = np.array([0.0, 1.0, 0.0, 3.0, 0.0])
    running = np.cumsum(weights)
    claims = [int(draw_claim((n + 0.5) / 1000, running, 4)) for n in range(1000)]
    assert np.bincount(claims, minlength=5).tolist() == [0, 250, 0, 750, 0]


def test_where_no_name_is_known_none_is_claimed() -> None:
    assert draw_claim(0.5, np.zeros(5), 4) == 4
