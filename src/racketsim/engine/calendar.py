"""Things that are due on a known day: one linked list a day in flat arrays, O(1) to add and to take.

A calendar is four arrays: `head[day]` (first slot of the day, -1 none), `link[slot]` (next slot), and
`free` = (first free slot, slots ever used, slots in use). The owner keeps what is due in
columns of its own, by slot.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from racketsim.engine.kernel import Int, kernel

Ints = npt.NDArray[np.int64]
Slots = npt.NDArray[np.int32]


def empty_head(days: int) -> Slots:
    """Return the heads of an empty calendar of `days` days."""
    return np.full(days, -1, dtype=np.int32)


def empty_free() -> Ints:
    """Return the bookkeeping of an empty calendar."""
    return np.array([-1, 0, 0], dtype=np.int64)


@kernel
def schedule(head: Slots, link: Slots, free: Ints, day: Int) -> Int:
    """Reserve a slot on `day` and return it; -1 where the day is past the end of the calendar.

    Raises OverflowError where every slot is in use (the owner sizes `link`).
    """
    if day >= head.size:
        return -1
    slot = free[0]
    if slot >= 0:
        free[0] = link[slot]
    else:
        slot = free[1]
        if slot >= link.size:
            raise OverflowError("more is under way than there is room for")
        free[1] = slot + 1
    free[2] += 1
    link[slot] = head[day]
    head[day] = slot
    return slot


@kernel
def take(head: Slots, link: Slots, free: Ints, day: Int) -> Int:
    """Remove one slot due on `day` and return it, -1 where nothing is left.

    Read its columns before the next `schedule`, which may use the slot again.
    """
    slot = head[day]
    if slot < 0:
        return -1
    head[day] = link[slot]
    link[slot] = free[0]
    free[0] = slot
    free[2] -= 1
    return slot
