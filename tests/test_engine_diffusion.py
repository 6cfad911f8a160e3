"""Adoption of the remote technique is the pure birth process that its module states.

False alarms on a random seed: 1e-4 a test; replicates are the seeds 0, 1, 2, ...
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from scipy import linalg, stats

from racketsim.mechanisms.diffusion import adopt

FALSE_ALARM = 1e-4


def adopters(seed: int, first: int, potential: float, p: float, q: float, days: int) -> int:
    spent, adoptions = np.zeros(3), np.zeros(3, dtype=np.int64)
    active = first
    for _ in range(days):
        active += int(adopt(np.uint64(seed), 1, active, potential, p, q, spent, adoptions))
    assert adoptions[1] == active - first
    return active


def birth_distribution(first: int, potential: int, p: float, q: float, time: float) -> npt.NDArray[np.float64]:
    """Return the exact distribution of adopters at `time`, by the forward equations."""
    states = np.arange(potential + 1)
    rate = (p + q * states / potential) * (potential - states)
    generator = np.diag(-rate) + np.diag(rate[:-1], k=1)
    distribution: npt.NDArray[np.float64] = linalg.expm(generator * time)[first]
    return distribution


def test_without_imitation_each_of_the_potential_adopts_on_its_own() -> None:
    """Pure death of the left: adopters at time t are binomial with chance 1 - exp(-p t)."""
    total = sum(adopters(seed, 0, 50, 0.01, 0.0, 60) for seed in range(200))
    assert stats.binomtest(total, 200 * 50, 1.0 - math.exp(-0.6)).pvalue > FALSE_ALARM


@pytest.mark.parametrize(("first", "p", "q"), [(2, 0.0, 0.05), (0, 0.002, 0.08)])
def test_the_distribution_is_that_of_the_forward_equations(first: int, p: float, q: float) -> None:
    exact = birth_distribution(first, 60, p, q, 50.0)
    seen = np.bincount([adopters(seed, first, 60, p, q, 50) for seed in range(1000)], minlength=61)
    edges = [0, *np.flatnonzero(np.diff(np.floor(np.cumsum(exact) * 12))) + 1]
    expected = np.add.reduceat(exact, edges) * seen.sum()
    assert stats.chisquare(np.add.reduceat(seen, edges), expected).pvalue > FALSE_ALARM


def test_many_adopters_follow_the_logistic_curve() -> None:
    """SI limit: for large A0 and M the mean is M / (1 + (M / A0 - 1) exp(-q t)); 2% is five standard errors."""
    first, potential, q, days = 400, 4000, 0.03, 90
    logistic = potential / (1.0 + (potential / first - 1.0) * math.exp(-q * days))
    mean = np.mean([adopters(seed, first, potential, 0.0, q, days) for seed in range(40)])
    assert mean == pytest.approx(logistic, rel=0.02)


def test_adoption_stops_at_the_potential() -> None:
    assert adopters(1, 5, 30, 0.5, 0.5, 200) == 30


def test_nobody_adopts_from_nobody_without_innovation() -> None:
    assert adopters(1, 0, 30, 0.0, 0.5, 100) == 0
