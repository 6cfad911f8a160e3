"""The compiled parts of `contest`: how contested each district is, the hazards of all cells, targets that are ceded."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from racketsim.engine.cells import fire_cells
from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.mechanism import Array
from racketsim.engine.philox import uniform
from racketsim.engine.streams import Stream
from racketsim.mechanisms.payers import payers
from racketsim.mechanisms.rivalry import roving_share, tribute_factor

_WAIT, _CEDED = int(Stream.CLASH_WAIT), int(Stream.CEDED_TARGET)


@kernel
def poisson(draw: Real, mean: Real) -> Int:
    """Return a Poisson count by inversion of one uniform draw."""
    count = 0
    term = math.exp(-mean)
    total = term
    while draw >= total and term > 0.0:
        count += 1
        term *= mean / count
        total += term
    return count


@kernel
def contested(members: Array, truce: Array, memory: Real, quiet: Real) -> Real:
    """Return the contestedness of a district from `members[G]` and `truce[G]`; `memory` counts its recent clashes.

    One minus the Herfindahl index, pairs under a truce left out (by the weaker commitment of the two).
    """
    crowd, pairs = 0.0, 0.0
    for one in range(members.size):
        crowd += members[one]
        for other in range(one):
            pairs += members[one] * members[other] * (1.0 - min(truce[one], truce[other]))
    if crowd == 0.0:
        return 0.0
    return 2.0 * pairs / (crowd * crowd) * (1.0 - quiet * math.exp(-memory))


@kernel
def clash_hazards(
    settings: Sequence[Real],
    day: Int,
    here: Array,
    leaderless_until: Array,
    truce: Array,
    recent: Array,
    dread: Array,
    contestedness: Array,
    tribute_level: Array,
    roving: Array,
    hazard: Array,
) -> Real:
    """Set contestedness, tribute level, roving share and hazard by the equations of `contest`; return all hazard."""
    rate, contested_weight, vacuum, quiet, elasticity, scale = settings
    groups, districts = here.shape
    everything = 0.0
    present = np.empty((districts, groups), dtype=np.int64)
    count, crowd = np.zeros(districts, dtype=np.int64), np.zeros(districts)
    hazard[:] = 0.0
    roving[:] = 0.0
    for group in range(groups):
        for district in range(districts):
            if here[group, district] > 0:
                present[district, count[district]] = group
                count[district] += 1
                crowd[district] += here[group, district]
    for district in range(districts):
        who = present[district, : count[district]]
        level = contested(here[:, district][who], truce[who], recent[district], quiet) if who.size > 1 else 0.0
        contestedness[district] = level
        tribute_level[district] = tribute_factor(level, elasticity)
        for group in who:
            rivals = 0.0
            for other in who:
                if other != group:
                    bare = 1.0 + vacuum if leaderless_until[other] > day else 1.0
                    rivals += here[other, district] * (1.0 - min(truce[group], truce[other])) * bare
            own = here[group, district]
            calm = 1.0 - dread[group, district]
            hazard[group, district] = rate * own * rivals / crowd[district] * (1.0 + contested_weight * level) * calm
            everything += hazard[group, district]
            led = 0.0 if leaderless_until[group] > day else 1.0
            roving[group, district] = roving_share(own / crowd[district], level, led, scale)
    return everything


@kernel
def await_opportunities(
    seed: Int,
    day: Int,
    settings: Sequence[Real],
    decays: Sequence[Real],
    members: Array,
    arrested: Array,
    moving: Array,
    heir: Array,
    leaderless_until: Array,
    truce: Array,
    clashes: Array,
    retaliated: Array,
    recent: Array,
    dread: Array,
    contestedness: Array,
    tribute_level: Array,
    roving: Array,
    threshold: Array,
    opportunities: Array,
    here: Array,
    hazard: Array,
    fired: Array,
) -> Int:
    """Let memories fade, add yesterday's violence, let every cell live through its hazard; return how many fire.

    `here` is set to the members who are free to fight: neither arrested nor on the move today, in a cell that stays.
    """
    memory, fear = decays
    for district in range(recent.size):
        recent[district] = recent[district] * memory + clashes[district] + retaliated[district]
    for group in range(members.shape[0]):
        for district in range(members.shape[1]):
            dread[group, district] *= fear
            free = members[group, district] - arrested[group, district] + min(moving[group, district], 0)
            here[group, district] = max(free, 0) if heir[group, district] < 0 else 0
    total = clash_hazards(
        settings, day, here, leaderless_until, truce, recent, dread, contestedness, tribute_level, roving, hazard
    )
    if total == 0.0:
        return 0
    return fire_cells(seed, _WAIT, hazard, threshold, opportunities, fired)


@kernel
def pick_rival(
    draw: Real, group: Int, district: Int, day: Int, vacuum: Real, here: Array, truce: Array, leaderless_until: Array
) -> Int:
    """Return whom a cell turns on, in proportion to rivals' members and to what keeps it from none; -1 for nobody."""
    sums = np.zeros(truce.size)
    total = 0.0
    if here[group, district] == 0:
        return -1
    for other in range(truce.size):
        if other != group:
            bare = 1.0 + vacuum if leaderless_until[other] > day else 1.0
            total += here[other, district] * (1.0 - min(truce[other], truce[group])) * bare
        sums[other] = total
    return np.int64(np.searchsorted(sums, draw * total, side="right")) if total > 0.0 else -1


@kernel
def ceded_targets(
    seed: Int,
    day: Int,
    district: Int,
    loser: Int,
    count: Int,
    held: Int,
    kinds: Int,
    starts: Array,
    payee: Array,
    second: Array,
    paying: Array,
    target_: Array,
    class_: Array,
    room: Int,
) -> Int:
    """Draw `count` of the `held` targets that pay `loser` in `district`, each as likely; return how many were written.

    Writes targets and classes from position `room` on (selection sampling: Knuth, Art of Computer Programming, 3.4.2).
    """
    wanted, left = min(count, target_.size - room), held
    for kind in range(kinds):
        cell = district * kinds + kind
        for target in payers(paying, starts[cell], starts[cell + 1]):
            if wanted == 0 or left == 0:
                return room
            if payee[target] != loser and second[target] != loser:
                continue
            if uniform(seed, target, _CEDED, day) * left < wanted:
                target_[room] = target
                class_[room] = cell
                room += 1
                wanted -= 1
            left -= 1
    return room
