"""Who is asked, by whom and for how much: the compiled rules of `demand`, target by target (A1)."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.log import causal_key
from racketsim.engine.mechanism import Array
from racketsim.engine.philox import normal_pair, uniform, uniform_pair
from racketsim.engine.streams import Stream
from racketsim.engine.thresholds import FRAILTY_CLASSES, ONE
from racketsim.mechanisms.senders import draw_claim

_SENDER, _SIZE, _CLAIM = int(Stream.SENDER), int(Stream.SIZE), int(Stream.CLAIM)
TERRITORIAL, REMOTE = 0, 1
NEW, REVIEW, FOLLOW_UP, CEDED, TEST = 0, 1, 2, 3, 4


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
    due_part: Array,
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
    second: Array,
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

    Those due are `due_part[0]` reviews, then `due_part[1]` targets that were ceded, then those put to the test.
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
            if group >= sums.size or payee[target] == group or second[target] == group:
                continue
            reason = np.int64(NEW)
            if channel == TERRITORIAL and displaced[group, district] > 0.0:
                moved = v * rate[group, district] < displaced[group, district]
        else:
            m = n - fired
            if m < due:
                target, cell, group = due_target[m], due_class[m], np.int64(due_group[m])
                reason = np.int64(REVIEW if m < due_part[0] else CEDED if m < due_part[0] + due_part[1] else TEST)
            else:
                m -= due
                target, cell, group = follow_target[m], follow_class[m], np.int64(follow_group[m])
                reason = np.int64(FOLLOW_UP)
            channel = TERRITORIAL
            if closed[target] == 1:
                continue
            if reason == FOLLOW_UP and (payee[target] == group or second[target] == group):
                continue
            ordinal[target] += np.uint16(1)
        kind, district = cell % kinds, cell // kinds
        claim = np.int64(group)
        if group == impostor:
            claim = draw_claim(uniform(seed, target, _CLAIM, ordinal[target]), claim_running[district], impostor)
            if claim != impostor and (payee[target] == claim or second[target] == claim):
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
        rival_[count] = payee[target] if payee[target] != group else second[target]
        displaced_[count] = moved
        key_[count] = causal_key(target, ordinal[target])
        count += 1
    return count
