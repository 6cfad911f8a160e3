"""The ledger of paying relations: how they start, change hands, come up for review and end (A1, A24).

The compiled rules of `collection`, target by target. A relation is a target's `payee`, its `tribute` and the sums of
its cell; a target that pays two groups has a `second` one as well, never without the first. `collection` holds the
equations.
"""

from __future__ import annotations

import math

import numpy as np

from racketsim.engine.calendar import schedule, take
from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.mechanism import Array
from racketsim.engine.philox import exponential, uniform, uniform_pair, unit, words_of_many
from racketsim.engine.streams import Stream
from racketsim.engine.thresholds import frailty_classes
from racketsim.mechanisms.asking import traits
from racketsim.mechanisms.crowd_rules import refuses_together
from racketsim.mechanisms.decision import BOTH, CHANGE, CLOSE, PAY, pay_chance
from racketsim.mechanisms.payers import mark_paying, payers
from racketsim.mechanisms.senders import repeated_harm

_REVIEW, _REOPENING = int(Stream.REVIEW), int(Stream.REOPENING)
_INITIAL, _INITIAL_TIME = int(Stream.INITIAL_RELATION), int(Stream.RELATION_TIME)
_TURNOVER, _FACTION = int(Stream.TURNOVER), int(Stream.FACTION)
_GROUP_STRIDE = 1 << 32
_IS_REVIEW, _IS_REOPENING = 0, 1
_HALF = 0.5
_BLOCK = 512


@kernel
def _book(
    sign: Int,
    district: Int,
    kind: Int,
    group: Int,
    sum_: Int,
    flow_group: Array,
    flow_kind: Array,
    relations_group: Array,
    relations_kind: Array,
) -> None:
    flow_group[district, group] += sign * sum_
    flow_kind[district, kind] += sign * sum_
    relations_group[district, group] += sign
    relations_kind[district, kind] += sign


@kernel
def _release(
    target: Int,
    group: Int,
    district: Int,
    kind: Int,
    payee: Array,
    second: Array,
    tribute: Array,
    second_tribute: Array,
    paying: Array,
    flow_group: Array,
    flow_kind: Array,
    relations_group: Array,
    relations_kind: Array,
) -> None:
    """End the relation of `target` with `group`, if there is one; the second, if any, moves up."""
    if second[target] >= 0 and group in (payee[target], second[target]):
        ended = tribute[target] if group == payee[target] else second_tribute[target]
        _book(-1, district, kind, group, ended, flow_group, flow_kind, relations_group, relations_kind)
        if group == payee[target]:
            payee[target] = second[target]
            tribute[target] = second_tribute[target]
        second[target] = -1
    elif group >= 0 and group == payee[target]:
        _book(-1, district, kind, group, tribute[target], flow_group, flow_kind, relations_group, relations_kind)
        payee[target] = -1
        mark_paying(paying, target, False)


@kernel
def _orphaned(relations_group: Array, members: Array, impostors: Array, impostor: Int, heir: Array) -> Int:
    """Return how many cells have relations but no members, or a faction that left."""
    count = 0
    for district in range(relations_group.shape[0]):
        for group in range(relations_group.shape[1]):
            if relations_group[district, group] > 0:
                there = impostors[district] if group == impostor else members[group, district]
                if there == 0 or heir[group, district] >= 0:
                    count += 1
    return count


@kernel
def settle(
    seed: Int,
    day: Int,
    kinds: Int,
    review_mean: Real,
    reopening_mean: Real,
    roving_days: Real,
    roving: Array,
    count: Int,
    target_: Array,
    class_: Array,
    group_: Array,
    channel_: Array,
    ordinal_: Array,
    amount_: Array,
    action: Array,
    payee: Array,
    second: Array,
    closed: Array,
    tribute: Array,
    second_tribute: Array,
    paying: Array,
    review_day: Array,
    flow_group: Array,
    flow_kind: Array,
    relations_group: Array,
    relations_kind: Array,
    once_group: Array,
    once_remote: Array,
    once_kind: Array,
    once_count: Array,
    head: Array,
    link: Array,
    free: Array,
    what: Array,
    whom: Array,
    where: Array,
    members: Array,
    impostors: Array,
    impostor: Int,
    heir: Array,
) -> Int:
    """Carry out the decisions of the day: start, change and end relations, take one-off sums, close targets.

    One-off sums are written to `once_group[D, G]` and `once_kind[D, K]`, those by remote to `once_remote[D, G]` as
    well, and their number to `once_count[D, K]`. Returns how many cells are left with relations that are to end or to
    pass to an heir.
    """
    once_group[:] = 0
    once_remote[:] = 0
    once_kind[:] = 0
    once_count[:] = 0
    sums = (flow_group, flow_kind, relations_group, relations_kind)
    held = (payee, second, tribute, second_tribute, paying)
    for n in range(count):
        target, group, act = target_[n], group_[n], action[n]
        district, kind = class_[n] // kinds, class_[n] % kinds
        if channel_[n] == 1:
            if act == PAY:
                once_group[district, group] += amount_[n]
                once_remote[district, group] += amount_[n]
                once_kind[district, kind] += amount_[n]
                once_count[district, kind] += 1
            continue
        if closed[target] == 1:
            continue  # asked twice today, and closed over the first demand
        paid_two = second[target] >= 0
        _release(target, group, district, kind, *held, *sums)
        if act in (PAY, CHANGE, CLOSE):
            _release(target, payee[target], district, kind, *held, *sums)
        if act == CLOSE:
            _release(target, payee[target], district, kind, *held, *sums)
        taker = act in (PAY, CHANGE, BOTH)
        if taker and uniform_pair(seed, target, _REVIEW, ordinal_[n])[1] < roving[group, district]:
            taken = np.int64(amount_[n] * roving_days)
            once_group[district, group] += taken
            once_kind[district, kind] += taken
            once_count[district, kind] += 1
            taker = False
        if taker:
            if payee[target] < 0:
                payee[target] = group
                tribute[target] = amount_[n]
                mark_paying(paying, target, True)
            else:
                _release(target, second[target], district, kind, *held, *sums)
                second[target] = group
                second_tribute[target] = amount_[n]
            _book(1, district, kind, group, amount_[n], *sums)
        if act == CLOSE:
            closed[target] = 1
            wait = 1 + np.int64(reopening_mean * exponential(seed, target, _REOPENING, ordinal_[n]))
        elif taker or (paid_two and payee[target] >= 0):
            wait = 1 + np.int64(review_mean * exponential(seed, target, _REVIEW, ordinal_[n]))
        else:
            continue
        slot = schedule(head, link, free, day + wait)
        review_day[target] = -1
        if slot >= 0:
            what[slot] = _IS_REOPENING if act == CLOSE else _IS_REVIEW
            whom[slot] = target
            where[slot] = class_[n]
            review_day[target] = day + wait
    return _orphaned(relations_group, members, impostors, impostor, heir)


@kernel
def accrue(
    mobility: Array,
    flow_group: Array,
    flow_kind: Array,
    relations_kind: Array,
    income_group: Array,
    income_kind: Array,
    payments_kind: Array,
) -> None:
    """Add a day of every relation to the takings, scaled by the street activity of its district in thousandths."""
    for district in range(mobility.size):
        thousandths = np.int64(np.rint(mobility[district] * 1000.0))
        for group in range(flow_group.shape[1]):
            income_group[district, group] += flow_group[district, group] * thousandths // 1000
        for kind in range(flow_kind.shape[1]):
            income_kind[district, kind] += flow_kind[district, kind] * thousandths // 1000
            payments_kind[district, kind] += relations_kind[district, kind] * thousandths // 1000


@kernel
def come_due(
    seed: Int,
    day: Int,
    kinds: Int,
    turnover: Real,
    payee: Array,
    second: Array,
    closed: Array,
    tribute: Array,
    second_tribute: Array,
    paying: Array,
    review_day: Array,
    flow_group: Array,
    flow_kind: Array,
    relations_group: Array,
    relations_kind: Array,
    head: Array,
    link: Array,
    free: Array,
    what: Array,
    whom: Array,
    where: Array,
    due_target: Array,
    due_class: Array,
    due_group: Array,
    reopened: Array,
) -> tuple[Int, Int]:
    """Take what is due on `day`: reviews to the `due_*` columns, replaced targets to `reopened`; return both counts.

    Of two groups that a target pays, one comes, each as likely.
    """
    reviews, openings = 0, 0
    sums = (flow_group, flow_kind, relations_group, relations_kind)
    held = (payee, second, tribute, second_tribute, paying)
    while True:
        slot = take(head, link, free, day)
        if slot < 0:
            return reviews, openings
        target = whom[slot]
        if review_day[target] != day:
            continue
        review_day[target] = -1
        if what[slot] == _IS_REOPENING:
            closed[target] = 0
            reopened[openings] = where[slot]
            openings += 1
        elif payee[target] >= 0:
            replaced, other = uniform_pair(seed, target, _TURNOVER, day)
            if replaced < turnover:
                district, kind = where[slot] // kinds, where[slot] % kinds
                for _ in range(2):
                    _release(target, payee[target], district, kind, *held, *sums)
                continue
            if reviews >= due_target.size:
                raise OverflowError("more reviews on one day than there is room for")
            due_target[reviews] = target
            due_class[reviews] = where[slot]
            due_group[reviews] = second[target] if second[target] >= 0 and other < _HALF else payee[target]
            reviews += 1


@kernel
def hand_over(
    seed: Int,
    day: Int,
    district: Int,
    group: Int,
    heir: Int,
    share: Real,
    kinds: Int,
    starts: Array,
    payee: Array,
    second: Array,
    tribute: Array,
    second_tribute: Array,
    paying: Array,
    flow_group: Array,
    flow_kind: Array,
    relations_group: Array,
    relations_kind: Array,
) -> Int:
    """Pass a `share` of the relations of `group` in `district` to `heir`, or end them if it is -1; return how many."""
    passed = 0
    sums = (flow_group, flow_kind, relations_group, relations_kind)
    held = (payee, second, tribute, second_tribute, paying)
    for kind in range(kinds):
        c = district * kinds + kind
        for target in payers(paying, starts[c], starts[c + 1]):
            entity = group * _GROUP_STRIDE + target
            if group not in (payee[target], second[target]) or uniform(seed, entity, _FACTION, day) >= share:
                continue
            passed += 1
            if heir < 0:
                _release(target, group, district, kind, *held, *sums)
                continue
            first = payee[target] == group
            sum_ = tribute[target] if first else second_tribute[target]
            _book(-1, district, kind, group, sum_, *sums)
            _book(1, district, kind, heir, sum_, *sums)
            if first:
                payee[target] = heir
            else:
                second[target] = heir
    return passed


@kernel
def united_payers(
    seed: Int,
    district: Int,
    share: Real,
    kinds: Int,
    starts: Array,
    payee: Array,
    second: Array,
    paying: Array,
    target_: Array,
    class_: Array,
    group_: Array,
    room: Int,
) -> Int:
    """List the paying targets of `district` that are among the `share` who refuse together, from position `room` on.

    Who pays two groups is listed with each. Returns the position after the last.
    """
    for cell in range(district * kinds, (district + 1) * kinds):
        for target in payers(paying, starts[cell], starts[cell + 1]):
            if payee[target] < 0 or not refuses_together(seed, target, share):
                continue
            for group in (payee[target], second[target]):
                if group >= 0:
                    if room == target_.size:
                        raise OverflowError("more reviews on one day than there is room for")
                    target_[room] = target
                    class_[room] = cell
                    group_[room] = group
                    room += 1
    return room


@kernel
def initial_relations(
    seed: Int,
    kinds: Int,
    starts: Array,
    hazard: Array,
    credibility: Array,
    utility: Array,
    review_mean: Real,
    turnover: Real,
    cumulative: Array,
    weights: Array,
    sigma: Array,
    scale: Array,
    exponent: Array,
    profit: Array,
    closing_cost: Array,
    payee: Array,
    tribute: Array,
    paying: Array,
    review_day: Array,
    flow_group: Array,
    flow_kind: Array,
    relations_group: Array,
    relations_kind: Array,
    head: Array,
    link: Array,
    free: Array,
    what: Array,
    whom: Array,
    where: Array,
) -> None:
    """Let each target pay at the start with its stationary chance, its group drawn from the district's rates.

    `hazard[class]` is the rate of demands on a target of frailty one, `credibility[D, G]` what is thought of punishment
    before anything is seen. The chance cannot exceed that of a target that always pays, which spares most of the work.
    """
    harm, _, spread, noise, _, horizon, _, periods = utility
    longest = review_mean / turnover
    initial, other = np.empty(_BLOCK, dtype=np.uint64), np.empty(_BLOCK, dtype=np.uint64)
    frailty, by_remote = np.empty(_BLOCK, dtype=np.uint64), np.empty(_BLOCK, dtype=np.uint64)
    most = np.empty(weights.shape[1])
    for c in range(starts.size - 1):
        if hazard[c] <= 0.0:
            continue
        district, kind = c // kinds, c % kinds
        sums = cumulative[district]
        for place in range(most.size):
            rate = hazard[c] * weights[0, place]
            most[place] = rate * longest / (1.0 + rate * longest)
        for target in range(starts[c], starts[c + 1]):
            n = (target - starts[c]) % _BLOCK
            if n == 0:
                count = min(_BLOCK, starts[c + 1] - target)
                words_of_many(seed, target, count, _INITIAL, initial, other)
                frailty_classes(seed, target, count, frailty, by_remote)
            u, f = unit(initial[n]), np.int64(frailty[n])
            if u >= most[f]:
                continue
            rate = hazard[c] * weights[0, f]
            group = np.searchsorted(sums, unit(other[n]) * sums[-1], side="right")
            belief = credibility[district, group]
            size, stake = traits(seed, target, sigma[kind])
            asked = max(1, np.int64(100.0 * scale[kind] * size ** exponent[kind] + 0.5))
            pays = pay_chance(
                belief,
                repeated_harm(harm * math.exp(spread * stake), periods),
                closing_cost[kind],
                profit[kind] * size,
                asked,
                horizon,
                noise,
            )
            load = rate * pays * review_mean / (1.0 - pays * (1.0 - turnover))
            if u >= load / (1.0 + load):
                continue
            payee[target] = group
            tribute[target] = asked
            mark_paying(paying, target, True)
            _book(1, district, kind, group, asked, flow_group, flow_kind, relations_group, relations_kind)
            wait = 1 + np.int64(review_mean * exponential(seed, target, _INITIAL_TIME, 0))
            slot = schedule(head, link, free, wait)
            if slot >= 0:
                what[slot] = _IS_REVIEW
                whom[slot] = target
                where[slot] = c
                review_day[target] = wait
