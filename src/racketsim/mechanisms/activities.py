"""What activities bring: concave revenue, markets, shares of equal margin, debtors of lenders (see `portfolio`)."""

from __future__ import annotations

import math

from racketsim.engine.kernel import Real, kernel
from racketsim.engine.mechanism import Array

EXTORTION, REMOTE_EXTORTION, LOANS, DRUGS, TRAFFICKING = 0, 1, 2, 3, 4
WEEK = 7
"""Days from one decision on activities to the next."""

REFERENCE = 0.1
"""Part of a market, in members, at which the return of an activity is stated."""


@kernel
def average_revenue(value: Real, share: Real, room: Real, exponent: Real) -> Real:
    """Return what a member brings where `share` do the same: `value` at the share `room`, less beyond it."""
    return value * (share / room) ** (exponent - 1.0) if room > 0.0 and share > 0.0 else 0.0


@kernel
def markets(members: Array, capacity: Array, mobility: Array, market: Array) -> None:
    """Set `market[G]`: the members that a group's districts can feed, shared by presence and scaled by mobility."""
    market[:] = 0.0
    for district in range(members.shape[1]):
        present = 0
        for group in range(members.shape[0]):
            present += members[group, district]
        if present > 0:
            each = capacity[district] * mobility[district] / present
            for group in range(members.shape[0]):
                market[group] += each * members[group, district]


@kernel
def equal_margins(
    take: Real, room: Real, value: Array, risk: Array, exponent: Array, least: Real, share: Array
) -> None:
    """Set `share[A]` so that margins net of `risk[A]` are equal, by halving on the margin that all have in common.

    `take` is what extortion in person brings for each member of the group, whatever its share; `value[A]` of the other
    activities holds at the share `room`. No share is below `least`.
    """
    low, high, total = 0.0, 1e9, 1.0
    for _ in range(100):
        margin = 0.5 * (low + high)
        total = 0.0
        for a in range(share.size):
            gross = margin + risk[a]
            if a == EXTORTION:
                share[a] = exponent[a] * take / gross
            elif value[a] > 0.0:
                share[a] = room * (exponent[a] * value[a] / gross) ** (1.0 / (1.0 - exponent[a]))
            else:
                share[a] = 0.0
            share[a] = min(max(share[a], least), 1.0)
            total += share[a]
        if total > 1.0:
            low = margin
        else:
            high = margin
    for a in range(share.size):
        share[a] /= total


@kernel
def follow_margins(margin: Array, speed: Real, least: Real, share: Array) -> None:
    """Move `share[A]` one week towards activities whose `margin[A]` is above the mean, none below about `least`."""
    mean, total = 0.0, 0.0
    for a in range(share.size):
        mean += share[a] * margin[a]
    scale = max(abs(mean), 1e-9)
    for a in range(share.size):
        share[a] *= math.exp(speed * min(max((margin[a] - mean) / scale, -1.0), 1.0))
        total += share[a]
    floored = 0.0
    for a in range(share.size):
        share[a] = max(share[a] / total, least)
        floored += share[a]
    for a in range(share.size):
        share[a] /= floored


@kernel
def loans_granted(total: Array, market: Array, share: Array, loans: Real, exponent: Real, granted: Array) -> None:
    """Set `granted[G]`, the loans a day of groups with `total[G]` members, `share[G]` of whom lend."""
    for group in range(total.size):
        room = REFERENCE * market[group] / max(total[group], 1)
        granted[group] = average_revenue(loans, share[group], room, exponent) * share[group] * total[group]


@kernel
def relax_debtors(
    members: Array, loans: Array, term: Real, default: Real, pressed: Real, debtors: Array, rate: Array
) -> None:
    """Let `debtors[G, D]` run on for a week, with `loans[G]` a day granted by presence; set the demands that follow."""
    kept = math.exp(-WEEK / term)
    for group in range(members.shape[0]):
        total = 0
        for district in range(members.shape[1]):
            total += members[group, district]
        for district in range(members.shape[1]):
            here = members[group, district]
            held = loans[group] * term * here / total if total > 0 else 0.0
            debtors[group, district] = held + (debtors[group, district] - held) * kept
            rate[group, district] = pressed * default * debtors[group, district] / term if here > 0 else 0.0
