"""V5: two gangs that avoid each other's marks part into territories above a critical aversion.

Alsenafi and Barbaro (2018, Physica A; 2021, arXiv:2104.12512). Two gangs of random walkers on a torus: each walker
moves to one of the four sites around it with weight exp(-beta * mark of the rival there), then the marks of every site
are renewed. Both rules are `place_weights` and `renew_marks` of `racketsim.mechanisms.territory`, by which groups
spread in a city.
The continuum limit loses its stability at beta* = lambda / (2 gamma sqrt(rho_A rho_B)).

The order parameter is the mean over pairs of neighbouring sites of (A - B)(A' - B') / (mean A + mean B)**2: near zero
where gangs are mixed, near one where each has its own ground. It is the square of an amplitude that grows from nothing
at beta*, so it rises there by orders of magnitude (its logarithm has its inflection) and then in a straight line, which
points back to beta* on the axis.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from statistics import fmean

import numpy as np

from racketsim.engine.kernel import Int, kernel
from racketsim.engine.mechanism import Array
from racketsim.engine.philox import uniform, words
from racketsim.engine.streams import Stream
from racketsim.ensembles.processes import cores
from racketsim.mechanisms import territory
from racketsim.verification.case import Case, Row, by_absolute, by_bound

SIDE, DENSITY = 50, 20
FADING = MAKING = 0.5
CRITICAL = FADING / (2.0 * MAKING * DENSITY)
STEPS = 1000
RATIOS = (0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.5)
_WALK = int(Stream.TERRITORY_WALK)
_LOW, _HIGH = np.uint64(0xFFFFFFFF), np.uint64(32)
_WORD = 2.0**32


@kernel
def torus(side: Int) -> Array:
    """Return the four neighbours of each site of a square torus, `[side * side, 4]`."""
    around = np.empty((side * side, 4), dtype=np.int64)
    for row in range(side):
        for column in range(side):
            site = row * side + column
            around[site, 0] = (row - 1) % side * side + column
            around[site, 1] = (row + 1) % side * side + column
            around[site, 2] = row * side + (column - 1) % side
            around[site, 3] = row * side + (column + 1) % side
    return around


@kernel
def scatter(seed: Int, walkers: Int, crowd: Array) -> None:
    """Put `walkers` walkers of each gang on sites drawn uniformly; `crowd[gang, site]` counts them."""
    for gang in range(crowd.shape[0]):
        for walker in range(walkers):
            draw = uniform(seed, (gang << 48) | walker, _WALK, 0)
            crowd[gang, np.int64(draw * crowd.shape[1])] += 1


@kernel
def walk(seed: Int, step: Int, around: Array, weights: Array, crowd: Array, after: Array) -> None:
    """Move every walker to a neighbour by `weights[gang, site, 4]`; `after[gang, site]` counts who arrives.

    A walker compares 32 random bits with the running sums of the weights; one draw serves four walkers of a site.
    """
    bits = np.empty(4, dtype=np.uint64)
    after[:] = 0
    for gang in range(crowd.shape[0]):
        for site in range(crowd.shape[1]):
            first = np.uint64(weights[gang, site, 0] * _WORD)
            second = first + np.uint64(weights[gang, site, 1] * _WORD)
            third = second + np.uint64(weights[gang, site, 2] * _WORD)
            here = crowd[gang, site]
            past_first = past_second = past_third = 0
            for begin in range(0, here, 4):
                entity = (gang << 48) | (site << 16) | begin
                u, v = words(np.uint64(seed), np.uint64(entity), np.uint64(_WALK), np.uint64(step))
                bits[0], bits[1], bits[2], bits[3] = u & _LOW, u >> _HIGH, v & _LOW, v >> _HIGH
                for n in range(min(4, here - begin)):
                    past_first += bits[n] >= first
                    past_second += bits[n] >= second
                    past_third += bits[n] >= third
            after[gang, around[site, 0]] += here - past_first
            after[gang, around[site, 1]] += past_first - past_second
            after[gang, around[site, 2]] += past_second - past_third
            after[gang, around[site, 3]] += past_third


def order_parameter(crowd: Array, around: Array) -> float:
    """Return the mean of (A - B)(A' - B') over pairs of neighbouring sites, over the square of the mean of A + B."""
    excess = (crowd[0] - crowd[1]).astype(np.float64)
    return float((excess[:, None] * excess[around]).mean() / crowd.sum(axis=0).mean() ** 2)


def settle(ratio: float, seed: int, steps: int) -> float:
    """Walk for `steps` steps at beta = ratio * beta*, from gangs that are well mixed; return the order parameter."""
    around = torus(SIDE)
    sites = SIDE * SIDE
    crowd = np.zeros((2, sites), dtype=np.int64)
    scatter(seed, DENSITY * sites, crowd)
    after, marks = np.zeros_like(crowd), np.zeros(crowd.shape)
    offer, weights = np.zeros((sites, 4)), np.empty((2, sites, 4))
    for step in range(1, steps + 1):
        for gang in range(2):
            territory.place_weights(offer, marks[1 - gang][around], ratio * CRITICAL, weights[gang])
        walk(seed, step, around, weights, crowd, after)
        crowd, after = after, crowd
        territory.renew_marks(crowd, FADING, MAKING, marks)
    return order_parameter(crowd, around)


def curve(ratios: Sequence[float], seeds: Sequence[int], steps: int) -> list[float]:
    """Return the order parameter at each ratio beta / beta*, its mean over `seeds`."""
    settle(ratios[0], seeds[0], 1)  # compiles, before threads share the work
    with ThreadPoolExecutor(cores()) as pool:
        walks = [[pool.submit(settle, ratio, seed, steps) for seed in seeds] for ratio in ratios]
    return [fmean(one.result() for one in of_ratio) for of_ratio in walks]


def steepest(ratios: Sequence[float], values: Sequence[float]) -> tuple[float, float]:
    """Return where a curve rises most steeply, halfway between two points, and where its tangent there meets zero."""
    rises = [
        ((y - x) / (b - a), (a + b) / 2.0, (x + y) / 2.0)
        for (a, b), (x, y) in zip(pairwise(ratios), pairwise(values), strict=True)
    ]
    slope, place, value = max(rises)
    return place, place - value / slope if slope > 0.0 else math.inf


def run(replicates: int | None, seed: int) -> list[Row]:
    """Walk at seven aversions around the critical one, `replicates` times each (once by default)."""
    values = curve(RATIOS, [seed + n for n in range(replicates or 1)], STEPS)
    by_ratio = dict(zip(RATIOS, values, strict=True))
    positive = [max(value, 1e-12) for value in values]
    inflection, _ = steepest(RATIOS, [math.log(value) for value in positive])
    on_linear_axis, onset = steepest(RATIOS, values)
    steps = f"{STEPS} steps"
    low, high = by_ratio[0.8], by_ratio[1.5]
    return [
        by_bound("order parameter at 0.8 beta*", "< 0.02", low, low < 0.02, f"mixed; {steps}"),
        by_bound("order parameter at 1.5 beta*", "> 0.5", high, high > 0.5, f"territories; {steps}"),
        by_absolute("inflection of the logarithm, over beta*", 1.0, inflection, 0.1, f"beta* = {CRITICAL:g}"),
        by_absolute("straight rise points back to, over beta*", 1.0, onset, 0.1),
        by_absolute("inflection, over beta*", 1.0, on_linear_axis, 0.1, f"comes down with time; {steps}", soft=True),
    ]


CASE = Case(
    id="V5",
    title="Territories of two gangs: the transition from mixed to segregated",
    source="Alsenafi and Barbaro 2018, Physica A; 2021, arXiv:2104.12512",
    fast=True,
    run=run,
)
