"""Rules of social norms, as pure functions: how salient a norm is, what it asks for, and what people then do.

A person counts, for each norm, how often it was kept and broken by the person (C, V) and by others who were seen
(OC, OV), how often breaking it was punished (P) or sanctioned (S), and how often the norm was invoked for and against
(EC, EV). Its salience, from 0 to 1 (EMIL-A, as in Nardin et al. 2016,
doi:10.1007/s10458-015-9303-7) is

    (a + 0.99 (C - V) / (C + V) + 0.33 (OC - OV) / (OC + OV) - 0.66 max(0, N - P - S) / N + 0.33 P / max(P, N)
       + 0.99 S / max(S, N) + 0.99 (EC - EV) / (EC + EV)) / b,        N = V + OV,

with a and b the least value of the sum with its sign turned and the width of its range, over the terms of which there
is anything to count. What is asked for is the norm where it is more salient than the one against it, else the other.
Individual interest and the norm are then weighed:   P(act) = (1 - w) * interest + w * norm.

States and draws: none; `invoke` takes the uniform draw of its caller. Case V6 runs these rules. In a city, people who
refuse together do so by the rules of crowds (`collective_refusal` of `crowd`), which data on protests can inform;
weights of norms in Lima are not known, so no scenario has them.
"""

from __future__ import annotations

from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.mechanism import Array

KEPT, BROKEN, SEEN_KEPT, SEEN_BROKEN, PUNISHED, SANCTIONED, INVOKED, INVOKED_AGAINST = range(8)
"""What a person counts of a norm: C, V, OC, OV, P, S, EC, EV."""

COUNTS = 8
_OWN, _SEEN, _UNPUNISHED, _PUNISHED, _SANCTIONED, _INVOKED = 0.99, 0.33, 0.66, 0.33, 0.99, 0.99


@kernel
def balance(counts: Array, plus: Int, minus: Int) -> Real:
    """Return (plus - minus) / (plus + minus) of two of the `counts`, which are not both zero."""
    return (counts[plus] - counts[minus]) / (counts[plus] + counts[minus])


@kernel
def salience(counts: Array) -> Real:
    """Return the salience of a norm from its `counts[COUNTS]`, 0 where nothing was counted."""
    total, width = 0.0, 0.0
    if counts[KEPT] + counts[BROKEN] > 0.0:
        total += _OWN * (1.0 + balance(counts, KEPT, BROKEN))
        width += 2.0 * _OWN
    if counts[SEEN_KEPT] + counts[SEEN_BROKEN] > 0.0:
        total += _SEEN * (1.0 + balance(counts, SEEN_KEPT, SEEN_BROKEN))
        width += 2.0 * _SEEN
    broken = counts[BROKEN] + counts[SEEN_BROKEN]
    if broken > 0.0:
        unpunished = max(0.0, broken - counts[PUNISHED] - counts[SANCTIONED])
        total += _UNPUNISHED * (1.0 - unpunished / broken)
        width += _UNPUNISHED
    if counts[PUNISHED] > 0.0:
        total += _PUNISHED * counts[PUNISHED] / max(counts[PUNISHED], broken)
        width += _PUNISHED
    if counts[SANCTIONED] > 0.0:
        total += _SANCTIONED * counts[SANCTIONED] / max(counts[SANCTIONED], broken)
        width += _SANCTIONED
    if counts[INVOKED] + counts[INVOKED_AGAINST] > 0.0:
        total += _INVOKED * (1.0 + balance(counts, INVOKED, INVOKED_AGAINST))
        width += 2.0 * _INVOKED
    return total / width if width > 0.0 else 0.0


@kernel
def normative_drive(salient: Real, against: Real) -> Real:
    """Return how much norms ask for an act, given the salience of the norm for it and of the one `against` it."""
    return salient if salient > against else 1.0 - against


@kernel
def act_chance(interest: Real, norm: Real, weight: Real) -> Real:
    """Return the chance to act by individual interest and by norms, `weight` being that of norms."""
    return (1.0 - weight) * interest + weight * norm


@kernel
def keep(counts: Array, kept: Int, broken: Int, own: bool) -> None:
    """Count an act that keeps norm `kept` and breaks norm `broken`, in `counts[norm, COUNTS]` of who acts or sees."""
    counts[kept, KEPT if own else SEEN_KEPT] += 1.0
    counts[broken, BROKEN if own else SEEN_BROKEN] += 1.0


@kernel
def invoke(draw: Real, share: Real, counts: Array, norm: Int, against: Int) -> bool:
    """Let a campaign that reaches a `share` of people invoke `norm` with a person; return whether it did."""
    if draw >= share:
        return False
    counts[norm, INVOKED] += 1.0
    counts[against, INVOKED_AGAINST] += 1.0
    return True
