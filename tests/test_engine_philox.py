"""Keyed draws: Philox4x32-10 by its published answers, uniform and independent along every part of the address.

The statistical tests use fixed seeds; each would raise a false alarm with chance 1e-4 on a seed chosen at random.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from racketsim.engine.philox import (
    exponential,
    normal,
    normal_pair,
    philox4x32,
    uniform,
    uniform_pair,
    unit,
    words,
    words_of_many,
)

FALSE_ALARM = 1e-4
DRAWS = 20_000
SEEDS = st.integers(0, 2**64 - 1)
WORDS = st.integers(0, 2**32 - 1)

KNOWN_ANSWERS = [
    ("00000000 00000000", "00000000 00000000 00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff", "ffffffff ffffffff ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("a4093822 299f31d0", "243f6a88 85a308d3 13198a2e 03707344", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]
"""Key, counter and answer of the kat_vectors file of Random123."""


def numbers(text: str) -> tuple[int, ...]:
    return tuple(int(word, 16) for word in text.split())


def engine(key: tuple[int, ...], counter: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(word) for word in philox4x32(*(np.uint64(n) for n in (*key, *counter))))


def plain(key: tuple[int, ...], counter: tuple[int, ...]) -> tuple[int, ...]:
    """Philox4x32-10 as the article states it, in Python's own whole numbers."""
    (k0, k1), (c0, c1, c2, c3) = key, counter
    for _ in range(10):
        high0, low0 = divmod(0xD2511F53 * c0, 2**32)
        high1, low1 = divmod(0xCD9E8D57 * c2, 2**32)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    return c0, c1, c2, c3


@pytest.mark.parametrize(("key", "counter", "answer"), KNOWN_ANSWERS)
def test_gives_the_known_answers_of_random123(key: str, counter: str, answer: str) -> None:
    assert engine(numbers(key), numbers(counter)) == numbers(answer)
    assert plain(numbers(key), numbers(counter)) == numbers(answer)


@settings(deadline=None)
@given(SEEDS, st.integers(0, 2**40), st.integers(0, 40), WORDS)
def test_words_of_many_entities_are_those_of_each(seed: int, first: int, count: int, stream: int) -> None:
    found = np.zeros((2, count), dtype=np.uint64)
    words_of_many(np.uint64(seed), first, count, stream, *found)
    each = [words(seed, first + n, stream, 0) for n in range(count)]
    assert found.T.tolist() == [list(map(int, pair)) for pair in each]


@settings(deadline=None)
@given(st.tuples(WORDS, WORDS), st.tuples(WORDS, WORDS, WORDS, WORDS))
def test_agrees_with_a_plain_implementation_for_any_key_and_counter(
    key: tuple[int, int], counter: tuple[int, int, int, int]
) -> None:
    assert engine(key, counter) == plain(key, counter)


@settings(deadline=None)
@given(SEEDS, SEEDS, WORDS, WORDS)
def test_the_seed_is_the_key_and_entity_stream_and_ordinal_are_the_counter(
    seed: int, entity: int, stream: int, ordinal: int
) -> None:
    a, b, c, d = plain((seed % 2**32, seed >> 32), (entity % 2**32, entity >> 32, stream, ordinal))
    drawn = words(np.uint64(seed), np.uint64(entity), np.uint64(stream), np.uint64(ordinal))
    assert tuple(int(word) for word in drawn) == (a | b << 32, c | d << 32)


@settings(deadline=None)
@given(SEEDS)
def test_unit_lies_strictly_between_zero_and_one(word: int) -> None:
    assert 0.0 < unit(np.uint64(word)) < 1.0


def test_unit_never_reaches_its_ends() -> None:
    assert unit(np.uint64(0)) > 0.0
    assert unit(np.uint64(2**64 - 1)) < 1.0


@settings(deadline=None)
@given(SEEDS, SEEDS, WORDS, WORDS)
def test_the_same_address_gives_the_same_draw_whatever_was_drawn_before(
    seed: int, entity: int, stream: int, ordinal: int
) -> None:
    address = tuple(np.uint64(part) for part in (seed, entity, stream, ordinal))
    before = uniform(*address)
    uniform(np.uint64(seed), np.uint64(entity ^ 1), np.uint64(stream), np.uint64(ordinal))
    assert uniform(*address) == before == uniform_pair(*address)[0]


WHOLE = [int, np.uint64, np.int64, np.uint32, np.int32, np.uint16]


@pytest.mark.parametrize(
    "draw", [uniform, uniform_pair, exponential, normal, normal_pair], ids=lambda draw: draw.__name__
)
def test_any_whole_numbers_are_an_address(draw: Callable[..., Any]) -> None:
    """Kernels hold seeds, targets, streams and ordinals in arrays of all sorts; the draw is that of the numbers."""
    address = (40_000, 7, 3, 65_000)
    expected = draw(*map(np.uint64, address))
    for shift in range(len(WHOLE)):
        kinds = [WHOLE[(shift + place) % len(WHOLE)] for place in range(4)]
        assert draw(*(kind(n) for kind, n in zip(kinds, address, strict=True))) == expected
    largest = (2**64 - 1, 2**64 - 1, 2**32 - 1, 2**32 - 1)
    assert draw(*largest) == draw(*map(np.uint64, largest))


def test_one_machine_code_serves_all_whole_numbers() -> None:
    compiled: list[Any] = [uniform, uniform_pair, exponential, normal, words, unit]
    assert [len(draw.signatures) for draw in compiled] == [1] * 6


ALONG: dict[str, Callable[[int], tuple[int, int, int, int]]] = {
    "seed": lambda n: (n, 7, 3, 1),
    "entity": lambda n: (11, n, 3, 1),
    "high entity": lambda n: (11, n << 32, 3, 1),
    "stream": lambda n: (11, 7, n, 1),
    "ordinal": lambda n: (11, 7, 3, n),
}


def draws(along: str) -> npt.NDArray[np.float64]:
    """Return `[DRAWS, 2]` pairs of uniforms whose addresses differ in one part only."""
    address = ALONG[along]
    return np.array([uniform_pair(*(np.uint64(part) for part in address(n))) for n in range(DRAWS)])


@pytest.mark.parametrize("along", ALONG)
def test_draws_are_uniform_along(along: str) -> None:
    for column in draws(along).T:
        assert stats.kstest(column, "uniform").pvalue > FALSE_ALARM / 2


@pytest.mark.parametrize("along", ALONG)
def test_neighbouring_draws_are_independent_along(along: str) -> None:
    first, second = draws(along).T
    for a, b in ((first[:-1], first[1:]), (first, second)):
        cells, _, _ = np.histogram2d(a, b, bins=16, range=[[0, 1], [0, 1]])
        assert stats.chisquare(cells.reshape(-1)).pvalue > FALSE_ALARM / 2


def test_exponential_has_mean_one_and_normal_is_standard_normal() -> None:
    waits = [exponential(np.uint64(5), np.uint64(n), np.uint64(2), np.uint64(0)) for n in range(DRAWS)]
    assert stats.kstest(waits, "expon").pvalue > FALSE_ALARM / 4
    pairs = np.array([normal_pair(np.uint64(5), np.uint64(n), np.uint64(2), np.uint64(1)) for n in range(DRAWS)])
    for column in pairs.T:
        assert stats.kstest(column, "norm").pvalue > FALSE_ALARM / 4
    assert stats.pearsonr(*pairs.T).pvalue > FALSE_ALARM / 4
