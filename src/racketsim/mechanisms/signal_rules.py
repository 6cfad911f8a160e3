"""Rules of public threats and ultimatums, as pure functions (A4, A23); `signals` and `ultimatums` run them in a city.

A public threat is a costly signal (Spence 1973; Gambetta 2009, Codes of the Underworld): who makes it is hunted harder,
and is taken for a bluffer where nothing follows (audience costs: Fearon 1994, doi:10.2307/2944796).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.mechanism import Array

MET, CARRIED_OUT, LET_PASS = 0, 1, 2
"""What becomes of an ultimatum: its demand is met, it is carried out, or it passes without an act."""

_NEGLIGIBLE = 1e-6
_PER_PEOPLE = 1000.0


@kernel
def add_pressure(
    weights: Sequence[Real],
    keep: Real,
    territorial: Array,
    members: Array,
    arrested: Array,
    moving: Array,
    displaced: Array,
    riot: Array,
    burnt: Array,
    arrest_key: Array,
    riot_key: Array,
    pressure: Array,
    cause: Array,
) -> Int:
    """Let `pressure[G, D]` fade by `keep`, add today's, and note what last raised it in `cause`; return cells in use.

    Today's is w1 * (share of the group's members arrested) + w2 * (thousands who riot against it) + w3 * (rivals who
    come for each of its members, and the share of them driven out, at most one); `weights` are w1 to w3.
    `riot[D]` counts people; they riot against those whose vehicles are said to be `burnt[G, D]`, or else against the
    groups that are there, by members.
    """
    by_arrest, by_riot, by_rival = weights
    groups, districts = members.shape
    present = np.zeros(districts)
    coming = np.zeros(districts)
    accused = np.zeros(districts)
    for group in range(groups):
        if territorial[group]:
            for district in range(districts):
                present[district] += members[group, district]
                coming[district] += max(moving[group, district] + displaced[group, district], 0)
                accused[district] += burnt[group, district]
    in_use = 0
    for group in range(groups):
        if not territorial[group]:
            continue
        total = 0
        for district in range(districts):
            total += members[group, district] + arrested[group, district]
        for district in range(districts):
            value = pressure[group, district] * keep
            here, moved = members[group, district], displaced[group, district]
            rivals = coming[district] - max(moving[group, district] + moved, 0)
            lost = max(-moved, 0)
            if lost > 0 or (rivals > 0 and here > 0):
                value += by_rival * min((rivals + lost) / (here + lost), 1.0)
                cause[group, district] = 0
            if arrested[group, district] > 0:
                value += by_arrest * arrested[group, district] / total
                cause[group, district] = arrest_key[group, district]
            if riot[district] > 0:
                against = 0.0
                if accused[district] > 0.0:
                    against = burnt[group, district] / accused[district]
                elif present[district] > 0.0:
                    against = here / present[district]
                if against > 0.0:
                    value += by_riot * against * riot[district] / _PER_PEOPLE
                    cause[group, district] = riot_key[district]
            if value < _NEGLIGIBLE:
                value = 0.0
            pressure[group, district] = value
            if value > 0.0:
                in_use += 1
    return in_use


@kernel
def broadcast(reach: Array, force: Real, standing: Real, belief: Array) -> None:
    """Raise `belief[D]`, what threats add to belief, by the part force * standing * reach of what is left."""
    for district in range(belief.size):
        belief[district] += force * standing * reach[district] * (1.0 - belief[district])


def perceived(credibility: Array, threatened: Array) -> Array:
    """Return the perceived chance of punishment from what was seen and what was threatened: 1 - (1 - c)(1 - t)."""
    combined: Array = credibility + (1.0 - credibility) * threatened
    return combined


@kernel
def discounted(standing: Real, loss: Real) -> Real:
    """Return how far the words of somebody are believed after some that nothing followed."""
    return standing * (1.0 - loss)


@kernel
def restored(standing: Real, gain: Real) -> Real:
    """Return how far the words of somebody are believed after some that were followed by an act."""
    return standing + gain * (1.0 - standing)


@kernel
def count_hurt(count: Int, group_: Array, injured: Array, killed: Array, public: Array, hurt: Array) -> None:
    """Add the people hurt in today's public incidents to `hurt[G]`."""
    for n in range(count):
        if public[n]:
            hurt[group_[n]] += injured[n] + killed[n]


@kernel
def settle(draw: Real, met: bool, able: bool, chance: Real) -> Int:
    """Return what becomes of an ultimatum at its deadline: met, carried out (where `able`, with `chance`), let pass."""
    if met:
        return MET
    return CARRIED_OUT if able and draw < chance else LET_PASS
