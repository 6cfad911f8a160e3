"""Whether two tools give the same answers in distribution."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from benchmarks.workload import NAMES

FALSE_ALARM = 0.01
"""Chance that two tools which agree are told apart, over all totals together."""


class DisagreementError(RuntimeError):
    """Two tools do not simulate the same workload."""


def compare(one: Sequence[Sequence[int]], other: Sequence[Sequence[int]]) -> str:
    """Return the total that differs most and its p-value.

    Each total is tested by Kolmogorov and Smirnov on two samples, at the level FALSE_ALARM over the number of totals.

    Raises:
        DisagreementError: a total differs.
    """
    ours, theirs = np.array(one), np.array(other)
    values = {name: float(stats.ks_2samp(ours[:, place], theirs[:, place]).pvalue) for place, name in enumerate(NAMES)}
    name = min(values, key=values.__getitem__)
    told = f"least p = {values[name]:.3f} of {len(NAMES)} totals ({name.replace('_', ' ')})"
    if values[name] < FALSE_ALARM / len(NAMES):
        place = NAMES.index(name)
        raise DisagreementError(f"means {ours[:, place].mean():.1f} and {theirs[:, place].mean():.1f}, {told}")
    return told
