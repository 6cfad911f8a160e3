"""What tells settings apart: the statistics of it, against cases whose answer is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from racketsim.results import identifiability as told
from racketsim.results.identifiability import Floats

RNG = np.random.default_rng(4)
SETTINGS = ("off", "weak", "strong")


def _counts(means: tuple[float, ...], replicates: int = 60, months: int = 24, series: int = 1) -> Floats:
    """Return Poisson counts [S, R, T, F] with a mean by setting; only the first series differs between settings."""
    size = (replicates, months)
    first = [RNG.poisson(mean, (*size, 1)) for mean in means]
    rest = [RNG.poisson(5.0, (*size, series - 1)) for _ in means]
    return np.stack([np.concatenate(pair, axis=2) for pair in zip(first, rest, strict=True)]).astype(np.float64)


def test_settings_that_are_alike_are_told_apart_by_chance_alone() -> None:
    verdict = told.judge("noise", _counts((8.0, 8.0, 8.0), replicates=200), SETTINGS, 24)
    assert verdict.low < 1 / 3 + 0.06
    assert abs(verdict.accuracy - 1 / 3) < 0.1
    assert all(abs(auc - 0.5) < 0.12 for auc in verdict.auc.values())
    assert all(needed > 24 * 20 for needed in verdict.needed.values())


def test_settings_far_apart_are_told_apart_surely_and_soon() -> None:
    verdict = told.judge("riots", _counts((1.0, 20.0, 100.0)), SETTINGS, 24)
    assert verdict.accuracy == 1.0
    assert set(verdict.auc.values()) == {1.0}
    assert all(needed < 3 for needed in verdict.needed.values())


def test_the_accuracy_is_that_of_the_best_rule_where_it_is_known() -> None:
    """Square roots of Poisson sums are nearly normal with spread one half: accuracy is Phi(d / 2)."""
    one, other, months = 4.0, 4.8, 12
    verdict = told.judge("cases", _counts((one, other), replicates=1500, months=months), ("off", "strong"), months)
    d = 2.0 * (math.sqrt(other * months) - math.sqrt(one * months))
    assert verdict.accuracy == pytest.approx(0.5 * math.erfc(-d / 2 / math.sqrt(2)), abs=0.025)
    assert verdict.auc["off", "strong"] == pytest.approx(0.5 * math.erfc(-d / 2), abs=0.025)
    assert verdict.needed["off", "strong"] == pytest.approx(months * (2 * 1.2815516 / d) ** 2, rel=0.15)


def test_the_months_that_are_needed_can_be_read_from_fewer() -> None:
    counts = _counts((4.0, 4.8), replicates=1500, months=96)
    needed = [told.judge("cases", counts, ("off", "strong"), w).needed["off", "strong"] for w in (6, 24, 96)]
    assert max(needed) / min(needed) < 1.3
    sure = told.judge("cases", counts, ("off", "strong"), round(float(np.mean(needed))))
    assert sure.accuracy == pytest.approx(told.SURE, abs=0.03)


def test_series_that_say_nothing_make_it_harder_and_no_easier() -> None:
    clear, dim = [], []
    for _ in range(30):
        counts = _counts((3.0, 6.0), replicates=8, months=3, series=40)
        clear.append(told.judge("x", counts[..., :1], ("off", "strong"), 3).accuracy)
        dim.append(told.judge("x", counts, ("off", "strong"), 3).accuracy)
    assert np.mean(clear) > np.mean(dim) + 0.1
    assert np.mean(dim) > 0.5


def test_the_replicate_itself_is_left_out() -> None:
    """With as many series as replicates, a rule that sees the replicate would always be right."""
    noise = RNG.normal(10.0, 1.0, (2, 15, 60))
    assert abs((told.put(noise) == np.arange(2)[:, None]).mean() - 0.5) < 0.25


def test_left_out_means_and_spread_are_those_of_the_others() -> None:
    summaries = RNG.normal(5.0, 2.0, (3, 7, 4))
    distance = told._distances(summaries, 1, 3)
    others = [summaries[0], np.delete(summaries[1], 3, axis=0), summaries[2]]
    means = np.stack([one.mean(axis=0) for one in others])
    squares = sum(((one - one.mean(axis=0)) ** 2).sum(axis=0) for one in others)
    expected = (((summaries[1, 3] - means) ** 2) / (squares / (20 - 3))).sum(axis=1)
    np.testing.assert_allclose(distance, expected)


def test_a_count_that_never_varies_does_not_divide_by_nothing() -> None:
    counts = np.zeros((2, 5, 12, 1))
    counts[1] = 4.0
    verdict = told.judge("riots", counts, ("off", "strong"), 12)
    assert verdict.accuracy == 1.0
    same = told.judge("riots", np.zeros((2, 5, 12, 1)), ("off", "strong"), 12)
    assert same.accuracy == 0.5
    assert math.isinf(same.needed["off", "strong"])


@pytest.mark.parametrize(
    ("first", "second", "area"), [([1, 2], [3, 4], 1.0), ([3, 4], [1, 2], 0.0), ([1, 2], [1, 2], 0.5), ([0], [0], 0.5)]
)
def test_the_area_under_the_curve(first: list[float], second: list[float], area: float) -> None:
    assert told.area_under_curve(np.array(first, float), np.array(second, float)) == area


def test_the_window_is_the_last_months() -> None:
    monthly = np.arange(12.0)[:, None]
    assert told.summarise(monthly, 2)[0] == pytest.approx(math.sqrt(10 + 11))


def test_the_interval_of_a_share() -> None:
    assert told.wilson(45, 50) == pytest.approx((0.8080, 0.9507), abs=1e-3)
    assert told.wilson(10, 10)[1] == pytest.approx(1.0)
