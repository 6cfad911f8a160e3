"""A field of targets with thresholds, driven straight through the engine's kernels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from racketsim.engine.philox import unit, words
from racketsim.engine.streams import Stream
from racketsim.engine.thresholds import FRAILTY_CLASSES, ONE, fire, frailty_class, least_words, waiting

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
        self.drawn, self.queued, self.later = np.zeros((3, 2, self.classes), dtype=np.int32)
        self.fired = np.zeros((2, targets), dtype=np.uint16)
        self._out = np.zeros(room, dtype=np.int32), np.zeros(room, dtype=np.int32)
        self._least = least_words(weights)

    def heap(self, c: int, channel: int = 0) -> slice:
        """Return where the heap of class `c` is."""
        return slice(int(self.starts[c]), int(self.starts[c]) + int(self.queued[channel, c]))

    def behind(self, c: int, channel: int = 0) -> slice:
        """Return where those of class `c` are who have fired and wait behind its heap."""
        return slice(int(self.starts[c + 1]) - int(self.later[channel, c]), int(self.starts[c + 1]))

    def keys(self, channel: int = 0) -> npt.NDArray[np.uint64]:
        """Return the keys by target: drawn here for those who are in no heap yet."""
        keys = np.empty(self.targets, dtype=np.uint64)
        for target in range(self.targets):
            word = words(self.seed, np.uint64(target), np.uint64(Stream.FIRST_THRESHOLDS), np.uint64(0))[channel]
            keys[target] = waiting(unit(word), self.weights[channel, frailty_class(self.seed, target, channel)])
        for c in range(self.classes):
            for place in (self.heap(c, channel), self.behind(c, channel)):
                keys[self.member[channel, place]] = self.key[channel, place]
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
            (
                self.key[channel],
                self.member[channel],
                self.drawn[channel],
                self.queued[channel],
                self.later[channel],
            ),
            self.fired[channel],
            self.weights,
            self._least,
            *self._out,
            0,
            len(self._out[0]),
        )
        if count < 0:
            raise OverflowError
        return self._out[0][:count].astype(np.int64), self._out[1][:count].astype(np.int64)
