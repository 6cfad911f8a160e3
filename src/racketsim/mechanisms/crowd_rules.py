"""Rules of crowds, as pure functions: who joins, how many, what they risk, and whom they attack (A8, A9, A14).

`crowd` runs them in a city, `verification.granovetter` and `verification.civil_violence` in the published models that
they come from: thresholds of Granovetter (1978, doi:10.1086/226707) and grievance against risk of Epstein (2002,
doi:10.1073/pnas.092080199). Together: person i joins a crowd that has then n members, i among them, where

    G + n - fear * P(C / n) > t_i,

with G the grievance, P the estimated risk of arrest by C officers, and t_i the person's threshold. With neither
grievance nor officers this is Granovetter's riot, with n left out Epstein's rule. A crowd makes itself safer as it
grows, and so both feedbacks only add people: the crowd that forms is the least fixed point.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.mechanism import Array
from racketsim.engine.philox import normal_pair, uniform, uniform_pair
from racketsim.engine.streams import Stream

_CROWD_THRESHOLD, _JOINING = int(Stream.CROWD_THRESHOLD), int(Stream.JOINING)
NOBODY = -1
DRAWS = 4
"""Draws of one attack: ordinals nth * DRAWS and the three after it."""
MOST_DRAWN = 4096
"""People whose thresholds are drawn one by one; a larger crowd is as its distribution."""
FEWEST_TOGETHER = 2.0
"""People of a kind who stand together, below which the kind does not gather."""
_MOST_ITERATIONS = 100_000
_STILL = 1e-12


@kernel
def normal_share(score: Real) -> Real:
    """Return the share of a standard normal population that lies below `score`."""
    return 0.5 * math.erfc(-score / math.sqrt(2.0))


@kernel
def grievance_from(hardship: Real, legitimacy: Real) -> Real:
    """Return Epstein's grievance G = H (1 - L), with H and L from 0 to 1."""
    return hardship * (1.0 - legitimacy)


@kernel
def arrest_risk(officers: Real, active: Real, factor: Real, floored: bool) -> Real:
    """Return the estimated risk of arrest, P = 1 - exp(-factor * C / A).

    `floored` rounds the ratio C / A down, as the program did that made the published figures (but not the formula
    printed beside them): then nobody is afraid where actives outnumber officers.
    """
    ratio = officers / active
    if floored:
        ratio = math.floor(ratio)
    return 1.0 - math.exp(-factor * ratio)


@kernel
def activates(grievance: Real, net_risk: Real, threshold: Real) -> bool:
    """Return whether somebody acts: grievance less net risk exceeds the threshold."""
    return bool(grievance - net_risk > threshold)


@kernel
def riot_size(thresholds: Array, starters: Int, grievance: Real, officers: Real, fear: Real, factor: Real) -> Int:
    """Return how many take part: the least fixed point for ascending `thresholds`, in people.

    `starters` come whatever others do. `grievance` and `fear` are in people too: how many companions they are worth.
    Without starters, grievance and officers: the people whose thresholds are at most the number who are active.
    """
    joined = 0
    while joined < thresholds.size:
        crowd = starters + joined + 1
        risk = fear * arrest_risk(officers, crowd, factor, False)
        if not activates(grievance + crowd, risk, thresholds[joined]):
            break
        joined += 1
    return starters + joined


@kernel
def riot_share(
    mean: Real, spread: Real, starters: Real, people: Real, officers: Real, fear: Real, factor: Real
) -> Real:
    """Return the share of a large crowd that takes part: the least fixed point of r = F(r), found from r = 0.

    F is the distribution of normal thresholds, as shares of the `people`, raised by the fear of arrest;
    a share of `starters` comes whatever others do. Without officers it is Granovetter's iteration.
    """
    share = 0.0
    for _ in range(_MOST_ITERATIONS):
        risk = fear * arrest_risk(officers, max(share * people, 1.0), factor, False)
        after = starters + (1.0 - starters) * normal_share((share - mean - risk) / spread)
        if after - share < _STILL:
            break
        share = after
    return share


@kernel
def draw_waiting(seed: Int, crowd: Int, mean: Real, spread: Real, thresholds: Array) -> None:
    """Draw normal thresholds of the people of crowd number `crowd`, in people."""
    people = thresholds.size
    for person in range(0, people, 2):
        one, other = normal_pair(seed, crowd, _CROWD_THRESHOLD, person)
        thresholds[person] = people * (mean + spread * one)
        if person + 1 < people:
            thresholds[person + 1] = people * (mean + spread * other)


def crowd_size(
    seed: Int,
    crowd: int,
    people: int,
    starters: int,
    mean: float,
    spread: float,
    grievance: float,
    officers: float,
    fear: float,
    factor: float,
) -> int:
    """Return how many take part of `people` who hear of it, and of `starters` who come anyway.

    `mean`, `spread`, `grievance` and `fear` are shares of the people; the thresholds of crowd number `crowd` are drawn.
    """
    if people > MOST_DRAWN:
        everybody = people + starters
        share = riot_share(mean - grievance, spread, starters / everybody, float(everybody), officers, fear, factor)
        return int(share * everybody)
    thresholds = np.empty(people)
    draw_waiting(seed, crowd, mean, spread, thresholds)
    thresholds.sort()
    return int(riot_size(thresholds, starters, people * grievance, officers, people * fear, factor))


@kernel
def refuses_together(seed: Int, target: Int, share: Real) -> bool:
    """Return whether a target is among the share that refuses together; who joins a small one joins a large one."""
    return bool(uniform(seed, target, _JOINING, 0) < share)


@kernel
def hardship_from(demands: Real, payers: Real, violence: Real, impunity: Real) -> Real:
    """Return hardship H = 1 - exp(-impunity * (demands + payers + violence)), each already weighed."""
    return 1.0 - math.exp(-impunity * (demands + payers + violence))


@kernel
def more_violent(share: Real, step: Real) -> Real:
    """Return a violent share moved by `step`: up by a part of what is left to one, or down by a part of itself."""
    return share + step * (1.0 - share) if step >= 0.0 else share * (1.0 + step)


@kernel
def pick_owner(draw: Real, weights: Array) -> Int:
    """Return a group drawn in proportion to `weights[G]`, -1 where all are zero."""
    total = 0.0
    for group in range(weights.size):
        total += weights[group]
    mark = draw * total
    for group in range(weights.size):
        mark -= weights[group]
        if weights[group] > 0.0 and mark < 0.0:
            return group
    return NOBODY


@kernel
def accuse(draw: Real, whose: Real, false_positive: Real, members: Array) -> Int:
    """Return whose member a crowd attacks, -1 an innocent: nobody is guilty where no group has members.

    Suspicion falls on an innocent with chance `false_positive`; otherwise on a group by its members.
    """
    if draw < false_positive:
        return NOBODY
    return pick_owner(whose, members)


@kernel
def tell(owner: Int, draw: Real, whose: Real, error: Real, members: Array) -> Int:
    """Return whose the attacked are said to be, -1 an innocent's: wrong with chance `error`.

    A wrong report clears the guilty, or puts an innocent down to a group, by the members of each.
    """
    if draw >= error:
        return owner
    return NOBODY if owner != NOBODY else pick_owner(whose, members)


@kernel
def attack(
    seed: Int, district: Int, stream: Int, nth: Int, settings: Sequence[Real], rival: Int, members: Array
) -> tuple[bool, Int, Int, bool]:
    """Return one attack: whether a vehicle is burnt, whose it is, whose it is said to be, and whether somebody dies.

    A steered crowd attacks the `rival` (-1 none) with the last chance of `settings`. `members[G]` are those around.
    """
    vehicle_share, false_positive, error, lethality, steering = settings
    first = nth * DRAWS
    how, guilty = uniform_pair(seed, district, stream, first)
    whose, dies = uniform_pair(seed, district, stream, first + 1)
    wrong, named = uniform_pair(seed, district, stream, first + 2)
    if rival != NOBODY and members[rival] > 0.0 and uniform(seed, district, stream, first + 3) < steering:
        owner = rival
    else:
        owner = accuse(guilty, whose, false_positive, members)
    vehicle = how < vehicle_share
    return vehicle, owner, tell(owner, wrong, named, error, members), not vehicle and dies < lethality
