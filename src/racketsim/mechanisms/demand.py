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
import math
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from statistics import NormalDist

import numpy as np

from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.log import causal_key, stream_bits, type_codes
from racketsim.engine.mechanism import Array, Mechanism, Variable
from racketsim.engine.philox import normal_pair, uniform, uniform_pair
from racketsim.engine.streams import Stream
from racketsim.engine.thresholds import FRAILTY_CLASSES, ONE, fire, first_thresholds
from racketsim.mechanisms.parameters import Parameters, parameter
from racketsim.mechanisms.senders import draw_claim

_SENDER, _SIZE, _CLAIM = int(Stream.SENDER), int(Stream.SIZE), int(Stream.CLAIM)
_WAITS = (int(Stream.TERRITORIAL_WAIT), int(Stream.REMOTE_WAIT))
_NO_CAUSE = np.uint64(0)
TERRITORIAL, REMOTE = 0, 1
NEW, REVIEW, FOLLOW_UP = 0, 1, 2


class DemandParameters(Parameters):
    """How unequally targets are exposed."""

    frailty_sigma: float = parameter("log units", "standard deviation of log frailty, by channel", ge=0.0, le=3.0)
    remote_exposure: float = parameter(
        "1", "elasticity of remote demands to the exposure of a district", ge=0.0, le=2.0
    )


def frailty_weights(sigma: float) -> Array:
    """Return the weights `[2, FRAILTY_CLASSES]` of equally likely classes of a lognormal frailty with mean one."""
    quantile = NormalDist().inv_cdf
    middle = [quantile((n + 0.5) / FRAILTY_CLASSES) for n in range(FRAILTY_CLASSES)]
    weights = np.exp(sigma * np.array(middle))
    weights /= weights.mean()
    return np.vstack([weights, weights])


@kernel
def traits(seed: Int, target: Int, sigma: Real) -> tuple[Real, Real]:
    """Return what stays with a target: its profit relative to the median of its kind, and its stake.

    The stake is standard normal; it says how much more than others the target has to lose (see `decision`).
    """
    size, stake = normal_pair(seed, target, _SIZE, 0)
    return math.exp(sigma * size), stake


@kernel
def advance(
    rate: Array,
    remote_rate: Array,
    per_demand: Array,
    per_remote_demand: Array,
    clock: Array,
    cumulative: Array,
    cumulative_remote: Array,
) -> Real:
    """Add today's hazards to the clocks; return the rate of remote demands of the whole city.

    `per_demand[d, k]` is the hazard of one target where the district makes one demand a day, `per_remote_demand[d, k]`
    where the city makes one by remote. `cumulative[d, g]` become the running sums of the rates over groups.
    """
    groups, districts = rate.shape
    kinds = per_demand.shape[1]
    remote = 0.0
    for group in range(groups):
        remote += remote_rate[group]
        cumulative_remote[group] = remote
    for district in range(districts):
        total = 0.0
        for group in range(groups):
            total += rate[group, district]
            cumulative[district, group] = total
        for kind in range(kinds):
            c = district * kinds + kind
            clock[TERRITORIAL, c] += np.uint64(total * per_demand[district, kind] * ONE + 0.5)
            clock[REMOTE, c] += np.uint64(remote * per_remote_demand[district, kind] * ONE + 0.5)
    return remote


@kernel
def compose(
    seed: Int,
    kinds: Int,
    fired_in_person: Int,
    fired: Int,
    fired_target: Array,
    fired_class: Array,
    due: Int,
    due_target: Array,
    due_class: Array,
    due_group: Array,
    follow: Int,
    follow_target: Array,
    follow_class: Array,
    follow_group: Array,
    cumulative: Array,
    cumulative_remote: Array,
    impostor: Int,
    claim_running: Array,
    displaced: Array,
    rate: Array,
    payee: Array,
    closed: Array,
    sigma: Array,
    scale: Array,
    exponent: Array,
    remote_scale: Array,
    tribute_level: Array,
    ordinal: Array,
    target_: Array,
    class_: Array,
    group_: Array,
    claim_: Array,
    channel_: Array,
    ordinal_: Array,
    amount_: Array,
    size_: Array,
    stake_: Array,
    reason_: Array,
    rival_: Array,
    displaced_: Array,
    key_: Array,
) -> Int:
    """Turn the targets that fired or are due into the day's demands; return their number.

    An impostor claims the name of a group (`senders`), but not of one that the target pays: it knows who collects.

    The first `fired_in_person` of the `fired` targets were picked in person, the others by remote. `cumulative[d, g]`
    are running sums of today's rates over groups.
    """
    count = 0
    for n in range(fired + due + follow):
        moved = False
        if n < fired:
            target, cell = fired_target[n], fired_class[n]
            district = cell // kinds
            if closed[target] == 1:
                continue
            ordinal[target] += np.uint16(1)
            u, v = uniform_pair(seed, target, _SENDER, ordinal[target])
            channel = TERRITORIAL if n < fired_in_person else REMOTE
            sums = cumulative[district] if channel == TERRITORIAL else cumulative_remote
            group = np.searchsorted(sums, u * sums[-1], side="right")
            if group >= sums.size or payee[target] == group:
                continue
            reason = np.int64(NEW)
            if channel == TERRITORIAL and displaced[group, district] > 0.0:
                moved = v * rate[group, district] < displaced[group, district]
        else:
            m = n - fired
            if m < due:
                target, cell, group, reason = due_target[m], due_class[m], np.int64(due_group[m]), np.int64(REVIEW)
            else:
                m -= due
                target, cell, group = follow_target[m], follow_class[m], np.int64(follow_group[m])
                reason = np.int64(FOLLOW_UP)
            channel = TERRITORIAL
            if closed[target] == 1 or (reason == FOLLOW_UP and payee[target] == group):
                continue
            ordinal[target] += np.uint16(1)
        kind, district = cell % kinds, cell // kinds
        claim = np.int64(group)
        if group == impostor:
            claim = draw_claim(uniform(seed, target, _CLAIM, ordinal[target]), claim_running[district], impostor)
            if payee[target] == claim and claim != impostor:
                continue
        size, stake = traits(seed, target, sigma[kind])
        base = scale[kind] * tribute_level[district] if channel == TERRITORIAL else remote_scale[kind]
        asked = base * size ** exponent[kind]
        if count >= target_.size:
            raise OverflowError("more demands on one day than there is room for")
        target_[count] = target
        class_[count] = cell
        group_[count] = group
        claim_[count] = claim
        channel_[count] = channel
        ordinal_[count] = ordinal[target]
        amount_[count] = max(1, np.int64(100.0 * asked + 0.5))
        size_[count] = size
        stake_[count] = stake
        reason_[count] = reason
        rival_[count] = payee[target] if payee[target] != group else -1
        displaced_[count] = moved
        key_[count] = causal_key(target, ordinal[target])
        count += 1
    return count


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
        "closed",
        "tribute_level",
        "due_count",
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
            ("target",), "u8", "2**-40", "heap of each class: clock at which a target fires in person"
        ),
        "key_remote": Variable(
            ("target",), "u8", "2**-40", "heap of each class: clock at which a target fires by remote"
        ),
        "heap_in_person": Variable(("target",), "i4", "target", "targets in the order of key_in_person"),
        "heap_remote": Variable(("target",), "i4", "target", "targets in the order of key_remote"),
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
        "demand_reason": Variable(("demand",), "i1", "1", "0 new, 1 review of a paying relation, 2 after a punishment"),
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
        """Draw the first thresholds and build the heaps."""
        v = self.v
        v.frailty_weights[:] = self._weights

        def part(bounds: tuple[int, int]) -> None:
            first_thresholds(
                self.seed,
                self.city.starts,
                *bounds,
                self._weights,
                v.key_in_person,
                v.key_remote,
                v.heap_in_person,
                v.heap_remote,
            )

        self._in_parts(part)

    @cached_property
    def _parts(self) -> list[tuple[int, int]]:
        """Cut the classes into as many runs as there are threads, of about equal numbers of targets."""
        aims = np.linspace(0, self.city.targets, self.threads + 1)[1:-1]
        edges = [0, *np.searchsorted(self.city.starts, aims).tolist(), self.city.classes]
        return [(a, b) for a, b in itertools.pairwise(edges) if b > a]

    def _in_parts(self, part: object) -> list[object]:
        bounds = self._parts
        if len(bounds) == 1:
            return [part(bounds[0])]  # type: ignore[operator]
        with ThreadPoolExecutor(len(bounds)) as pool:
            return list(pool.map(part, bounds))  # type: ignore[arg-type]

    def _fire(self, channel: int, count: int) -> int:
        """Fire one channel on all threads, each into its own stretch of the output, then close the gaps in order."""
        v = self.v
        key, heap = (v.key_in_person, v.heap_in_person) if channel == TERRITORIAL else (v.key_remote, v.heap_remote)
        room = (v.fired_target.size - count) // self.threads

        def part(place: int, bounds: tuple[int, int]) -> tuple[int, int]:
            begin = count + place * room
            end = fire(
                self.seed,
                channel,
                _WAITS[channel],
                self.city.starts,
                *bounds,
                v.clock[channel],
                key,
                heap,
                v.fired[channel],
                self._weights,
                v.fired_target[begin : begin + room],
                v.fired_class[begin : begin + room],
                0,
            )
            if end < 0:
                raise OverflowError("more demands on one day than there is room for")
            return begin, begin + end

        parts = self._parts
        if len(parts) == 1:
            return part(0, parts[0])[1]
        with ThreadPoolExecutor(len(parts)) as pool:
            stretches = list(pool.map(part, range(len(parts)), parts))
        for begin, end in stretches:
            v.fired_target[count : count + end - begin] = v.fired_target[begin:end]
            v.fired_class[count : count + end - begin] = v.fired_class[begin:end]
            count += end - begin
        return count

    def step(self, day: int) -> None:
        """Advance the clocks by today's hazards, fire, and compose the day's demands."""
        v = self.v
        remote = advance(
            v.rate,
            v.remote_rate,
            self._per_demand,
            self._per_remote_demand,
            v.clock,
            self._cumulative,
            self._cumulative_remote,
        )
        fired_in_person = fired = self._fire(TERRITORIAL, 0)
        if remote > 0.0:
            fired = self._fire(REMOTE, fired)
        v.demand_count[0] = n = compose(
            self.seed,
            self.city.kinds,
            fired_in_person,
            fired,
            v.fired_target,
            v.fired_class,
            int(v.due_count[0]),
            v.due_target,
            v.due_class,
            v.due_group,
            int(v.follow_count[0]),
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
        self._report(day, n)

    def _report(self, day: int, n: int) -> None:
        v = self.v
        if self.log.keep and n:
            self.log.add_demands(
                self._code,
                self._one_type,
                day,
                n,
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
            )
