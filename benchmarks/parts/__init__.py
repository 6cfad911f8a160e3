"""What can be measured, one file a part: each has `measure(quick)`, which returns measures and remarks."""

from __future__ import annotations

import importlib
from typing import NamedTuple

from benchmarks.measure import Measure


class Found(NamedTuple):
    """What a part has found."""

    measures: list[Measure]
    notes: list[str]


PARTS = {
    "shared": "the shared workload in racketsim, NumPy, Starsim and Mesa",
    "lima": "one replicate of full Lima",
    "scaling": "cost against targets, and against events",
    "roofline": "against the memory rate of this machine",
    "ensembles": "replicates a minute, one worker and two",
    "startup": "import, and the first figure on screen",
    "gloders": "the shared case of GLODERS-S",
    "national": "ten million targets in 196 provinces",
}


def measure(part: str, quick: bool) -> Found:
    """Measure one part; `quick` takes small sizes and few repeats, for a look."""
    found: Found = importlib.import_module(f"benchmarks.parts.{part}").measure(quick)
    return found
