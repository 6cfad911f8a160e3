"""Keyed, stateless random numbers: Philox4x32-10 of Salmon et al. (2011, SC11, doi:10.1145/2063384.2063405).

A draw is a pure function of (seed, entity, stream, ordinal). There is no generator object, no state and no order, so
results cannot depend on threads, workers or on what else was drawn.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from racketsim.engine.kernel import Int, Real, compiled, kernel, kernel_of

_LOW = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)
_MULTIPLY_0 = np.uint64(0xD2511F53)
_MULTIPLY_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)
_MANTISSA = np.uint64(12)
_STEP = 2.0**-52
_HALF_STEP = 2.0**-53


@kernel_of("UniTuple(u8, 4)(u8, u8, u8, u8, u8, u8)")
def philox4x32(k0: Int, k1: Int, c0: Int, c1: Int, c2: Int, c3: Int) -> tuple[Int, Int, Int, Int]:
    """Return the four 32-bit words of Philox4x32-10 for key (k0, k1) and counter (c0..c3), each as uint64."""
    for _ in range(10):
        p0 = _MULTIPLY_0 * c0
        p1 = _MULTIPLY_1 * c2
        c0 = ((p1 >> _SHIFT) ^ c1 ^ k0) & _LOW
        c2 = ((p0 >> _SHIFT) ^ c3 ^ k1) & _LOW
        c1 = p1 & _LOW
        c3 = p0 & _LOW
        k0 = (k0 + _WEYL_0) & _LOW
        k1 = (k1 + _WEYL_1) & _LOW
    return c0, c1, c2, c3


_dispatcher: Any = philox4x32
_inlined = compiled(_dispatcher.py_func, inline="always")
"""The same, copied into its caller, where a loop over counters becomes one over vectors of them."""


@kernel_of("UniTuple(u8, 2)(u8, u8, u8, u8)")
def words(seed: Int, entity: Int, stream: Int, ordinal: Int) -> tuple[Int, Int]:
    """Return two independent 64-bit words for one decision. All arguments are uint64."""
    a, b, c, d = philox4x32(seed & _LOW, seed >> _SHIFT, entity & _LOW, entity >> _SHIFT, stream & _LOW, ordinal & _LOW)
    return a | (b << _SHIFT), c | (d << _SHIFT)


@kernel
def words_of_many(
    seed: Int, first: Int, count: Int, stream: Int, out_a: npt.NDArray[np.uint64], out_b: npt.NDArray[np.uint64]
) -> None:
    """Write the `words` of `count` entities, from entity `first` on, for ordinal 0, as vectors."""
    key_0, key_1 = np.uint64(seed) & _LOW, np.uint64(seed) >> _SHIFT
    begin, decision = np.uint64(first), np.uint64(stream) & _LOW
    for n in range(count):
        entity = begin + np.uint64(n)
        a, b, c, d = _inlined(key_0, key_1, entity & _LOW, entity >> _SHIFT, decision, np.uint64(0))
        out_a[n] = a | (b << _SHIFT)
        out_b[n] = c | (d << _SHIFT)


@kernel_of("f8(u8)")
def unit(word: Int) -> Real:
    """Map a 64-bit word to the open interval (0, 1): midpoints of a grid of 2**-52, so neither end is reached."""
    return np.float64(word >> _MANTISSA) * _STEP + _HALF_STEP


@kernel_of("f8(u8, u8, u8, u8)")
def uniform(seed: Int, entity: Int, stream: Int, ordinal: Int) -> Real:
    """One uniform draw on (0, 1)."""
    a, _ = words(seed, entity, stream, ordinal)
    return unit(a)


@kernel_of("UniTuple(f8, 2)(u8, u8, u8, u8)")
def uniform_pair(seed: Int, entity: Int, stream: Int, ordinal: Int) -> tuple[Real, Real]:
    """Two independent uniform draws on (0, 1) for one decision."""
    a, b = words(seed, entity, stream, ordinal)
    return unit(a), unit(b)


@kernel_of("f8(u8, u8, u8, u8)")
def exponential(seed: Int, entity: Int, stream: Int, ordinal: Int) -> Real:
    """One draw of the exponential distribution with mean one."""
    return -math.log(uniform(seed, entity, stream, ordinal))


@kernel_of("UniTuple(f8, 2)(u8, u8, u8, u8)")
def normal_pair(seed: Int, entity: Int, stream: Int, ordinal: Int) -> tuple[Real, Real]:
    """Two independent standard normal draws for one decision (Box and Muller 1958)."""
    u, v = uniform_pair(seed, entity, stream, ordinal)
    radius, angle = math.sqrt(-2.0 * math.log(u)), 2.0 * math.pi * v
    return radius * math.cos(angle), radius * math.sin(angle)


@kernel_of("f8(u8, u8, u8, u8)")
def normal(seed: Int, entity: Int, stream: Int, ordinal: Int) -> Real:
    """One standard normal draw."""
    return normal_pair(seed, entity, stream, ordinal)[0]
