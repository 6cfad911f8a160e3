"""Rules of public threats and ultimatums, as pure functions (A4, A23); `signals` and `ultimatums` run them in a city.

A public threat is a costly signal (Spence 1973; Gambetta 2009, Codes of the Underworld): who makes it is hunted harder,
and is taken for a bluffer where nothing follows (audience costs: Fearon 1994, doi:10.2307/2944796).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.log import causal_key
from racketsim.engine.mechanism import Array
from racketsim.engine.streams import Stream

MET, CARRIED_OUT, LET_PASS = 0, 1, 2
"""What becomes of an ultimatum: its demand is met, it is carried out, or it passes without an act."""

_NEGLIGIBLE = 1e-6
_PER_PEOPLE = 1000.0
_RIOTED = np.uint64(Stream.OUTBREAK) << np.uint64(56)


@kernel
def fade(keep_belief: Real, keep_priority: Real, belief: Array, priority: Array, alarm: Array) -> None:
    """Let fade what threats have added to `belief[D, G]` and to `priority[G]`, and silence the `alarm[D]`."""
    for district in range(belief.shape[0]):
        alarm[district] = 0.0
        for group in range(belief.shape[1]):
            left = belief[district, group] * keep_belief
            belief[district, group] = left if left > _NEGLIGIBLE else 0.0
    for group in range(priority.size):
        priority[group] = 1.0 + keep_priority * (priority[group] - 1.0)


@kernel
def come_and_accused(
    territorial: Array, members: Array, moving: Array, displaced: Array, burnt: Array, sums: Array
) -> None:
    """Set `sums[3, D]`: members who are there, who come today, and vehicles said to be theirs that were burnt."""
    sums[:] = 0.0
    for group in range(members.shape[0]):
        if territorial[group]:
            for district in range(members.shape[1]):
                sums[0, district] += members[group, district]
                sums[1, district] += max(moving[group, district] + displaced[group, district], 0)
                sums[2, district] += burnt[group, district]


@kernel
def add_pressure(
    settings: Sequence[Real],
    territorial: Array,
    violence: Array,
    members: Array,
    arrested: Array,
    arrest_key: Array,
    moving: Array,
    displaced: Array,
    protest_size: Array,
    protest_violent: Array,
    protest_nth: Array,
    burnt: Array,
    sums: Array,
    pressure: Array,
    cause: Array,
    hazard: Array,
) -> Real:
    """Let `pressure[G, D]` fade, add today's, note its `cause`, and set the `hazard` of public threats; return its sum.

    Today's is w1 * (share of the group's members arrested) + w2 * (thousands who riot against it) + w3 * (rivals who
    come for each of its members, and the share of them driven out, at most one). People riot against those whose
    vehicles are said to be burnt, or else against the groups that are there, by members.
    """
    by_arrest, by_riot, by_rival, keep, rate = settings
    come_and_accused(territorial, members, moving, displaced, burnt, sums)
    everything = 0.0
    for group in range(members.shape[0]):
        if not territorial[group]:
            continue
        total, free = 0, 0
        for district in range(members.shape[1]):
            free += members[group, district]
            total += members[group, district] + arrested[group, district]
        for district in range(members.shape[1]):
            value = pressure[group, district] * keep
            here, moved = members[group, district], displaced[group, district]
            rivals = sums[1, district] - max(moving[group, district] + moved, 0)
            lost = max(-moved, 0)
            if lost > 0 or (rivals > 0.0 and here > 0):
                value += by_rival * min((rivals + lost) / (here + lost), 1.0)
                cause[group, district] = 0
            if arrested[group, district] > 0:
                value += by_arrest * arrested[group, district] / total
                cause[group, district] = arrest_key[group, district]
            if protest_violent[district] and protest_size[district] > 0:
                against = here / sums[0, district] if sums[0, district] > 0.0 else 0.0
                if sums[2, district] > 0.0:
                    against = burnt[group, district] / sums[2, district]
                if against > 0.0:
                    value += by_riot * against * protest_size[district] / _PER_PEOPLE
                    cause[group, district] = causal_key(district, protest_nth[district]) | _RIOTED
            if value < _NEGLIGIBLE:
                value = 0.0
            pressure[group, district] = value
            hazard[group, district] = rate * violence[group] * value if free > 0 else 0.0
            everything += hazard[group, district]
    return everything


@kernel
def broadcast(reach: Array, force: Real, standing: Real, belief: Array) -> None:
    """Raise `belief[D]`, what threats add to belief, by the part force * standing * reach of what is left."""
    for district in range(belief.size):
        belief[district] += force * standing * reach[district] * (1.0 - belief[district])


@kernel
def perceived_punishment(credibility: Real, threatened: Real) -> Real:
    """Return the perceived chance of punishment from what was seen and what was threatened: 1 - (1 - c)(1 - t)."""
    return credibility + (1.0 - credibility) * threatened


@kernel
def discounted(standing: Real, loss: Real) -> Real:
    """Return how far the words of somebody are believed after some that nothing followed."""
    return standing * (1.0 - loss)


@kernel
def restored(standing: Real, gain: Real) -> Real:
    """Return how far the words of somebody are believed after some that were followed by an act."""
    return standing + gain * (1.0 - standing)


@kernel
def keep_words(
    day: Int,
    count: Int,
    group_: Array,
    injured: Array,
    killed: Array,
    public: Array,
    discount: Real,
    restore: Real,
    resolve: Real,
    deadline_kept: Array,
    kept: Array,
    until: Array,
    hurt: Array,
    said_today: Array,
    standing: Array,
    belief: Array,
    violence: Array,
) -> None:
    """See who has acted on a threat or an ultimatum, and who has let the time for it pass; nobody has spoken yet today.

    An act is a public incident of today that hurt somebody. `hurt[G]` is overwritten; `standing[G]` and what threats
    have added to `belief[D, G]` move as words are kept or not, and `violence[G]` is up while an act is expected.
    """
    hurt[:] = 0
    for n in range(count):
        if public[n]:
            hurt[group_[n]] += injured[n] + killed[n]
    for group in range(hurt.size):
        said_today[group] = 0
        if deadline_kept[group] > 0:
            standing[group] = restored(standing[group], restore)
        elif deadline_kept[group] < 0:
            lose_face(group, discount, standing, belief)
        if until[group] >= 0:
            if hurt[group] > 0 and kept[group] == 0:
                kept[group] = 1
                standing[group] = restored(standing[group], restore)
            if day >= until[group]:
                until[group] = -1
                if kept[group] == 0:
                    lose_face(group, discount, standing, belief)
        violence[group] = resolve if until[group] >= 0 else 1.0


@kernel
def lose_face(group: Int, discount: Real, standing: Array, belief: Array) -> None:
    """Discount the words of a group that nothing followed, and what they had added to belief."""
    standing[group] = discounted(standing[group], discount)
    for district in range(belief.shape[0]):
        belief[district, group] *= 1.0 - discount


@kernel
def settle(draw: Real, met: bool, able: bool, chance: Real) -> Int:
    """Return what becomes of an ultimatum at its deadline: met, carried out (where `able`, with `chance`), let pass."""
    if met:
        return MET
    return CARRIED_OUT if able and draw < chance else LET_PASS
