"""Thresholded hazards: work is done only for the targets that fire.

Each target draws an exponential threshold with mean one for its next event (Sellke 1983; random time change, Anderson
2007, doi:10.1063/1.2799998). The targets of a class share one hazard and so one clock, the cumulative hazard; target i
of weight w fires when the clock reaches `key`, where key = clock when drawn + threshold / w. Each class keeps its
targets in a binary heap by key: a day costs one addition a class, plus the targets that fire.

Most targets never fire. First thresholds are drawn in slices, each twice as far as those before it: when a clock
reaches the end of the slices that are drawn, all targets of its class are looked at once more, and those whose first
key lies in the next slices join the heap. As draws are keyed, nothing has to be kept of the others. A target that has
fired and whose next key lies beyond the slices waits behind the heap, at the end of its class's stretch.

Clocks and keys are 64-bit fixed-point numbers with 40 binary places, so that sums do not depend on their order.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from racketsim.engine.kernel import Int, Real, kernel, kernel_of
from racketsim.engine.philox import uniform, unit, words, words_of_many
from racketsim.engine.streams import Stream

Keys = npt.NDArray[np.uint64]
Members = npt.NDArray[np.int32]
Counts = npt.NDArray[np.int32]

ONE = 2.0**40
_FARTHEST = 2.0**62
FRAILTY_CLASSES = 1024
_FRAILTY_MASK = np.uint64(FRAILTY_CLASSES - 1)
_FIRST = np.uint64(Stream.FIRST_THRESHOLDS)
_ZERO = np.uint64(0)
_BLOCK = 512
"""Targets whose words are drawn at a time: those of both channels are 8 kB, little beside any cache."""

_WORDS = 2.0**64
_MARGIN, _GRAIN = 1e-9, np.uint64(2**12)
"""What rounding can move: a key, by half of `1 / ONE`, changes exp(-key * weight) by a share of 5e-13 * weight, and
`unit` tells words apart in steps of the grain."""

BOUNDS = np.array([0, *(2**n for n in range(30, 43)), 2**64 - 1], dtype=np.uint64)
"""Ends of the slices, in fixed point: from a thousandth of what a target can expect to wait to four times that.

The last slice holds everything beyond."""

_FIRST_LOOK, _FURTHER_LOOK = np.uint64(1024), np.uint64(4)
"""How far slices are drawn beyond a clock: nearly three years, had it moved one day, and then four times as far.

A choice between looking at all targets of a class more often and keeping more of them in its heap; results are the same
for any."""


@kernel_of("u8(f8)")
def fixed(hazard: Real) -> Int:
    """Convert a cumulative hazard to fixed point, saturating far beyond any clock."""
    return np.uint64(min(hazard * ONE + 0.5, _FARTHEST))


@kernel_of("u8(f8, f8)")
def waiting(draw: Real, weight: Real) -> Int:
    """Return the fixed-point hazard that a target of `weight` has to live through, for a uniform `draw`."""
    return fixed(-math.log(draw) / weight)


@kernel_of("i8(u8, u8, i8)")
def frailty_class(seed: Int, target: Int, channel: Int) -> Int:
    """Return which of the equally likely frailty classes a target is in, for one channel (0 in person, 1 remote)."""
    a, b = words(np.uint64(seed), np.uint64(target), _FIRST, _ZERO)
    return np.int64((a if channel == 0 else b) & _FRAILTY_MASK)


@kernel
def frailty_classes(seed: Int, first: Int, count: Int, in_person: Keys, remote: Keys) -> None:
    """Write the `frailty_class` of `count` targets, from target `first` on, in both channels."""
    words_of_many(seed, first, count, _FIRST, in_person, remote)
    for n in range(count):
        in_person[n] &= _FRAILTY_MASK
        remote[n] &= _FRAILTY_MASK


def least_words(weights: npt.NDArray[np.float64]) -> Keys:
    """Return the least word of a first draw that can lie below each bound, `[2, bounds, FRAILTY_CLASSES]`.

    A little less, in truth, so that rounding excludes nobody: who passes is drawn, and compared with the bound itself.
    """
    hazard = BOUNDS.astype(np.float64)[None, :, None] / ONE
    least = (np.exp(-hazard * weights[:, None, :]) * (1.0 - _MARGIN) * _WORDS).astype(np.uint64)
    return np.maximum(least, _GRAIN) - _GRAIN


@kernel
def _sink(key: Keys, member: Members, start: Int, size: Int, hole: Int, k: Int, m: Int) -> None:
    """Place (k, m) at `hole` or below, keeping the heap of `size` entries that begins at `start`."""
    while True:
        child = 2 * hole + 1
        if child >= size:
            break
        if child + 1 < size and key[start + child + 1] < key[start + child]:
            child += 1
        if k <= key[start + child]:
            break
        key[start + hole] = key[start + child]
        member[start + hole] = member[start + child]
        hole = child
    key[start + hole] = k
    member[start + hole] = m


@kernel
def _wake(bound: Int, first: Int, end: Int, key: Keys, member: Members, queued: Int, later: Int) -> tuple[Int, Int]:
    """Move the targets of a class that wait behind its heap with keys below `bound` to the end of the heap."""
    for place in range(end - later, end):
        if key[place] < bound:
            k, m = key[place], member[place]
            front = end - later
            key[place], member[place] = key[front], member[front]
            key[first + queued], member[first + queued] = k, m
            queued, later = queued + 1, later - 1
    return queued, later


@kernel
def _draw_first(
    seed: Int,
    channel: Int,
    slices: Int,
    drawn: Int,
    first: Int,
    end: Int,
    key: Keys,
    member: Members,
    queued: Int,
    weights: npt.NDArray[np.float64],
    least: Keys,
) -> Int:
    """Add to a heap the targets whose first keys lie in the slices after the first `drawn`, to the first `slices`."""
    words_a, words_b = np.empty(_BLOCK, dtype=np.uint64), np.empty(_BLOCK, dtype=np.uint64)
    ours = words_a if channel == 0 else words_b
    for begin in range(first, end, _BLOCK):
        count = min(_BLOCK, end - begin)
        words_of_many(seed, begin, count, _FIRST, words_a, words_b)
        for n in range(count):
            frailty = np.int64(ours[n] & _FRAILTY_MASK)
            if ours[n] < least[channel, slices, frailty]:
                continue
            wait = waiting(unit(ours[n]), weights[channel, frailty])
            if BOUNDS[drawn] <= wait < BOUNDS[slices]:
                key[first + queued] = wait
                member[first + queued] = begin + n
                queued += 1
    return queued


@kernel
def _slices_for(clock: Int, drawn: Int) -> Int:
    """Return how many slices to draw where a clock has reached the end of the first `drawn`."""
    aim = max(clock, clock * (_FIRST_LOOK if drawn == 0 else _FURTHER_LOOK))  # a product can wrap around
    slices = drawn + 1
    while slices < BOUNDS.size - 1 and BOUNDS[slices] <= aim:
        slices += 1
    return slices


@kernel
def fire(
    seed: Int,
    channel: Int,
    stream: Int,
    starts: npt.NDArray[np.int64],
    begin: Int,
    end: Int,
    clock: Keys,
    queue: tuple[Keys, Members, Counts, Counts, Counts],
    fired: npt.NDArray[np.uint16],
    weights: npt.NDArray[np.float64],
    least: Keys,
    out_target: Members,
    out_class: npt.NDArray[np.int32],
    count: Int,
    room: Int,
) -> Int:
    """Take every target of classes `begin` to `end` (exclusive) whose key the clock has passed, and draw its next key.

    `starts[c]` is the first target of class c; `weights[2, FRAILTY_CLASSES]` the weights by channel and frailty class,
    and `least` the `least_words` of them. `queue` is what is kept of one channel, all zero at first: keys and targets
    `[targets]`; by class the slices drawn, the targets in the heap, and those that wait behind it.

    Writes targets and classes from position `count` up to `room` (exclusive), and returns the new count; a target can
    fire more than once. Returns -1 where the output is full.
    """
    key, member, drawn, queued, later = queue
    for c in range(begin, end):
        start, stop = starts[c], starts[c + 1]
        if start == stop or clock[c] == 0:
            continue
        if clock[c] >= BOUNDS[drawn[c]]:
            slices = _slices_for(clock[c], drawn[c])
            size, behind = _wake(BOUNDS[slices], start, stop, key, member, queued[c], later[c])
            size = _draw_first(seed, channel, slices, drawn[c], start, stop, key, member, size, weights, least)
            for hole in range(size // 2 - 1, -1, -1):
                _sink(key, member, start, size, hole, key[start + hole], member[start + hole])
            drawn[c], queued[c], later[c] = slices, size, behind
        while queued[c] > 0 and key[start] <= clock[c]:
            if count >= room:
                return -1
            target = member[start]
            out_target[count] = target
            out_class[count] = c
            count += 1
            fired[target] += np.uint16(1)
            draw = uniform(seed, np.uint64(target), np.uint64(stream), np.uint64(fired[target]))
            weight = weights[channel, frailty_class(seed, target, channel)]
            after = key[start] + waiting(draw, weight)
            if after < BOUNDS[drawn[c]]:
                _sink(key, member, start, queued[c], 0, after, target)
                continue
            last = start + queued[c] - 1
            queued[c], later[c] = queued[c] - 1, later[c] + 1
            _sink(key, member, start, queued[c], 0, key[last], member[last])
            key[stop - later[c]], member[stop - later[c]] = after, target
    return count
