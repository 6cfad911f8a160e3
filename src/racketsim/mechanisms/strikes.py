"""Strikes: which refusals are punished, when, by which method and at what harm, and who is asked again (A12).

Kernels of `punishment`, which has the equations and their references.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from racketsim.engine.calendar import schedule, take
from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.log import causal_key
from racketsim.engine.mechanism import Array
from racketsim.engine.philox import exponential, uniform, uniform_pair
from racketsim.engine.streams import Stream
from racketsim.mechanisms.decision import CHANGE, REFUSE

_PUNISHMENT, _METHOD, _CASUALTIES = int(Stream.PUNISHMENT), int(Stream.METHOD), int(Stream.CASUALTIES)
_LETHALITY, _PUBLICITY = int(Stream.LETHALITY), int(Stream.PUBLICITY)
_FOLLOW_UP = int(Stream.FOLLOW_UP)
_IS_PUNISHMENT, _IS_FOLLOW_UP = 0, 1
_MOST_PEOPLE = 4096
_REMEMBERED_REFUSALS = 3


@kernel
def hurt(
    seed: Int, target: Int, ordinal: Int, chance: Real, tail: Real, most: Real, lethality: Real
) -> tuple[Int, Int]:
    """Return how many people one punishment injures and kills."""
    u, v = uniform_pair(seed, target, _CASUALTIES, ordinal)
    if u >= chance:
        return 0, 0
    people = np.int64(min(v ** (-1.0 / tail), most))
    killed = 0
    for person in range(people):
        if uniform(seed, target, _LETHALITY, ordinal * _MOST_PEOPLE + person) < lethality:
            killed += 1
    return people - killed, killed


@kernel
def is_public(seed: Int, target: Int, ordinal: Int, publicity: Real, killed: Int) -> bool:
    """Return whether an incident is known in public: with chance `publicity`, and always where somebody was killed."""
    return bool(uniform(seed, target, _PUBLICITY, ordinal) < publicity or killed > 0)


@kernel
def pick_method(draw: Real, other: Real, signature: Int, signature_share: Real, shares: Array, step: Real) -> Int:
    """Return the method: the signature with its share (draw), else a rung by weight share * step ** rung (other)."""
    if signature >= 0 and draw < signature_share:
        return signature
    total = 0.0
    for rung in range(shares.size):
        total += shares[rung] * step**rung
    mark = other * total
    for rung in range(shares.size):
        mark -= shares[rung] * step**rung
        if mark < 0.0:
            return rung
    return shares.size - 1


@kernel
def resolve(
    seed: Int,
    day: Int,
    kinds: Int,
    settings: Sequence[Real],
    count: Int,
    target_: Array,
    class_: Array,
    group_: Array,
    ordinal_: Array,
    rival_: Array,
    action: Array,
    propensity: Real,
    elasticity: Real,
    leaderless_violence: Real,
    violence: Array,
    threat: Array,
    deadline: Array,
    leaderless_until: Array,
    deterrence: Array,
    quiet: Array,
    head: Array,
    link: Array,
    free: Array,
    what: Array,
    whom: Array,
    where: Array,
    who: Array,
    which: Array,
) -> None:
    """Schedule a punishment for each refusal of the day that will be punished.

    Its chance is the group's violence, more where it has no leader, times what it has threatened (`threat[G]`) and what
    follows a deadline (`deadline[G]`), times `quiet[D]`, which is set here.
    """
    delay_mean = settings[0]
    for district in range(quiet.size):
        quiet[district] = propensity * deterrence[district] ** elasticity
    for n in range(count):
        if action[n] == REFUSE:
            group = np.int64(group_[n])
        elif action[n] == CHANGE:
            group = np.int64(rival_[n])
        else:
            continue
        u, v = uniform_pair(seed, target_[n], _PUNISHMENT, ordinal_[n])
        anger = violence[group] * threat[group] * deadline[group]
        if leaderless_until[group] > day:
            anger *= leaderless_violence
        if u >= anger * quiet[class_[n] // kinds]:
            continue
        slot = schedule(head, link, free, day + np.int64(-delay_mean * np.log(v)))
        if slot >= 0:
            what[slot] = _IS_PUNISHMENT
            whom[slot] = target_[n]
            where[slot] = class_[n]
            who[slot] = group
            which[slot] = ordinal_[n]


@kernel
def strike(
    seed: Int,
    day: Int,
    kinds: Int,
    settings: Sequence[Real],
    ladder: Array,
    members: Array,
    hires: Array,
    refusals: Array,
    signature: Array,
    signature_share: Array,
    disarmed: Array,
    punished: Array,
    head: Array,
    link: Array,
    free: Array,
    what: Array,
    whom: Array,
    where: Array,
    who: Array,
    which: Array,
    in_target: Array,
    in_class: Array,
    in_group: Array,
    in_ordinal: Array,
    in_method: Array,
    in_injured: Array,
    in_killed: Array,
    in_public: Array,
    in_key: Array,
) -> Int:
    """Carry out the punishments that are due today and schedule their follow-ups; return the number of incidents.

    A group that has no member left in the district does not strike, unless it `hires` others.
    `ladder[quantity, method]` in the order share,
    casualty probability, tail, most, lethality, publicity.
    """
    follow_up_mean, escalation = settings[1], settings[2]
    count = 0
    while True:
        slot = take(head, link, free, day)
        if slot < 0:
            return count
        if what[slot] == _IS_FOLLOW_UP:
            continue
        target, cell, group, ordinal = whom[slot], where[slot], np.int64(who[slot]), which[slot]
        if members[group, cell // kinds] == 0 and not hires[group]:
            continue
        earlier = min(max(np.int64(refusals[target]) - 1, 0), _REMEMBERED_REFUSALS)
        u, v = uniform_pair(seed, target, _METHOD, ordinal)
        share = 0.0 if disarmed[group] == 1 else signature_share[group]
        method = pick_method(u, v, signature[group], share, ladder[0], escalation**earlier)
        injured, killed = hurt(
            seed, target, ordinal, ladder[1, method], ladder[2, method], ladder[3, method], ladder[4, method]
        )
        public = is_public(seed, target, ordinal, ladder[5, method], killed)
        if punished[target] < 255:
            punished[target] += 1
        if count >= in_target.size:
            raise OverflowError("more incidents on one day than there is room for")
        in_target[count] = target
        in_class[count] = cell
        in_group[count] = group
        in_ordinal[count] = ordinal
        in_method[count] = method
        in_injured[count] = injured
        in_killed[count] = killed
        in_public[count] = public
        in_key[count] = causal_key(target, ordinal)
        count += 1
        wait = 1 + np.int64(follow_up_mean * exponential(seed, target, _FOLLOW_UP, ordinal))
        later = schedule(head, link, free, day + wait)
        if later >= 0:
            what[later] = _IS_FOLLOW_UP
            whom[later] = target
            where[later] = cell
            who[later] = group
            which[later] = ordinal


@kernel
def follow(
    day: Int,
    head: Array,
    link: Array,
    what: Array,
    whom: Array,
    where: Array,
    who: Array,
    kinds: Int,
    members: Array,
    follow_target: Array,
    follow_class: Array,
    follow_group: Array,
) -> Int:
    """List the follow-up demands due on `day` without taking them; return their number."""
    count = 0
    slot = head[day]
    while slot >= 0:
        if what[slot] == _IS_FOLLOW_UP and members[np.int64(who[slot]), where[slot] // kinds] > 0:
            if count >= follow_target.size:
                raise OverflowError("more follow-ups on one day than there is room for")
            follow_target[count] = whom[slot]
            follow_class[count] = where[slot]
            follow_group[count] = who[slot]
            count += 1
        slot = link[slot]
    return count
