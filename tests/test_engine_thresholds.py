"""Thresholded hazards: exactly those fire whose key the clock has passed, in any order of the additions, and how
often they fire follows the closed forms.

The statistical tests use fixed seeds; each would raise a false alarm with chance 1e-4 on a seed chosen at random.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from racketsim.engine.philox import uniform, unit
from racketsim.engine.thresholds import (
    BOUNDS,
    FRAILTY_CLASSES,
    ONE,
    fixed,
    frailty_class,
    frailty_classes,
    least_words,
    waiting,
)
from racketsim.mechanisms.asking import frailty_weights
from tests.engine_field import EVEN, WAITS, Field

FALSE_ALARM = 1e-4
SIZES = st.lists(st.integers(0, 25), min_size=1, max_size=5)


def fires_of_a_plain_list(keys: npt.NDArray[np.uint64], clocks: npt.NDArray[np.uint64], field: Field) -> Counter[int]:
    """Fire by looking at every target, with the keys by target; changes `keys`."""
    fired: Counter[int] = Counter()
    for target in range(field.targets):
        c = int(np.searchsorted(field.starts, target, side="right")) - 1
        while keys[target] <= clocks[c]:
            fired[target] += 1
            nth = int(field.fired[0, target]) + fired[target]
            draw = uniform(field.seed, np.uint64(target), np.uint64(WAITS[0]), np.uint64(nth))
            weight = field.weights[0, frailty_class(field.seed, target, 0)]
            keys[target] += np.uint64(waiting(draw, weight))
    return fired


@settings(max_examples=60, deadline=None)
@given(SIZES, st.integers(0, 2**32), st.lists(st.lists(st.floats(0, 1.5), min_size=5, max_size=5), max_size=6))
def test_exactly_those_fire_whose_key_the_clock_of_their_class_has_passed(
    counts: list[int], seed: int, days: list[list[float]]
) -> None:
    field = Field(counts, seed, frailty_weights(1.0))
    keys = field.keys()
    for hazards in days:
        field.move(np.array(hazards[: len(counts)]))
        expected = fires_of_a_plain_list(keys, field.clock[0], field)
        targets, classes = field.fire()
        assert Counter(targets.tolist()) == expected
        assert np.array_equal(classes, np.searchsorted(field.starts, targets, side="right") - 1)
        assert np.array_equal(field.keys(), keys)


@settings(max_examples=40, deadline=None)
@given(SIZES, st.integers(0, 2**32), st.floats(1e-6, 3.0))
def test_the_smallest_key_of_a_class_stands_first_and_no_child_is_smaller_than_its_parent(
    counts: list[int], seed: int, hazard: float
) -> None:
    field = Field(counts, seed)
    for _ in range(3):
        field.move(hazard)
        field.fire()
        for c in range(field.classes):
            heap = field.key[0, field.heap(c)]
            assert all(heap[(n - 1) // 2] <= heap[n] for n in range(1, len(heap)))


@settings(max_examples=60, deadline=None)
@given(SIZES, st.integers(0, 2**32), st.floats(1e-6, 0.3), st.sampled_from((0, 1)))
def test_a_heap_holds_all_targets_whose_keys_lie_in_the_slices_drawn_and_no_others(
    counts: list[int], seed: int, hazard: float, channel: int
) -> None:
    field = Field(counts, seed, frailty_weights(1.0))
    for _ in range(4):
        field.move(hazard, channel)
        field.fire(channel)
        keys = field.keys(channel)
        for c in range(field.classes):
            targets = np.arange(field.starts[c], field.starts[c + 1])
            drawn = keys[targets] < BOUNDS[field.drawn[channel, c]]
            assert sorted(field.member[channel, field.heap(c, channel)]) == targets[drawn].tolist()
            behind = field.member[channel, field.behind(c, channel)]
            assert sorted(behind) == targets[~drawn & (field.fired[channel, targets] > 0)].tolist()
        hazard *= 3


def test_few_targets_are_in_a_heap_while_the_clock_is_far_from_what_they_wait_for() -> None:
    field = Field([100_000])
    for _ in range(365):
        field.move(1e-5)
        field.fire()
    assert field.fired.sum() < field.queued[0, 0] < 2_000


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 2**38), min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_many_small_additions_in_any_order_fire_what_one_addition_fires(parts: list[int], random: object) -> None:
    one, many = Field([60, 40], 9, frailty_weights(1.2)), Field([60, 40], 9, frailty_weights(1.2))
    one.clock[0] += np.uint64(sum(parts))
    at_once, _ = one.fire()
    random.shuffle(parts)  # type: ignore[attr-defined]
    in_steps: list[int] = []
    for part in parts:
        many.clock[0] += np.uint64(part)
        in_steps += many.fire()[0].tolist()
    assert Counter(in_steps) == Counter(at_once.tolist())
    assert np.array_equal(one.keys(), many.keys())
    assert np.array_equal(one.fired, many.fired)


def test_classes_are_independent_of_each_other_and_of_how_they_are_cut_over_threads() -> None:
    whole, cut = Field([50, 0, 70, 30], 4), Field([50, 0, 70, 30], 4)
    hazards = np.array([0.5, 1.0, 0.0, 2.0])
    for field in (whole, cut):
        field.move(hazards)
    targets, classes = whole.fire()
    parts = [cut.fire(first=first, last=first + 1) for first in range(4)]
    assert targets.tolist() == [target for part, _ in parts for target in part]
    assert set(classes.tolist()) == {0, 3}


def test_a_full_output_is_told_and_not_overrun() -> None:
    field = Field([100], room=5)
    field.move(5.0)
    with pytest.raises(OverflowError):
        field.fire()


def test_first_waits_are_exponential_with_mean_one_in_both_channels_and_independent() -> None:
    field = Field([20_000], 3)
    in_person, remote = field.keys(0) / ONE, field.keys(1) / ONE
    for waits in (in_person, remote):
        assert stats.kstest(waits, "expon").pvalue > FALSE_ALARM / 3
    assert stats.spearmanr(in_person, remote).pvalue > FALSE_ALARM / 3


def test_frailty_is_uniform_over_its_classes_and_says_nothing_about_the_first_threshold() -> None:
    field = Field([20_000], 3)
    for channel in (0, 1):
        frailty = np.array([frailty_class(field.seed, target, channel) for target in range(field.targets)])
        counts = np.bincount(frailty // 16, minlength=FRAILTY_CLASSES // 16)
        assert stats.chisquare(counts).pvalue > FALSE_ALARM / 4
        low = frailty < FRAILTY_CLASSES // 2
        waits = field.keys(channel) / ONE
        assert stats.ks_2samp(waits[low], waits[~low]).pvalue > FALSE_ALARM / 4


def test_frailties_of_many_targets_are_those_of_each() -> None:
    seed, found = np.uint64(3), np.zeros((2, 700), dtype=np.uint64)
    frailty_classes(seed, 50, 700, *found)
    each = [[frailty_class(seed, 50 + n, channel) for n in range(700)] for channel in (0, 1)]
    assert found.tolist() == each


def test_a_weight_divides_the_hazard_that_a_target_has_to_live_through() -> None:
    plain, twice = Field([500], 8), Field([500], 8, 2.0 * EVEN)
    assert np.abs(plain.keys().astype(np.int64) - 2 * twice.keys().astype(np.int64)).max() <= 2


def test_fixed_point_rounds_to_two_to_the_minus_forty_and_saturates() -> None:
    assert int(fixed(1.0)) == 2**40
    assert int(fixed(0.0)) == 0
    assert int(fixed(1e300)) == 2**62


def counts_after(field: Field, hazard: float, days: int) -> npt.NDArray[np.int64]:
    for _ in range(days):
        field.move(hazard / days)
        field.fire()
    counts: npt.NDArray[np.int64] = field.fired[0].astype(np.int64)
    return counts


def test_events_of_equal_targets_are_poisson() -> None:
    counts = counts_after(Field([20_000], 5), 3.0, 30)
    most = 9
    seen = np.bincount(np.minimum(counts, most), minlength=most + 1)
    chance = np.append(stats.poisson.pmf(range(most), 3.0), stats.poisson.sf(most - 1, 3.0))
    assert stats.chisquare(seen, chance * counts.size).pvalue > FALSE_ALARM


def test_waits_between_events_are_exponential() -> None:
    field = Field([300], 6)
    clock_of_event: dict[int, list[float]] = {}
    before = field.keys()
    for _ in range(2000):
        field.move(0.01)
        for target in field.fire()[0].tolist():
            clock_of_event.setdefault(target, []).append(float(before[target]) / ONE)
        before = field.keys()
    waits = np.concatenate([np.diff(times[:11]) for times in clock_of_event.values() if len(times) > 10])
    assert waits.size > 2500
    assert stats.kstest(waits, "expon").pvalue > FALSE_ALARM


def test_frailty_of_mean_one_keeps_the_mean_and_spreads_the_counts() -> None:
    """Mixed Poisson: mean H, variance H + H**2 Var(w). Bounds of five standard errors: false alarm below 1e-6."""
    weights = frailty_weights(1.0)
    assert weights.mean() == pytest.approx(1.0)
    hazard, targets = 2.0, 20_000
    counts = counts_after(Field([targets], 7, weights), hazard, 20)
    variance = hazard + hazard**2 * weights[0].var()
    fourth = ((counts - counts.mean()) ** 4).mean()
    assert abs(counts.mean() - hazard) < 5 * (variance / targets) ** 0.5
    assert abs(counts.var() - variance) < 5 * ((fourth - variance**2) / targets) ** 0.5
    assert counts.var() > 3 * counts.mean()


@pytest.mark.parametrize("hazard", [0.1, 0.7, 2.0])
def test_who_has_not_fired_yet_is_a_pure_death_process(hazard: float) -> None:
    """The number that never fired is binomial with chance exp(-H)."""
    field = Field([5_000], 11)
    never = int((counts_after(field, hazard, 10) == 0).sum())
    assert stats.binomtest(never, field.targets, np.exp(-hazard)).pvalue > FALSE_ALARM


def test_an_empty_class_and_a_clock_that_stands_still_fire_nothing() -> None:
    field = Field([0, 10, 0])
    assert field.fire()[0].size == 0
    field.move(np.array([5.0, 0.0, 5.0]))
    assert field.fire()[0].size == 0


def test_a_word_that_a_look_passes_over_lies_beyond_the_bound_for_every_weight() -> None:
    weights = np.exp(np.linspace(-4.0, 4.0, FRAILTY_CLASSES))[None, :]
    least = least_words(weights)
    for bound, words in zip(BOUNDS, least[0], strict=True):
        for word, weight in zip(words, weights[0], strict=True):
            if word > 0:
                assert waiting(unit(word - np.uint64(1)), weight) >= bound
