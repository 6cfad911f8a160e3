"""Thresholded hazards of a whole array of cells (group x district), for rare events of groups.

Each cell lives through its hazard; when the hazard spent since its last event passes an exponential threshold with
mean one, it fires. Work is one pass over the array a day, and a draw only where something happens.
"""

from __future__ import annotations

from racketsim.engine.kernel import Int, kernel
from racketsim.engine.mechanism import Array
from racketsim.engine.philox import exponential

CELL_STRIDE = 65536
"""Entity number of a cell: group * CELL_STRIDE + district."""


@kernel
def draw_thresholds(seed: Int, stream: Int, threshold: Array) -> None:
    """Draw the first threshold of every cell of `threshold[G, D]`."""
    for group in range(threshold.shape[0]):
        for district in range(threshold.shape[1]):
            threshold[group, district] = exponential(seed, group * CELL_STRIDE + district, stream, 0)


@kernel
def anything(cells: Array) -> bool:
    """Whether any cell of `cells[G, D]` is not 0; a fraction of the cost of looking at each in turn."""
    found = False
    for group in range(cells.shape[0]):
        for district in range(cells.shape[1]):
            found |= cells[group, district] != 0
    return found


@kernel
def how_many(cells: Array) -> Int:
    """Return how many cells of `cells[G, D]` are not 0."""
    count = 0
    for group in range(cells.shape[0]):
        for district in range(cells.shape[1]):
            count += cells[group, district] != 0
    return count


@kernel
def fire_cells(seed: Int, stream: Int, hazard: Array, threshold: Array, events: Array, fired: Array) -> Int:
    """Let every cell live through `hazard[G, D]`; write how often each fires to `fired` and return the total.

    `threshold` holds the hazard that is left until the next event, `events` the events so far.
    """
    due = False
    for group in range(hazard.shape[0]):  # nothing here that could not be done for several cells at once
        for district in range(hazard.shape[1]):
            fired[group, district] = 0
            left = threshold[group, district] - max(hazard[group, district], 0.0)
            threshold[group, district] = left
            due |= left <= 0.0
    return _fire_due(seed, stream, threshold, events, fired) if due else 0


@kernel
def _fire_due(seed: Int, stream: Int, threshold: Array, events: Array, fired: Array) -> Int:
    total = 0
    for group in range(threshold.shape[0]):
        for district in range(threshold.shape[1]):
            while threshold[group, district] <= 0.0:
                events[group, district] += 1
                fired[group, district] += 1
                total += 1
                threshold[group, district] += exponential(
                    seed, group * CELL_STRIDE + district, stream, events[group, district]
                )
    return total
