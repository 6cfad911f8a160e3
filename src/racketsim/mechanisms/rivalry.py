"""Rules between rival groups, as pure functions: strength, raids, alliances, fights, cessions, payroll (A11, A15, A18).

`contest` runs them in a city and `verification.rebel_groups` in the published model from which most of them come
(Duffy, Klosek, Nardin and Wagner 2020, Rebel group protection rackets, in Computational Conflict Research, Springer,
doi:10.1007/978-3-030-29333-8). Contest success function: Tullock (1980, Efficient rent seeking), with Hirshleifer's
decisiveness mu (1989, Public Choice 63). Roving and stationary bandits: Olson (1993, doi:10.2307/2938736).
"""

from __future__ import annotations

import math
from typing import NamedTuple

from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.mechanism import Array

NOBODY = -1


@kernel
def relative_strength(own: Real, other: Real) -> Real:
    """Return own / (own + other), one half where both are nothing."""
    return own / (own + other) if own + other > 0.0 else 0.5


@kernel
def win_chance(own: Real, other: Real, mu: Real) -> Real:
    """Return the contest success function own**mu / (own**mu + other**mu); the larger mu, the surer the stronger."""
    return relative_strength(own**mu, other**mu)


@kernel
def success_chances(strength: Array, mu: Real) -> Array:
    """Return the contest success function of many sides, strength**mu / sum(strength**mu); zeros where all are zero."""
    powered: Array = strength**mu
    total = 0.0
    for side in range(powered.size):
        total += powered[side]
    if total > 0.0:
        powered /= total
    return powered


@kernel
def sigmoid(d: Real, e: Real) -> Real:
    """Return 1 / (1 + exp(-d e))."""
    return 1.0 / (1.0 + math.exp(-d * e))


@kernel
def expansion_chance(strength: Real, since: Real) -> Real:
    """Return the chance that a group of relative `strength` raids a foreign place, `since` its last raid."""
    return sigmoid(strength, since)


@kernel
def fight_chance(owner: Real, comer: Real) -> Real:
    """Return the chance that owner and comer fight over a place: one half between equals, more for a larger owner."""
    return sigmoid(1.0, 2.0 * relative_strength(owner, comer) - 1.0)


@kernel
def alliance_chance(attacker: Real, defender: Real) -> Real:
    """Return the chance that a defender seeks an ally: how much its share of all strength falls short."""
    return max(attacker - defender, 0.0)


@kernel
def find_ally(strength: Array, attacker: Int, defender: Int, last: Int) -> Int:
    """Return the weakest of the first `last` groups with which the defender exceeds the attacker, -1 where none does.

    The smallest coalition that suffices keeps most for each (Riker 1962, The Theory of Political Coalitions).
    """
    ally = NOBODY
    for group in range(last):
        if group in (attacker, defender) or strength[group] <= 0.0:
            continue
        enough = strength[group] + strength[defender] > strength[attacker]
        if enough and (ally == NOBODY or strength[group] < strength[ally]):
            ally = group
    return ally


@kernel
def victor(first: Real, second: Real, mu: Real, draw: Real, other_draw: Real) -> Int:
    """Return who wins a fight: 0 the first side, 1 the second, -1 nobody.

    The stronger side (the first at a tie) wins with its contest success; failing that, the weaker with its own, on a
    draw of its own; failing both, nobody does.
    """
    stronger = 0 if first >= second else 1
    chance = win_chance(max(first, second), min(first, second), mu)
    if draw < chance:
        return stronger
    if other_draw < 1.0 - chance:
        return 1 - stronger
    return NOBODY


@kernel
def casualties(members: Int, share: Real, draw: Real) -> Int:
    """Return how many of `members` fall at a mean `share`: the whole part, and one more where the rest exceeds `draw`.

    A uniform draw keeps the mean; a draw of 0 rounds up.
    """
    mean = members * share
    whole = int(mean)
    return min(whole + (1 if mean - whole > draw else 0), members)


@kernel
def ceded(limit: Int, held: Int) -> Int:
    """Return how many targets the loser of a fight cedes."""
    return min(limit, held)


@kernel
def roving_share(strength: Real, contestedness: Real, led: Real, scale: Real) -> Real:
    """Return the share of takings that are one-off looting: scale * (1 - strength * (1 - contestedness) * led).

    Who is strong, uncontested and led expects to be there tomorrow and takes little every day; `led` is 0 or 1.
    """
    return scale * (1.0 - strength * (1.0 - contestedness) * led)


@kernel
def tribute_factor(contestedness: Real, elasticity: Real) -> Real:
    """Return the factor on the tribute asked, (1 - contestedness) ** elasticity: rivals compete by asking for less.

    1 - contestedness is the Herfindahl index of a district at war, so a truce, which ends the competition, raises
    tribute (Brown et al. 2021, NBER Working Paper 28299).
    """
    return (1.0 - contestedness) ** elasticity


class Payday(NamedTuple):
    """What a payday changes: money left, members expelled, members recruited."""

    wealth: float
    expelled: int
    recruited: int


def payroll(
    members: int, wealth: float, takings: float, strength: float, cost: float, dominance: float, rate: float
) -> Payday:
    """Pay `members` their `cost` each out of `wealth`, which holds the `takings` of the period.

    Members who cannot be paid, or whose cost the takings did not cover, are expelled. Where takings exceed the
    salaries and the group's share of all `strength` is below `dominance`, it recruits what the surplus pays for times
    (1 - strength), at most `rate` times its members.
    """
    salary = members * cost
    left = max(wealth - salary, 0.0)
    short = math.ceil((salary - wealth) / cost) if wealth < salary else 0
    recruited = 0
    if takings > salary and strength < dominance:
        recruited = math.floor(min(math.floor((takings - salary) / cost) * (1.0 - strength), rate * members))
    if salary > takings:
        short = max(short, math.ceil((salary - takings) / cost))
    return Payday(left, min(short, members), recruited)
