"""V3: one person decides between a riot and none, and a little more disagreement between quiet and uproar.

Granovetter (1978, doi:10.1086/226707). A hundred people have thresholds 0, 1, ..., 99: all riot. Give the one with
threshold 1 a threshold of 2, and one riots. With normal thresholds of mean 25, few riot while their standard deviation
is below about 12.2, and all above it. `riot_size` and `riot_share` of `racketsim.mechanisms.crowd_rules`
are the rules by which a protest grows in a city, here with nobody to fear and no grievance beside the thresholds.
"""

from __future__ import annotations

import math

import numpy as np

from racketsim.mechanisms import crowd_rules
from racketsim.verification.case import Case, Row, by_absolute, by_bound

PEOPLE, MEAN = 100, 25.0
FEW_AND_ALL = 50.0
"""An equilibrium below it counts as few, above it as all."""


def riot(thresholds: list[int]) -> int:
    """Return how many riot, for thresholds in people."""
    ascending = np.sort(np.array(thresholds, dtype=np.float64))
    return int(crowd_rules.riot_size(ascending, 0, 0.0, 0.0, 0.0, 0.0))


def equilibrium(sigma: float) -> float:
    """Return how many of a hundred riot where thresholds are normal with the mean of the paper, found from none."""
    share = crowd_rules.riot_share(MEAN / PEOPLE, sigma / PEOPLE, 0.0, PEOPLE, 0.0, 0.0, 0.0)
    return float(PEOPLE * share)


def critical_sigma(low: float = 5.0, high: float = 20.0, digits: float = 1e-6) -> float:
    """Return the standard deviation at which the equilibrium jumps, by bisection."""
    while high - low > digits:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if equilibrium(middle) < FEW_AND_ALL else (low, middle)
    return 0.5 * (low + high)


def tangent_sigma(low: float = 5.0, high: float = 20.0, digits: float = 1e-6) -> float:
    """Return the same by calculus: there the distribution of thresholds touches the diagonal.

    With z the standard score of the share at which its density is one, z = -sqrt(2 ln(1 / (sigma sqrt(2 pi)))), the
    lower equilibrium exists while mean + sigma z exceeds the share below z.
    """
    while high - low > digits:
        sigma = 0.5 * (low + high)
        z = -math.sqrt(2.0 * math.log(PEOPLE / (sigma * math.sqrt(2.0 * math.pi))))
        exists = MEAN + sigma * z > PEOPLE * 0.5 * math.erfc(-z / math.sqrt(2.0))
        low, high = (sigma, high) if exists else (low, sigma)
    return 0.5 * (low + high)


def run(replicates: int | None = None, seed: int = 1) -> list[Row]:  # noqa: ARG001 - nothing here is random
    """Compute the equilibria of the paper; nothing in them is random."""
    everybody = list(range(PEOPLE))
    below, above = equilibrium(12.20), equilibrium(12.25)
    return [
        by_absolute("rioters, thresholds 0 to 99", PEOPLE, riot(everybody), 0.0),
        by_absolute("rioters, threshold 1 made 2", 1, riot([2 if t == 1 else t for t in everybody]), 0.0),
        by_absolute("rioters, normal thresholds, sigma 12.20", 5.48, below, 0.005),
        by_absolute("rioters, normal thresholds, sigma 12.25", 100.0, above, 0.05),
        by_absolute("rioters, normal thresholds, sigma 12.1", 4.55, equilibrium(12.1), 0.005),
        by_absolute("rioters, normal thresholds, sigma 30", 99.3, equilibrium(30.0), 0.05),
        by_absolute("rioters, normal thresholds, sigma 50", 90.5, equilibrium(50.0), 0.05),
        by_absolute("critical sigma", 12.2, critical_sigma(), 0.05),
        by_bound(
            "critical sigma less that of the tangent",
            "< 0.0001",
            gap := abs(critical_sigma() - tangent_sigma()),
            gap < 1e-4,
            "the iteration against calculus",
        ),
    ]


CASE = Case(
    id="V3",
    title="Thresholds: one person, or a little disagreement, decides between quiet and riot",
    source="Granovetter (1978), doi:10.1086/226707",
    fast=True,
    run=run,
)
