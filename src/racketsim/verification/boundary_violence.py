"""V10: violence between gangs sits at the boundaries of their territories (Brantingham et al. 2012).

Brantingham, Tita, Short and Reid (2012, Criminology 50:851, doi:10.1111/j.1745-9125.2012.00281.x) derive from a
Lotka-Volterra competition of gangs that boundaries lie midway between anchor points, and that 58.8, 87.5 and 99.8% of
the violence between two gangs falls within 0.2, 0.4 and 1.0 mile of their boundary; of 563 shootings among 13 gangs of
Hollenbeck, Los Angeles, 58.2, 83.1 and 97.7% did.

Here gangs with anchor points drawn uniformly over a square spread by the rules of a city: members move to a
neighbouring site by `territory.place_weights` (what a place offers is nearness to the anchor; marks of rivals repel),
leave marks by `territory.renew_marks`, and where they meet clash at the rates of `contest_field.clash_hazards`. The
violence of two gangs is measured from the line midway between their anchors, as published. Flows of members are
expected values, so a layout of anchors has no other noise.

The rules for moving are ours, and three numbers are chosen:
- how many gangs share the 15.2 square miles of Hollenbeck: 13, whose shootings were counted; gangs are equal;
- gangs without rivals would range from their anchor half as far as anchors are apart, on average;
- rivals are avoided half as much again as two gangs need to part (beta = 1.5 beta* of case V5).

The published shares are lengths, and what comes out follows the scale of territories. With 13 anchors, 1.08 miles
apart, the first two shares are missed; with 29, 0.72 mile apart, all three are met. The 29 are the gangs of Hollenbeck
of Tita et al. (2003, RAND MR-1764; from memory), and were taken after 13 had missed. Of violence spread evenly over the
ground about as much or more is so near to the nearest boundary, for either number of gangs. So none of these shares
decides; they are shown for both numbers, beside those of even violence.

What decides does not depend on the scale, and was not used in setting:
- violence is nearer to the boundaries than the ground is: of even violence, half falls on the half of the ground that
  is nearest to a boundary;
- boundaries lie midway between anchors, as published: places are held by the gang whose anchor is nearest;
- marks of presence make territories: without them fewer members are on the ground nearest to their own anchor. This row
  tests the marks. Violence is near the boundaries without them too, as nearness to the anchor and the contest rule do
  most of that; what marks add to it is shown.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from racketsim.engine.kernel import kernel
from racketsim.engine.mechanism import Array
from racketsim.engine.philox import uniform_pair
from racketsim.engine.streams import Stream
from racketsim.ensembles.processes import cores
from racketsim.mechanisms import contest_field, territory
from racketsim.verification.case import Case, Row, by_absolute, by_bound

GANGS, MORE_GANGS, SQUARE_MILES = 13, 29, 15.2
SITE = 0.1
MEMBERS, FADING = 100.0, 0.1
RANGE, AVERSION = 0.5, 1.5
STEPS, LAYOUTS = 300, 8
MILES = (0.2, 0.4, 1.0)
PREDICTED, OBSERVED = (58.8, 87.5, 99.8), (58.2, 83.1, 97.7)
TOLERANCE = 10.0
LEAST_AT_BOUNDARIES, LEAST_BY_MARKS = 55.0, 10.0
"""Even violence has 50% on the half of the ground nearest to boundaries; marks that do nothing keep nobody at home."""

_DRAW = int(Stream.BOUNDARY_VIOLENCE)
_CONTEST = (1.0, 0.0, 0.0, 0.0, 0.0, 1.0)
"""Settings of `clash_hazards`: one opportunity for each meeting, and nothing beside the meetings."""


class Ground(NamedTuple):
    """A square of sites: the four neighbours of each, `[P, 4]`, and the miles from each gang's anchor, `[G, P]`."""

    around: Array
    anchors: Array
    miles: Array


def lay_out(seed: int, gangs: int) -> Ground:
    """Draw the anchors of the gangs; at the edge of the square a step outwards stays where it is."""
    side = math.sqrt(SQUARE_MILES)
    width = round(side / SITE)
    site = np.arange(width * width).reshape(width, width)
    last = width - 1
    row, column = np.divmod(site.ravel(), width)
    around = np.stack(
        [
            site[np.maximum(row - 1, 0), column],
            site[np.minimum(row + 1, last), column],
            site[row, np.maximum(column - 1, 0)],
            site[row, np.minimum(column + 1, last)],
        ],
        axis=1,
    )
    places = (np.stack([row, column], axis=1) + 0.5) * side / width
    anchors = side * np.array([uniform_pair(np.uint64(seed), gang, _DRAW, 0) for gang in range(gangs)])
    return Ground(around, anchors, np.linalg.norm(places[None] - anchors[:, None], axis=2))


@kernel
def move(around: Array, weights: Array, here: Array, there: Array) -> None:
    """Let the members `here[P]` of a gang go to neighbouring sites by `weights[P, 4]`; add them up in `there[P]`."""
    there[:] = 0.0
    for site in range(here.size):
        for way in range(around.shape[1]):
            there[around[site, way]] += here[site] * weights[site, way]


def spread(ground: Ground, marked: bool = True) -> tuple[Array, Array]:
    """Return members and marks [G, P] once gangs that begin on their own ground have come to rest.

    Gangs that are not `marked` do not heed the marks of others.
    """
    gangs, sites = ground.miles.shape
    apart = math.sqrt(SQUARE_MILES / gangs)
    offer = -ground.miles[:, ground.around] / (RANGE * apart)
    aversion = AVERSION * sites / (2.0 * MEMBERS * gangs) if marked else 0.0
    here, there = np.zeros((2, gangs, sites))
    here[np.arange(gangs), ground.miles.argmin(axis=1)] = MEMBERS
    marks, weights = np.zeros((gangs, sites)), np.empty((sites, 4))
    for _ in range(STEPS):
        everybody = marks.sum(axis=0)
        for gang in range(gangs):
            rivals = (everybody - marks[gang])[ground.around]
            territory.place_weights(offer[gang], rivals, aversion, weights)
            move(ground.around, weights, here[gang], there[gang])
        here, there = there, here
        territory.renew_marks(here, FADING, FADING, marks)
    return here, marks


@kernel
def within(distance: Array, violence: Array, miles: Array, total: Array) -> None:
    """Add violence [P] to `total[n]` where the distance [P] is at most `miles[n]`, and all of it to the last."""
    for site in range(distance.size):
        total[-1] += violence[site]
        for n in range(miles.size):
            if distance[site] <= miles[n]:
                total[n] += violence[site]


def clashes(members: Array) -> Array:
    """Return the clashes [G, P] that the members [G, P] of each gang have with all others."""
    gangs, sites = members.shape
    hazard, level = np.zeros((gangs, sites)), np.zeros((3, gangs, sites))
    nobody, calm = np.zeros(gangs), np.zeros(sites)
    contest_field.clash_hazards(
        _CONTEST,
        0,
        members,
        nobody.astype(np.int64),
        nobody,
        calm,
        level[0],
        level[1, 0],
        level[1, 1],
        level[2],
        hazard,
    )
    return hazard


def shares(ground: Ground, members: Array, violence: Array) -> Array:
    """Return the percentages of violence [G, P] within each of MILES of the line midway between the two gangs' anchors.

    What a gang has at a place is shared among its rivals there by their members.
    """
    gangs = members.shape[0]
    rivals = members.sum(axis=0) - members
    rate = np.divide(violence, rivals, out=np.zeros(violence.shape), where=rivals > 0.0)
    total, limits = np.zeros(len(MILES) + 1), np.array(MILES)
    for one in range(gangs):
        for other in range(gangs):
            if one != other:
                length = np.linalg.norm(ground.anchors[one] - ground.anchors[other])
                line = np.abs(ground.miles[one] ** 2 - ground.miles[other] ** 2) / (2.0 * length)
                within(line, rate[one] * members[other], limits, total)
    return np.asarray(100.0 * total[:-1] / max(total[-1], 1e-300))


def to_boundary(ground: Ground) -> Array:
    """Return the miles [P] from each place to the nearest boundary of the ground of the gang nearest to it."""
    place, nearest = np.arange(ground.miles.shape[1]), ground.miles.argmin(axis=0)
    length = np.linalg.norm(ground.anchors[:, None] - ground.anchors, axis=2)[:, nearest]
    beyond = ground.miles**2 - ground.miles[nearest, place] ** 2
    line = np.divide(beyond, 2.0 * length, out=np.full(beyond.shape, np.inf), where=length > 0.0)
    return np.asarray(line.min(axis=0))


def at_boundaries(ground: Ground, violence: Array) -> float:
    """Return the percentage of violence [G, P] on the half of the ground that is nearest to a boundary."""
    half = np.argsort(to_boundary(ground))[: ground.miles.shape[1] // 2]
    by_place = violence.sum(axis=0)
    return float(100.0 * by_place[half].sum() / max(by_place.sum(), 1e-300))


def at_home(ground: Ground, members: Array) -> float:
    """Return the percentage of members [G, P] on the ground that is nearest to their own anchor."""
    own = members[ground.miles.argmin(axis=0), np.arange(members.shape[1])]
    return float(100.0 * own.sum() / members.sum())


def held_by_nearest(ground: Ground, marks: Array) -> float:
    """Return the percentage of sites whose holder is the gang with the nearest anchor."""
    sites = marks.shape[1]
    holder, takeovers = np.full(sites, territory.NOBODY), np.zeros(sites, dtype=np.int64)
    territory.pass_control(marks, 0.0, holder, takeovers)
    held = int((holder != territory.NOBODY).sum())
    nearest = int((holder == ground.miles.argmin(axis=0)).sum())
    return 100.0 * nearest / max(held, 1)


class Measures(NamedTuple):
    """What one layout of anchors gives, in percent: shares within MILES, and those of even violence."""

    shares: Array
    even: Array
    at_boundaries: float
    held_by_nearest: float
    at_home: float
    at_boundaries_without: float = math.nan
    at_home_without: float = math.nan


def measure(seed: int, gangs: int, compared: bool = False) -> Measures:
    """Measure one layout of anchors, with marks of presence, and if `compared` without them too."""
    ground = lay_out(seed, gangs)
    members, marks = spread(ground)
    violence, line = clashes(members), to_boundary(ground)
    found = Measures(
        shares(ground, members, violence),
        np.array([100.0 * (line <= miles).mean() for miles in MILES]),
        at_boundaries(ground, violence),
        held_by_nearest(ground, marks),
        at_home(ground, members),
    )
    if not compared:
        return found
    members, _ = spread(ground, marked=False)
    without = (at_boundaries(ground, clashes(members)), at_home(ground, members))
    return found._replace(at_boundaries_without=without[0], at_home_without=without[1])


def means(seed: int, layouts: int, gangs: int, compared: bool = False) -> Measures:
    """Return the means of as many layouts of anchors as `layouts` says."""
    measured = [measure(seed, gangs, compared)]  # compiles, before threads share the work
    with ThreadPoolExecutor(cores()) as pool:
        measured += pool.map(lambda one: measure(one, gangs, compared), range(seed + 1, seed + layouts))
    return Measures(*(np.mean(values, axis=0) for values in zip(*measured, strict=True)))


def shown(gangs: int, found: Measures) -> list[Row]:
    """Set the shares, which follow the number of gangs, and those of even violence beside the published ones."""
    rows = []
    for who, ours in (("violence", found.shares), ("even violence", found.even)):
        for what, published in (("predicted", PREDICTED), ("observed", OBSERVED)):
            for miles, known, share in zip(MILES, published, ours.tolist(), strict=True):
                name = f"{gangs} gangs: {who} within {miles:g} mile of the boundary, %, against {what}"
                note = "follows the scale" if who == "violence" else "reference, nothing simulated"
                rows.append(by_absolute(name, known, share, TOLERANCE, note, soft=True))
    return rows


def decided(gangs: int, found: Measures) -> list[Row]:
    """State what does not depend on the scale: where violence is, and who holds the ground."""
    near, held = float(found.at_boundaries), float(found.held_by_nearest)
    holds, bound = near > LEAST_AT_BOUNDARIES, f"> {LEAST_AT_BOUNDARIES:g}"
    name = f"{gangs} gangs: violence on the half of the ground nearest to boundaries, %"
    return [
        by_bound(name, bound, near, holds, "50 if even"),
        by_absolute(
            f"{gangs} gangs: places held by the gang with the nearest anchor, %", 100.0, held, TOLERANCE, "midway"
        ),
    ]


def run(replicates: int | None = None, seed: int = 1) -> list[Row]:
    """Measure as many layouts of anchors as `replicates` says, and compare their means."""
    layouts = replicates or LAYOUTS
    few, many = means(seed, layouts, GANGS, compared=True), means(seed, layouts, MORE_GANGS)
    stay = float(few.at_home - few.at_home_without)
    nearer = float(few.at_boundaries - few.at_boundaries_without)
    bound, note = f"> {LEAST_BY_MARKS:g}", f"{few.at_home:.0f}% with marks; {layouts} layouts"
    by_marks = f"{GANGS} gangs: members on their own ground, less without marks, points"
    to_edges = f"{GANGS} gangs: violence on the half nearest to boundaries, less without marks, points"
    return [
        *decided(GANGS, few),
        *decided(MORE_GANGS, many),
        by_bound(by_marks, bound, stay, stay > LEAST_BY_MARKS, note),
        by_bound(to_edges, "> 0", nearer, nearer > 0.0, "small beside the whole", soft=True),
        *shown(GANGS, few),
        *shown(MORE_GANGS, many),
    ]


CASE = Case(
    id="V10",
    title="Violence at the boundaries of territories",
    source="Brantingham, Tita, Short and Reid 2012, Criminology 50:851, doi:10.1111/j.1745-9125.2012.00281.x",
    fast=True,
    run=run,
)
