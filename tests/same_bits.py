"""Whether two simulations are the same, bit by bit, and where they differ first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from racketsim import Sim

Columns = Mapping[str, npt.NDArray[Any]]


def assert_same_columns(one: Columns, other: Columns, what: str) -> None:
    """Fail where two sets of columns differ in names, types, shapes or any bit."""
    assert list(one) == list(other), what
    for name, column in one.items():
        assert column.dtype == other[name].dtype, f"{what}.{name}"
        assert column.shape == other[name].shape, f"{what}.{name}"
        if column.tobytes() != other[name].tobytes():
            first = np.argwhere(column != other[name])[0].tolist()
            raise AssertionError(f"{what}.{name} differs, first at {first}")


def assert_same(one: Sim, other: Sim) -> None:
    """Fail where two simulations differ in a bit of events, claims or records."""
    assert one.day == other.day
    assert one.groups == other.groups
    assert_same_columns(one.log, other.log, "log")
    assert_same_columns(one.claims, other.claims, "claims")
    assert_same_columns(one.records, other.records, "records")


def rows(columns: Columns, chosen: npt.NDArray[np.bool_]) -> dict[str, npt.NDArray[Any]]:
    """Return the chosen rows of all columns."""
    return {name: column[chosen] for name, column in columns.items()}
