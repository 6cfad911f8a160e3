"""Rare events of groups: the events of a cell are a Poisson process in the hazard it lives through.

False alarms on a random seed: 1e-4 a test.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import stats

from racketsim.engine.cells import draw_thresholds, fire_cells
from racketsim.engine.streams import Stream

SHAPE = (20, 50)
STREAM = int(Stream.RECRUITMENT_WAIT)
SEED = np.uint64(3)
FALSE_ALARM = 1e-4


def live(hazards: list[npt.NDArray[np.float64]]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return events and thresholds of all cells after the hazards of some days."""
    threshold, events = np.zeros(SHAPE), np.zeros(SHAPE, dtype=np.int64)
    fired = np.zeros(SHAPE, dtype=np.int64)
    draw_thresholds(SEED, STREAM, threshold)
    told = 0
    for hazard in hazards:
        total = int(fire_cells(SEED, STREAM, hazard, threshold, events, fired))
        assert total == fired.sum()
        told += total
    assert told == events.sum()
    return events, threshold


def test_first_thresholds_are_exponential() -> None:
    _, threshold = live([])
    assert stats.kstest(threshold.reshape(-1), "expon").pvalue > FALSE_ALARM


def test_events_of_a_cell_are_poisson_in_the_hazard_it_lived_through() -> None:
    events, _ = live([np.full(SHAPE, 0.04)] * 100)
    seen = np.bincount(np.minimum(events.reshape(-1), 9), minlength=10)
    chance = np.append(stats.poisson.pmf(range(9), 4.0), stats.poisson.sf(8, 4.0))
    assert stats.chisquare(seen, chance * events.size).pvalue > FALSE_ALARM


def test_one_large_hazard_fires_several_times_and_as_often_as_many_small_ones() -> None:
    at_once, left = live([np.full(SHAPE, 8.0)])
    in_steps, left_in_steps = live([np.full(SHAPE, 0.125)] * 64)
    assert at_once.max() > 8
    assert np.array_equal(at_once, in_steps)
    assert np.allclose(left, left_in_steps)


def test_a_cell_without_hazard_neither_fires_nor_changes() -> None:
    hazard = np.zeros(SHAPE)
    hazard[3, 7] = 50.0
    events, threshold = live([hazard])
    _, untouched = live([])
    assert events[3, 7] > 20
    elsewhere = hazard == 0.0
    assert not events[elsewhere].any()
    assert np.array_equal(threshold[elsewhere], untouched[elsewhere])
    assert (threshold > 0.0).all()
