"""Who pays, a bit a target: few do, and who looks for the payers of a group must not look at every target.

Bits stand eight to a byte, the lowest first. `relations` keeps them; a target of any district is found in the memory of
its neighbours only where one of eight pays.
"""

from __future__ import annotations

import numpy as np

from racketsim.engine.kernel import Int, kernel
from racketsim.engine.mechanism import Array

EIGHT = 8


@kernel
def mark_paying(paying: Array, target: Int, pays: bool) -> None:
    """Note whether `target` pays a group."""
    bit = np.uint8(1 << (target % EIGHT))
    if pays:
        paying[target // EIGHT] |= bit
    else:
        paying[target // EIGHT] &= ~bit


@kernel
def payers(paying: Array, begin: Int, end: Int) -> Array:
    """Return the targets from `begin` to `end` (exclusive) that pay, in order."""
    found = np.empty(max(end - begin, 0), dtype=np.int64)
    count = 0
    for byte in range(begin // EIGHT, (end + EIGHT - 1) // EIGHT):
        if paying[byte] == 0:
            continue
        for target in range(max(begin, byte * EIGHT), min(end, (byte + 1) * EIGHT)):
            if paying[byte] >> (target % EIGHT) & 1:
                found[count] = target
                count += 1
    return found[:count]
