"""Custody: spells, release, return (A3, incapacitation).

An arrested member is let go after a short detention with chance `short_share` (exponential, mean `short_mean`), else
held for an exponential spell with mean `long_mean`; the survey of firms found that under 2% of reports end in an
arrest, so most of the deterrent lies elsewhere. On release a member returns to the cell with chance `return_share`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from racketsim.engine.bound import LATE, bind
from racketsim.engine.calendar import empty_free, empty_head, schedule, take
from racketsim.engine.cells import CELL_STRIDE
from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.mechanism import Array, Mechanism, Variable
from racketsim.engine.philox import exponential, uniform_pair
from racketsim.engine.streams import Stream
from racketsim.mechanisms.event_rows import cell_writer
from racketsim.mechanisms.parameters import Parameters, parameter

_CUSTODY = int(Stream.CUSTODY)
_SPELL_BIT = 1 << 31


class CustodyParameters(Parameters):
    """How long the arrested are held, and whether they come back."""

    short_share: float = parameter(
        "share", "share of the arrested who are let go after a short detention", ge=0.0, le=1.0
    )
    short_mean: float = parameter("days", "mean of a short detention", ge=0.0, le=1e4)
    long_mean: float = parameter("days", "mean of a spell of remand and prison", ge=1.0, le=1e5)
    return_share: float = parameter("share", "share of the released who return to their group", ge=0.0, le=1.0)


@kernel
def admit(
    seed: Int,
    day: Int,
    settings: Sequence[Real],
    arrested: Array,
    admitted: Array,
    held: Array,
    head: Array,
    link: Array,
    free: Array,
    cell_: Array,
    returns: Array,
) -> None:
    """Take today's arrested into custody, each with a spell of its own; `held[G, D]` counts them."""
    short_share, short_mean, long_mean, return_share = settings
    for group in range(arrested.shape[0]):
        for district in range(arrested.shape[1]):
            for _ in range(arrested[group, district]):
                cell = group * CELL_STRIDE + district
                person = admitted[group, district]
                admitted[group, district] += 1
                held[group, district] += 1
                u, v = uniform_pair(seed, cell, _CUSTODY, person)
                mean = short_mean if u < short_share else long_mean
                spell = 1 + np.int64(mean * exponential(seed, cell, _CUSTODY, person + _SPELL_BIT))
                slot = schedule(head, link, free, day + spell)
                if slot >= 0:
                    cell_[slot] = cell
                    returns[slot] = v < return_share


@kernel
def release(
    day: Int,
    head: Array,
    link: Array,
    free: Array,
    cell_: Array,
    returns: Array,
    held: Array,
    released: Array,
    returned: Array,
    returned_by_group: Array,
) -> Int:
    """Release those whose spell ends today; count all in `released[G, D]` and those who rejoin in `returned[G, D]`.

    `returned_by_group[G]` are the sums of `returned`.
    """
    released[:] = 0
    returned[:] = 0
    returned_by_group[:] = 0
    count = 0
    while True:
        slot = take(head, link, free, day)
        if slot < 0:
            return count
        group, district = cell_[slot] // CELL_STRIDE, cell_[slot] % CELL_STRIDE
        held[group, district] -= 1
        released[group, district] += 1
        if returns[slot]:
            returned[group, district] += 1
            returned_by_group[group] += 1
        count += 1


class Custody(Mechanism):
    """Hold the arrested and release them."""

    name = "custody"
    elements = ("A3",)
    summary = "the arrested are held for a spell, released, and some return"
    reads = ("arrested",)
    writes = {
        "held": Variable(("group", "district"), "i8", "members", "members in custody, by the cell they came from"),
        "admitted": Variable(("group", "district"), "i8", "members", "taken into custody so far"),
        "released": Variable(("group", "district"), "i8", "members", "released today"),
        "returned": Variable(("group", "district"), "i8", "members", "released today who rejoin their cell"),
        "operators_released": Variable(("group",), "i8", "operators", "released today who rejoin, by group"),
        "custody_head": Variable(("day",), "i4", "slot", "calendar of releases"),
        "custody_link": Variable(("pending",), "i4", "slot", "calendar of releases"),
        "custody_free": Variable(("three",), "i8", "slot", "calendar of releases"),
        "custody_cell": Variable(("pending",), "i4", "cell", "calendar: cell"),
        "custody_returns": Variable(("pending",), "u1", "1", "calendar: whether the person rejoins"),
    }
    draws = (Stream.CUSTODY,)
    emits = ("release",)
    Parameters = CustodyParameters

    def accept(self, parameters: CustodyParameters) -> None:
        """Keep the parameters."""
        p = parameters
        self._settings = (p.short_share, p.short_mean, p.long_mean, p.return_share)

    def prepare(self) -> None:
        """Start with nobody in custody."""
        self.v.custody_head[:] = empty_head(self.city.days)
        self.v.custody_free[:] = empty_free()

    def step(self, day: int) -> None:
        """Release first, then admit."""
        v = self.v
        if released := self._release(day):
            self._report(released, day)
        if np.count_nonzero(v.arrested):
            self._admit(day)

    @cached_property
    def _calendar(self) -> tuple[Array, ...]:
        v = self.v
        return v.custody_head, v.custody_link, v.custody_free, v.custody_cell, v.custody_returns

    @cached_property
    def _release(self) -> Callable[..., int]:
        v = self.v
        return bind(release, LATE, *self._calendar, v.held, v.released, v.returned, v.operators_released)

    @cached_property
    def _report(self) -> Callable[..., None]:
        return cell_writer(self.log, "release", self.v.released)

    @cached_property
    def _admit(self) -> Callable[..., None]:
        v = self.v
        return bind(admit, self.seed, LATE, self._settings, v.arrested, v.admitted, v.held, *self._calendar)
