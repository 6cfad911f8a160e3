"""Demands: whom a group or an operator asks, and for how much (A1).

In person, the members of a district pick among its targets in proportion to the attraction of their kind and to their
frailty; by remote, operators pick among all targets of the city in proportion to attraction, frailty and a power of the
exposure of the district. Either way a target's demands have a hazard that its class (district x kind) shares, so
targets fire by thresholds (`engine.thresholds`). More than half of incidents being repeats on few targets
(Farrell 1995, Crime and Justice 19) is the work of frailty, reviews and follow-ups.

Equation: hazard in person[d, k] = sum_g rate[g, d] * a_k / sum_k' a_k' n[d, k']; the sender is group g with chance
rate[g, d] / sum. Sums asked are concave in size: a * (size / median) ** b, b < 1 (Gambetta 1993; Sicily: 40% of profit
for the smallest falling to 2% for the largest), size lognormal by kind, and lower where rivals compete (`contest`).
Demands on a target that already pays the sender, or that has closed, do not happen. Reviews of paying relations and
follow-ups after punishment join the batch.

The day's demands are the variables `demand_*`; each demand is a true case.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

import numpy as np

from racketsim.engine.bound import LATE, bind
from racketsim.engine.log import stream_bits, type_codes
from racketsim.engine.mechanism import Mechanism, Variable
from racketsim.engine.streams import Stream
from racketsim.engine.thresholds import fire, least_words
from racketsim.mechanisms.asking import REMOTE, TERRITORIAL, advance, compose, frailty_weights
from racketsim.mechanisms.event_rows import DEMAND_COLUMNS, put_demands
from racketsim.mechanisms.parameters import Parameters, parameter

_SENDER = int(Stream.SENDER)
_WAITS = (int(Stream.TERRITORIAL_WAIT), int(Stream.REMOTE_WAIT))
_NO_CAUSE = np.uint64(0)


class DemandParameters(Parameters):
    """How unequally targets are exposed."""

    frailty_sigma: float = parameter("log units", "standard deviation of log frailty, by channel", ge=0.0, le=3.0)
    remote_exposure: float = parameter(
        "1", "elasticity of remote demands to the exposure of a district", ge=0.0, le=2.0
    )


class Demand(Mechanism):
    """Fire the targets whose time has come, choose who asks them, and set the sum."""

    name = "demand"
    elements = ("A1",)
    summary = "targets whose hazard has passed their threshold are asked for money"
    reads = (
        "rate",
        "displaced_rate",
        "remote_rate",
        "payee",
        "second",
        "closed",
        "tribute_level",
        "due_count",
        "due_part",
        "due_target",
        "due_class",
        "due_group",
        "follow_count",
        "follow_target",
        "follow_class",
        "follow_group",
        "claim_running",
    )
    writes = {
        "clock": Variable(("channel", "class"), "u8", "2**-40", "cumulative hazard of a class, by channel"),
        "key_in_person": Variable(
            ("heap",), "u8", "2**-40", "heap of each class: clock at which a target fires in person"
        ),
        "key_remote": Variable(
            ("heap",), "u8", "2**-40", "heap of each class: clock at which a target fires by remote"
        ),
        "heap_in_person": Variable(("heap",), "i4", "target", "targets in the order of key_in_person"),
        "heap_remote": Variable(("heap",), "i4", "target", "targets in the order of key_remote"),
        "drawn": Variable(("channel", "class"), "i4", "slice", "slices of first thresholds that have been drawn"),
        "queued": Variable(("channel", "class"), "i4", "targets", "targets in the heap of a class"),
        "later": Variable(("channel", "class"), "i4", "targets", "targets that have fired and come after these slices"),
        "frailty_weights": Variable(("channel", "frailty"), "f8", "1", "weights of equally likely classes of frailty"),
        "fired": Variable(("channel", "target"), "u2", "1", "times that a target has fired, by channel"),
        "ordinal": Variable(("target",), "u2", "1", "demands made of a target so far"),
        "fired_target": Variable(("demand",), "i4", "target", "targets that fired today"),
        "fired_class": Variable(("demand",), "i4", "class", "classes of the targets that fired today"),
        "demand_count": Variable(("one",), "i8", "1", "demands of today"),
        "demand_target": Variable(("demand",), "i4", "target", "who is asked"),
        "demand_class": Variable(("demand",), "i4", "class", "class of who is asked"),
        "demand_group": Variable(("demand",), "i2", "group", "who asks"),
        "demand_claim": Variable(("demand",), "i2", "group", "in whose name it is asked: who asks, unless an impostor"),
        "demand_channel": Variable(("demand",), "i1", "1", "0 in person, 1 by remote"),
        "demand_ordinal": Variable(("demand",), "i4", "1", "which demand of this target it is"),
        "demand_amount": Variable(("demand",), "i8", "centimos", "asked a day in person, once by remote"),
        "demand_size": Variable(("demand",), "f8", "1", "profit of the target relative to the median of its kind"),
        "demand_stake": Variable(("demand",), "f8", "1", "what the target has at stake, standard normal over targets"),
        "demand_key": Variable(
            ("demand",), "u8", "1", "target and ordinal of the demand, for the ids of what it causes"
        ),
        "demand_reason": Variable(
            ("demand",), "i1", "1", "0 new, 1 review, 2 after a punishment, 3 of a ceded target, 4 of a united payer"
        ),
        "demand_rival": Variable(("demand",), "i2", "group", "another group that the target pays, -1 none"),
        "demand_displaced": Variable(("demand",), "u1", "1", "whether a surge elsewhere displaced the demand here"),
    }
    draws = (
        Stream.FIRST_THRESHOLDS,
        Stream.TERRITORIAL_WAIT,
        Stream.REMOTE_WAIT,
        Stream.SENDER,
        Stream.SIZE,
        Stream.CLAIM,
    )
    emits = ("demand",)
    Parameters = DemandParameters
    threads = 1

    def accept(self, parameters: DemandParameters) -> None:
        """Keep the parameters and what follows from them and the city alone."""
        city = self.city
        self._weights = frailty_weights(parameters.frailty_sigma)
        self._sigma, self._exponent = city.column("size_sigma"), city.column("tribute_exponent")
        self._scale, self._remote_scale = city.column("tribute_scale"), city.column("remote_scale")
        attraction = city.column("territorial_attraction")
        total = (city.counts * attraction).sum(axis=1, keepdims=True)
        self._per_demand = np.divide(attraction, total, out=np.zeros(city.counts.shape), where=total > 0)
        exposed = city.scenario.districts.exposure**parameters.remote_exposure
        remote = exposed[:, None] * city.column("remote_attraction")
        self._code = type_codes(("demand",))
        self._one_type = np.zeros(city.sizes["demand"], dtype=np.int8)
        self._cumulative = np.zeros((city.districts, city.groups))
        self._cumulative_remote = np.zeros(city.groups)
        self._per_remote_demand = remote / max((city.counts * remote).sum(), 1e-300)

    def prepare(self) -> None:
        """Keep the weights; thresholds are drawn when the clocks move (see `engine.thresholds`)."""
        self.v.frailty_weights[:] = self._weights

    @cached_property
    def _parts(self) -> list[tuple[int, int]]:
        """Cut the classes into as many runs as there are threads, of about equal numbers of targets."""
        aims = np.linspace(0, self.city.targets, self.threads + 1)[1:-1]
        edges = [0, *np.searchsorted(self.city.starts, aims).tolist(), self.city.classes]
        return [(a, b) for a, b in itertools.pairwise(edges) if b > a]

    @cached_property
    def _fires(self) -> list[list[Callable[..., int]]]:
        """The kernel that fires a part of the classes, by channel and part."""
        v, least = self.v, least_words(self._weights)
        return [
            [
                bind(
                    fire,
                    self.seed,
                    channel,
                    _WAITS[channel],
                    self.city.starts,
                    *bounds,
                    v.clock[channel],
                    (key, heap, v.drawn[channel], v.queued[channel], v.later[channel]),
                    v.fired[channel],
                    self._weights,
                    least,
                    v.fired_target,
                    v.fired_class,
                    LATE,
                    LATE,
                )
                for bounds in self._parts
            ]
            for channel, key, heap in (
                (TERRITORIAL, v.key_in_person, v.heap_in_person),
                (REMOTE, v.key_remote, v.heap_remote),
            )
        ]

    def _fire(self, channel: int, count: int) -> int:
        """Fire one channel on all threads, each into its own stretch of the output, then close the gaps in order."""
        v, fires = self.v, self._fires[channel]
        room = (v.fired_target.size - count) // len(fires)

        def part(place: int) -> tuple[int, int]:
            begin = count + place * room
            end = fires[place](begin, begin + room)
            if end < 0:
                raise OverflowError("more demands on one day than there is room for")
            return begin, end

        if len(fires) == 1:
            return part(0)[1]
        with ThreadPoolExecutor(len(fires)) as pool:
            stretches = list(pool.map(part, range(len(fires))))
        for begin, end in stretches:
            v.fired_target[count : count + end - begin] = v.fired_target[begin:end]
            v.fired_class[count : count + end - begin] = v.fired_class[begin:end]
            count += end - begin
        return count

    def step(self, day: int) -> None:
        """Advance the clocks by today's hazards, fire, and compose the day's demands."""
        v = self.v
        remote = self._advance()
        fired_in_person = fired = self._fire(TERRITORIAL, 0)
        if remote > 0.0:
            fired = self._fire(REMOTE, fired)
        v.demand_count[0] = n = self._compose(fired_in_person, fired, int(v.due_count[0]), int(v.follow_count[0]))
        if n:
            self._report(n, day)

    @cached_property
    def _advance(self) -> Callable[..., float]:
        v = self.v
        return bind(
            advance,
            v.rate,
            v.remote_rate,
            self._per_demand,
            self._per_remote_demand,
            v.clock,
            self._cumulative,
            self._cumulative_remote,
        )

    @cached_property
    def _compose(self) -> Callable[..., int]:
        v = self.v
        return bind(
            compose,
            self.seed,
            self.city.kinds,
            LATE,
            LATE,
            v.fired_target,
            v.fired_class,
            LATE,
            v.due_part,
            v.due_target,
            v.due_class,
            v.due_group,
            LATE,
            v.follow_target,
            v.follow_class,
            v.follow_group,
            self._cumulative,
            self._cumulative_remote,
            self.city.impostor,
            v.claim_running,
            v.displaced_rate,
            v.rate,
            v.payee,
            v.second,
            v.closed,
            self._sigma,
            self._scale,
            self._exponent,
            self._remote_scale,
            v.tribute_level,
            v.ordinal,
            v.demand_target,
            v.demand_class,
            v.demand_group,
            v.demand_claim,
            v.demand_channel,
            v.demand_ordinal,
            v.demand_amount,
            v.demand_size,
            v.demand_stake,
            v.demand_reason,
            v.demand_rival,
            v.demand_displaced,
            v.demand_key,
        )

    @cached_property
    def _report(self) -> Callable[..., None]:
        v = self.v
        return self.log.writer(
            put_demands,
            self._code,
            self._one_type,
            stream_bits(_SENDER),
            _NO_CAUSE,
            self.city.kinds,
            v.demand_key,
            v.demand_class,
            v.demand_group,
            v.demand_claim,
            v.demand_target,
            v.demand_channel,
            v.demand_amount,
            columns=DEMAND_COLUMNS,
        )
