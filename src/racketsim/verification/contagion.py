"""V7: contagion of gun violence in Chicago (Green, Horel and Papachristos 2017), as chains of `mechanisms.retaliation`.

The published figures hang together as those of a branching process: 4,107 cascades of 11,123 shootings leave
1 - 4107 / 11123 = 63.1% to contagion, a mean cascade of 1 / (1 - 0.631) = 2.71, and an exponential delay of mean 125
days has the median 86.6 (83 was measured). The largest cascade of 469 is out of reach of Poisson offspring of one
mean: networks have people with many ties. It is shown, and decides nothing.
"""

from __future__ import annotations

import numpy as np

from racketsim.mechanisms import retaliation
from racketsim.verification.case import Case, Row, by_absolute, by_bound, by_relative

SHOOTINGS, CASCADES = 11_123, 4_107
BRANCHING = 1.0 - CASCADES / SHOOTINGS
DELAY_MEAN = 125.0
MEDIAN_LOW, MEDIAN_HIGH, MEDIAN_TOLERANCE = 83.0, 87.0, 5.0


def _run(replicates: int | None, seed: int) -> list[Row]:
    """Run as many cities as `replicates` says, each with the published number of cascades."""
    cities = replicates or 30
    sizes, delays, largest = [], [], []
    for city in range(cities):
        chains = [retaliation.cascade(seed + city, first, BRANCHING, DELAY_MEAN) for first in range(CASCADES)]
        sizes += [chain.size for chain in chains]
        delays += [delay for chain in chains for delay in chain.delays]
        largest.append(max(chain.size for chain in chains))
    total, median = sum(sizes), float(np.median(delays)) if delays else 0.0
    note = f"{cities} cities of {CASCADES} cascades"
    low, high = MEDIAN_LOW - MEDIAN_TOLERANCE, MEDIAN_HIGH + MEDIAN_TOLERANCE
    return [
        by_absolute("share of shootings by contagion", 0.631, 1.0 - len(sizes) / total, 0.01, note),
        by_absolute("mean cascade", 2.70, total / len(sizes), 0.05, note),
        by_bound("median delay, days", f"{low:.0f} to {high:.0f}", median, low <= median <= high, "83 to 87, +-5"),
        by_relative("shootings", SHOOTINGS, total / cities, 0.05, note, soft=True),
        by_relative("largest cascade", 469, float(np.mean(largest)), 0.5, "Poisson offspring of one mean", soft=True),
    ]


CASE = Case(
    id="V7",
    title="Contagion of gun violence",
    source="Green, Horel and Papachristos 2017, JAMA Internal Medicine 177, doi:10.1001/jamainternmed.2016.8245",
    fast=True,
    run=_run,
)
