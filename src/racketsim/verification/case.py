"""A verification case: a published model, what it printed, what our mechanisms give, and how far apart they are."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

Scale = Literal["z", "relative", "absolute", "exact"]


@dataclass(frozen=True, slots=True)
class Row:
    """One number of a case: published, ours, their difference on `scale`, and whether it lies within `tolerance`.

    `soft` rows are printed but do not decide whether the case passes.
    """

    name: str
    published: float | str
    ours: float | str
    difference: float
    scale: Scale
    tolerance: float
    passed: bool
    note: str = ""
    soft: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """A published model. `run(replicates, seed)` runs it (None: as many replicates as the tolerance needs)."""

    id: str
    title: str
    source: str
    fast: bool
    run: Callable[[int | None, int], list[Row]]


def passes(rows: Sequence[Row]) -> bool:
    """Whether every row that decides passes; a case without such rows does not."""
    deciding = [row for row in rows if not row.soft]
    return bool(deciding) and all(row.passed for row in deciding)


def by_z(
    name: str,
    published: float,
    published_sd: float,
    published_runs: int,
    ours: Sequence[float],
    limit: float = 3.0,
    *,
    soft: bool = False,
) -> Row:
    """Compare means of runs: z = (m - M) / sqrt(SD^2 / N + sd^2 / n), passed while |z| < limit."""
    values = np.asarray(ours, dtype=np.float64)
    variance = published_sd**2 / published_runs + values.var(ddof=1) / len(values)
    gap = float(values.mean()) - published
    z = gap / math.sqrt(variance) if variance > 0.0 else math.copysign(math.inf, gap) if gap else 0.0
    return Row(name, published, float(values.mean()), z, "z", limit, abs(z) < limit, f"{len(values)} runs", soft)


def by_relative(
    name: str, published: float, ours: float, tolerance: float, note: str = "", *, soft: bool = False
) -> Row:
    """Compare two numbers by |ours / published - 1| <= tolerance."""
    difference = ours / published - 1.0
    return Row(name, published, ours, difference, "relative", tolerance, abs(difference) <= tolerance, note, soft)


def by_absolute(
    name: str, published: float, ours: float, tolerance: float, note: str = "", *, soft: bool = False
) -> Row:
    """Compare two numbers by |ours - published| <= tolerance."""
    difference = ours - published
    return Row(name, published, ours, difference, "absolute", tolerance, abs(difference) <= tolerance, note, soft)


def by_bound(name: str, bound: str, ours: float, holds: bool, note: str = "", *, soft: bool = False) -> Row:
    """State a published bound ("< 0.02") and whether our number keeps it."""
    return Row(name, bound, ours, 0.0 if holds else math.inf, "exact", 0.0, holds, note, soft)
