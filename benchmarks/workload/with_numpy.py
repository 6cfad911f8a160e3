"""The shared workload in NumPy, stepped: a draw for each target that could be contacted, every day."""

from __future__ import annotations

import numpy as np

from benchmarks.workload import Totals, Workload


def run(w: Workload, seed: int) -> Totals:
    """Simulate the workload and return its totals."""
    rng = np.random.default_rng(seed)
    district = w.district
    until = np.zeros(w.targets, dtype=np.int32)
    paying = np.zeros(w.districts, dtype=np.int64)
    ending = np.zeros((w.days + 1, w.districts), dtype=np.int64)
    contacts = agreed = reports = instalments = first = 0
    for day in range(w.days):
        paying -= ending[day]
        chance = -np.expm1(-w.hazards(paying))
        contacted = np.flatnonzero((rng.random(w.targets) < chance[district]) & (until <= day))
        draw = rng.random(contacted.size)
        payers = contacted[draw < w.pay]
        reports += int(np.count_nonzero(rng.random(contacted.size - payers.size) < w.report))
        until[payers] = day + 1 + np.floor(rng.exponential(w.duration, payers.size))
        where = district[payers]
        paying += np.bincount(where, minlength=w.districts)
        np.add.at(ending, (np.minimum(until[payers], w.days), where), 1)
        contacts += contacted.size
        agreed += payers.size
        first += int(np.count_nonzero(district[contacted] == 0))
        instalments += int(paying.sum())
    return Totals(contacts, agreed, reports, instalments, int(paying.sum()), first)
