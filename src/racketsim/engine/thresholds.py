"""Thresholded hazards: work is done only for the targets that fire.

Each target draws an exponential threshold with mean one for its next event (Sellke 1983; random time change, Anderson
2007, doi:10.1063/1.2799998). The targets of a class share one hazard and so one clock, the cumulative hazard; target i
of weight w fires when the clock reaches `key`, where key = clock when drawn + threshold / w. Each class keeps its
targets in a binary heap by key: a day costs one addition a class, plus the targets that fire.

Clocks and keys are 64-bit fixed-point numbers with 40 binary places, so that sums do not depend on their order.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from racketsim.engine.kernel import Int, Real, kernel, kernel_of
from racketsim.engine.philox import uniform, unit, words
from racketsim.engine.streams import Stream

Keys = npt.NDArray[np.uint64]
Members = npt.NDArray[np.int32]

ONE = 2.0**40
_FARTHEST = 2.0**62
FRAILTY_CLASSES = 1024
_FRAILTY_MASK = np.uint64(FRAILTY_CLASSES - 1)
_FIRST = np.uint64(Stream.FIRST_THRESHOLDS)
_ZERO = np.uint64(0)


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
def first_thresholds(
    seed: Int,
    starts: npt.NDArray[np.int64],
    first: Int,
    last: Int,
    weights: npt.NDArray[np.float64],
    in_person: Keys,
    remote: Keys,
    member_in_person: Members,
    member_remote: Members,
) -> None:
    """Draw the first thresholds of the targets in classes `first` to `last` (exclusive), and build their heaps.

    `starts[c]` is the first target of class c; `weights[2, FRAILTY_CLASSES]` the weights by channel and frailty class.
    One Philox call a target serves both channels: 52 bits of each word are the threshold, its low 10 bits the frailty.
    """
    for c in range(first, last):
        for target in range(starts[c], starts[c + 1]):
            a, b = words(np.uint64(seed), np.uint64(target), _FIRST, _ZERO)
            in_person[target] = waiting(unit(a), weights[0, np.int64(a & _FRAILTY_MASK)])
            remote[target] = waiting(unit(b), weights[1, np.int64(b & _FRAILTY_MASK)])
            member_in_person[target] = target
            member_remote[target] = target
        size = starts[c + 1] - starts[c]
        for hole in range(size // 2 - 1, -1, -1):
            at = starts[c] + hole
            _sink(in_person, member_in_person, starts[c], size, hole, in_person[at], member_in_person[at])
            _sink(remote, member_remote, starts[c], size, hole, remote[at], member_remote[at])


@kernel
def fire(
    seed: Int,
    channel: Int,
    stream: Int,
    starts: npt.NDArray[np.int64],
    first: Int,
    last: Int,
    clock: Keys,
    key: Keys,
    member: Members,
    fired: npt.NDArray[np.uint16],
    weights: npt.NDArray[np.float64],
    out_target: Members,
    out_class: npt.NDArray[np.int32],
    count: Int,
    room: Int,
) -> Int:
    """Take every target of classes `first` to `last` (exclusive) whose key the clock has passed, and draw its next key.

    Writes targets and classes from position `count` up to `room` (exclusive), and returns the new count; a target can
    fire more than once. Returns -1 where the output is full.
    """
    for c in range(first, last):
        start = starts[c]
        size = starts[c + 1] - start
        if size == 0:
            continue
        while key[start] <= clock[c]:
            if count >= room:
                return -1
            target = member[start]
            out_target[count] = target
            out_class[count] = c
            count += 1
            fired[target] += np.uint16(1)
            draw = uniform(seed, np.uint64(target), np.uint64(stream), np.uint64(fired[target]))
            weight = weights[channel, frailty_class(seed, target, channel)]
            _sink(key, member, start, size, 0, key[start] + waiting(draw, weight), target)
    return count
