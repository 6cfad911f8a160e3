"""The enterprises of RebelGroups (case V1): what they earn, who takes it, and when they flee; compiled for speed.

An enterprise earns a normal sum a day, has an owner (a group, or NOBODY) and flees with a chance after each looting, or
at the third by its owner. Income is added up when somebody looks, which has the same distribution as day by day.
"""

from __future__ import annotations

import math

import numpy as np

from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.mechanism import Array
from racketsim.engine.philox import normal, uniform, uniform_pair

INCOME_MEAN, INCOME_SD = 200.0, 50.0
EXTORTION_RATE = 0.10
FLEE_CHANCE, FLEE_AFTER = 0.5, 3
NOBODY = -1
STAYS, FLEES, GONE = 0, 1, 2
_ALLOTMENT, _INCOME, _TAKING, _TARGET = 1, 2, 3, 4


@kernel
def allot(seed: Int, upto: Array) -> Array:
    """Return the owner of each enterprise, in random order; group g has those up to `upto[g]`, the last all others."""
    size = upto[-1]
    mark = np.empty(size)
    for place in range(size):
        mark[place] = uniform(seed, place, _ALLOTMENT, 0)
    owner = np.empty(size, dtype=np.int64)
    for rank, place in enumerate(np.argsort(mark)):
        owner[place] = np.searchsorted(upto, rank, side="right")
    return owner


@kernel
def _catch_up(seed: Int, day: Int, place: Int, wealth: Array, untaxed: Array, paid_to: Array) -> None:
    """Add the income of the days since the last look, up to the eve of `day`."""
    days = day - 1 - paid_to[place]
    if days > 0:
        income = INCOME_MEAN * days + INCOME_SD * math.sqrt(days) * normal(seed, place, _INCOME, day)
        wealth[place] += income
        untaxed[place] += income
        paid_to[place] = day - 1


@kernel
def take(
    seed: Int, day: Int, place: Int, loot: Int, looted: Array, wealth: Array, untaxed: Array, paid_to: Array
) -> Real:
    """Extort or loot one enterprise; return the sum."""
    _catch_up(seed, day, place, wealth, untaxed, paid_to)
    taken = wealth[place] if loot else min(wealth[place], EXTORTION_RATE * untaxed[place])
    wealth[place] -= taken
    untaxed[place] = 0.0
    looted[place] += loot
    return taken


@kernel
def collect(
    seed: Int,
    day: Int,
    group: Int,
    roving: Real,
    owner: Array,
    state: Array,
    looted: Array,
    wealth: Array,
    untaxed: Array,
    paid_to: Array,
) -> tuple[Real, Int, Int]:
    """Take from every enterprise of `group`, looting each with chance `roving`; return sum, extortions, lootings."""
    total, extortions, lootings = 0.0, 0, 0
    for place in range(owner.size):
        if owner[place] != group or state[place] == GONE:
            continue
        u, v = uniform_pair(seed, place, _TAKING, day)
        loot = 1 if u < roving else 0
        total += take(seed, day, place, loot, looted, wealth, untaxed, paid_to)
        extortions += 1 - loot
        lootings += loot
        if loot and (v < FLEE_CHANCE or looted[place] >= FLEE_AFTER):
            state[place] = FLEES
    return total, extortions, lootings


@kernel
def flee(owner: Array, state: Array) -> Int:
    """Let those who have decided to flee be gone; return how many."""
    fled = 0
    for place in range(owner.size):
        if state[place] == FLEES:
            state[place] = GONE
            owner[place] = NOBODY
            fled += 1
    return fled


@kernel
def choose(
    seed: Int,
    day: Int,
    group: Int,
    owner: Array,
    state: Array,
    wealth: Array,
    untaxed: Array,
    paid_to: Array,
) -> Int:
    """Return the enterprise that `group` raids: weight 1 / wealth (a poor one first), else any that is not its own."""
    total, foreign = 0.0, 0
    chosen = NOBODY
    for place in range(owner.size):
        if state[place] == GONE:
            continue
        foreign += owner[place] != group
        _catch_up(seed, day, place, wealth, untaxed, paid_to)
        if wealth[place] <= 0.0:
            if chosen == NOBODY:
                chosen = place
        else:
            total += 1.0 / wealth[place]
    if foreign == 0:
        return NOBODY
    u, v = uniform_pair(seed, group, _TARGET, day)
    if chosen == NOBODY:
        mark = u * total
        for place in range(owner.size):
            if state[place] != GONE:
                chosen = place
                mark -= 1.0 / wealth[place]
                if mark < 0.0:
                    break
    if owner[chosen] != group:
        return chosen
    nth = int(v * foreign)
    for place in range(owner.size):
        if state[place] != GONE and owner[place] != group:
            if nth == 0:
                return place
            nth -= 1
    return NOBODY


@kernel
def cede(owner: Array, looted: Array, loser: Int, winner: Int, count: Int) -> None:
    """Pass `count` enterprises from `loser` to `winner`, in their order; what they suffered is forgotten."""
    for place in range(owner.size):
        if count == 0:
            return
        if owner[place] == loser:
            owner[place] = winner
            looted[place] = 0
            count -= 1
