"""V8: Epstein's civil violence comes in outbursts, and only because a ratio was rounded down.

Epstein (2002, doi:10.1073/pnas.092080199), model I, Run 2: citizens and officers on a torus. In each step all of them
act once, in random order: move to a random free site within vision; then a citizen is active where grievance less net
risk exceeds the threshold, and an officer arrests a random active within vision for a term drawn up to the longest.
These are `grievance_from`, `arrest_risk` and `activates` of `racketsim.mechanisms.crowd_rules`, by which people join a
protest in a city. Vision is a disk, as in the best-known reimplementation (NetLogo Rebellion).

The paper prints the estimated risk of arrest as 1 - exp(-k (C / A)); the program that made its figures rounds C / A
down. With the rounding the lattice is quiet most of the time and bursts out again and again (punctuated equilibrium);
with the formula as printed it never does. Both are run here.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.mechanism import Array
from racketsim.engine.philox import uniform, uniform_pair
from racketsim.engine.streams import Stream
from racketsim.ensembles.processes import cores
from racketsim.mechanisms.crowd_rules import activates, arrest_risk, grievance_from
from racketsim.verification.case import Case, Row, by_absolute, by_bound, by_relative

SIDE, VISION = 40, 7
CITIZENS, OFFICERS = round(0.70 * SIDE**2), round(0.04 * SIDE**2)
LEGITIMACY, THRESHOLD, FACTOR, LONGEST_TERM = 0.82, 0.1, 2.3, 30
STEPS, OUTBURST, LEAST_OUTBURSTS, RUNS = 600, 50, 10, 4
_DRAW = int(Stream.CIVIL_VIOLENCE)
_PLACE, _CHARACTER, _ORDER, _ACT, _TERM = (purpose << 32 for purpose in range(5))
_EMPTY, _QUIET, _ACTIVE, _OFFICER = 0, 1, 2, 3
_IN_JAIL = -1


def within_vision(side: int, vision: int) -> Array:
    """Return the sites within `vision` of each site of a square torus, the site itself left out, `[side**2, n]`."""
    reach = range(-vision, vision + 1)
    offsets = [(down, right) for down in reach for right in reach if 0 < down**2 + right**2 <= vision**2]
    rows, columns = np.divmod(np.arange(side * side), side)
    return np.stack([(rows + down) % side * side + (columns + right) % side for down, right in offsets], axis=1)


@kernel
def pick_site(draw: Real, what: Int, sites: Array, state: Array) -> Int:
    """Return one of the `sites` in the state `what`, each equally likely, -1 where there is none."""
    found = 0
    for site in sites:
        found += state[site] == what
    left = np.int64(draw * found)
    for site in sites:
        if state[site] == what:
            if left == 0:
                return site
            left -= 1
    return -1


@kernel
def estimated_risk(sites: Array, state: Array, floored: bool) -> Real:
    """Return the risk of arrest that a citizen estimates from the officers and actives in sight, itself active."""
    officers, actives = 0, 1
    for site in sites:
        officers += state[site] == _OFFICER
        actives += state[site] == _ACTIVE
    return arrest_risk(officers, actives, FACTOR, floored)


@kernel
def shuffle(seed: Int, step: Int, order: Array) -> None:
    """Put the agents in random order (Fisher and Yates)."""
    for n in range(order.size - 1, 0, -1):
        other = np.int64(uniform(seed, _ORDER + n, _DRAW, step) * (n + 1))
        order[n], order[other] = order[other], order[n]


@kernel
def simulate(seed: Int, around: Array, citizens: Int, officers: Int, floored: bool, actives: Array) -> None:
    """Run model I; `actives[step]` becomes the number of active citizens after each step."""
    agents, everywhere = citizens + officers, np.arange(around.shape[0])
    state, holder = np.zeros(around.shape[0], np.uint8), np.zeros(around.shape[0], np.int64)
    place, free_at = np.full(agents, _IN_JAIL), np.zeros(agents, np.int64)
    order = np.arange(agents)
    for agent in order:
        place[agent] = pick_site(uniform(seed, _PLACE + agent, _DRAW, 0), _EMPTY, everywhere, state)
        holder[place[agent]] = agent
        state[place[agent]] = _QUIET if agent < citizens else _OFFICER
    for step in range(actives.size):
        shuffle(seed, step, order)
        for agent in order:
            where, whom = uniform_pair(seed, _ACT + agent, _DRAW, step)
            here = place[agent]
            if here != _IN_JAIL:
                goal = pick_site(where, _EMPTY, around[here], state)
            elif free_at[agent] <= step:
                goal = pick_site(where, _EMPTY, everywhere, state)
            else:
                continue
            if here != _IN_JAIL and goal >= 0:
                state[here] = _EMPTY
            if goal >= 0:
                place[agent] = here = goal
                holder[here] = agent
            seen = around[here]
            if agent < citizens:
                hardship, aversion = uniform_pair(seed, _CHARACTER + agent, _DRAW, 0)
                state[here] = _QUIET
                risk = aversion * estimated_risk(seen, state, floored)
                if activates(grievance_from(hardship, LEGITIMACY), risk, THRESHOLD):
                    state[here] = _ACTIVE
                continue
            state[here] = _OFFICER
            caught = pick_site(whom, _ACTIVE, seen, state)
            if caught >= 0:
                citizen = holder[caught]
                state[caught] = _EMPTY
                place[citizen] = _IN_JAIL
                term = np.int64(uniform(seed, _TERM + agent, _DRAW, step) * (LONGEST_TERM + 1))
                free_at[citizen] = step + 1 + term
        actives[step] = (state == _ACTIVE).sum()


def actives_by_step(seed: int, floored: bool, steps: int = STEPS) -> Array:
    """Return the number of actives after each step of Run 2."""
    actives = np.zeros(steps, dtype=np.int64)
    simulate(np.uint64(seed), within_vision(SIDE, VISION), CITIZENS, OFFICERS, floored, actives)
    return actives


def outbursts(actives: Array) -> int:
    """Return how often the number of actives rises above that of an outburst."""
    above = np.concatenate([[False], actives > OUTBURST])
    return int((above[1:] & ~above[:-1]).sum())


def series(seeds: Sequence[int], floored: bool) -> list[Array]:
    """Return the actives by step of one run for each seed."""
    actives_by_step(seeds[0], floored, 1)  # compiles, before threads share the work
    with ThreadPoolExecutor(cores()) as pool:
        return list(pool.map(lambda seed: actives_by_step(seed, floored), seeds))


def run(replicates: int | None = None, seed: int = 1) -> list[Row]:
    """Run both readings of the ratio; every single run has to agree."""
    seeds = range(seed, seed + (replicates or RUNS))
    rounded, printed = series(seeds, True), series(seeds, False)
    bursts, none = [outbursts(actives) for actives in rounded], [outbursts(actives) for actives in printed]
    median, highest = float(np.median(rounded)), max(int(actives.max()) for actives in rounded)
    many, runs = min(bursts) >= LEAST_OUTBURSTS, f"{len(seeds)} runs of {STEPS} steps, each on its own"
    return [
        by_bound("fewest outbursts in a run, ratio rounded down", f">= {LEAST_OUTBURSTS}", min(bursts), many, runs),
        by_bound("most outbursts in a run, ratio as printed", "0", max(none), max(none) == 0, runs),
        by_bound("median of actives, ratio rounded down", "<= 5", median, median <= 5, "quiet between outbursts"),
        by_absolute("outbursts, mean of runs", 21, float(np.mean(bursts)), 5, "of a reimplementation", soft=True),
        by_relative("most actives at once", 316, highest, 0.25, "of a reimplementation", soft=True),
    ]


CASE = Case(
    id="V8",
    title="Civil violence: outbursts with the ratio of officers to actives rounded down, none with it as printed",
    source="Epstein (2002), doi:10.1073/pnas.092080199, model I, Run 2",
    fast=True,
    run=run,
)
