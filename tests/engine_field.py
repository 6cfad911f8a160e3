"""A field of targets with thresholds, driven straight through the engine's kernels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from racketsim.engine.streams import Stream
from racketsim.engine.thresholds import FRAILTY_CLASSES, ONE, fire, first_thresholds

Ints = npt.NDArray[np.int64]
WAITS = (int(Stream.TERRITORIAL_WAIT), int(Stream.REMOTE_WAIT))
EVEN = np.ones((2, FRAILTY_CLASSES))


class Field:
    """Classes of targets whose clocks are moved by hand. `counts[c]` is the number of targets of class c."""

    def __init__(
        self, counts: Sequence[int], seed: int = 1, weights: npt.NDArray[np.float64] = EVEN, room: int = 100_000
    ) -> None:
        self.seed, self.weights = np.uint64(seed), weights
        self.starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        self.targets = targets = int(self.starts[-1])
        self.classes = len(counts)
        self.clock = np.zeros((2, self.classes), dtype=np.uint64)
        self.key = np.zeros((2, targets), dtype=np.uint64)
        self.member = np.zeros((2, targets), dtype=np.int32)
        self.fired = np.zeros((2, targets), dtype=np.uint16)
        self._out = np.zeros(room, dtype=np.int32), np.zeros(room, dtype=np.int32)
        first_thresholds(self.seed, self.starts, 0, self.classes, weights, *self.key, *self.member)

    def keys(self, channel: int = 0) -> npt.NDArray[np.uint64]:
        """Return the keys by target."""
        keys = np.empty(self.targets, dtype=np.uint64)
        keys[self.member[channel]] = self.key[channel]
        return keys

    def move(self, hazard: float | npt.NDArray[np.float64], channel: int = 0) -> None:
        """Add a hazard to the clocks of all classes, or one to each."""
        self.clock[channel] += np.rint(np.broadcast_to(hazard, self.classes) * ONE).astype(np.uint64)

    def fire(self, channel: int = 0, first: int = 0, last: int | None = None) -> tuple[Ints, Ints]:
        """Return the targets that fire, and their classes."""
        count = fire(
            self.seed,
            channel,
            WAITS[channel],
            self.starts,
            first,
            self.classes if last is None else last,
            self.clock[channel],
            self.key[channel],
            self.member[channel],
            self.fired[channel],
            self.weights,
            *self._out,
            0,
            len(self._out[0]),
        )
        if count < 0:
            raise OverflowError
        return self._out[0][:count].astype(np.int64), self._out[1][:count].astype(np.int64)
