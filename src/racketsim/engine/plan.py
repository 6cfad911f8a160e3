"""The plan of a day: which mechanism runs when, what it reads, writes and draws, checked before anything runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from racketsim.city.city import TRANSIENT, City
from racketsim.engine.mechanism import Array, Mechanism, Variable, Variables

_WORD = 8


class PlanError(ValueError):
    """The mechanisms do not fit together: two writers of one variable, or a read that nobody writes."""


class PlanRow(NamedTuple):
    """One step of the day, as printed by `racketsim plan`."""

    step: int
    mechanism: str
    elements: tuple[str, ...]
    summary: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    draws: tuple[str, ...]
    emits: tuple[str, ...]


def check(mechanisms: Iterable[type[Mechanism]]) -> None:
    """Raise PlanError where two mechanisms write one variable or emit one draw, or where a read has no writer."""
    writer: dict[str, str] = {}
    drawer: dict[str, str] = {}
    classes = list(mechanisms)
    for mechanism in classes:
        for variable in mechanism.writes:
            if variable in writer:
                raise PlanError(f"'{variable}' is written by '{writer[variable]}' and by '{mechanism.name}'")
            writer[variable] = mechanism.name
        for stream in mechanism.draws:
            if stream.name in drawer:
                raise PlanError(f"stream {stream.name} is drawn by '{drawer[stream.name]}' and by '{mechanism.name}'")
            drawer[stream.name] = mechanism.name
    for mechanism in classes:
        for variable in mechanism.reads:
            if variable not in writer:
                raise PlanError(f"'{mechanism.name}' reads '{variable}', which no mechanism writes")
            if variable in mechanism.writes:
                raise PlanError(f"'{mechanism.name}' lists '{variable}' under both reads and writes")


def rows(mechanisms: Sequence[type[Mechanism]]) -> list[PlanRow]:
    """Return the day as a table, in the order in which it runs."""
    return [
        PlanRow(
            number,
            m.name,
            m.elements,
            m.summary,
            tuple(m.reads),
            tuple(m.writes),
            tuple(stream.name for stream in m.draws),
            tuple(m.emits),
        )
        for number, m in enumerate(mechanisms, start=1)
    ]


def allocate(city: City, mechanisms: Iterable[type[Mechanism]]) -> dict[str, Array]:
    """Return the zeroed state: one array for each declared variable.

    What is kept of every target lies in one row a target, so that whatever happens to it touches one line of memory;
    the arrays are views of the rows.
    """
    sizes = city.sizes
    variables = {name: variable for mechanism in mechanisms for name, variable in mechanism.writes.items()}
    columns = {name: variable for name, variable in variables.items() if variable.dims[-1:] == ("target",)}
    rows = np.zeros(sizes["target"], dtype=_row(sizes, columns))
    return {
        name: np.moveaxis(rows[name], 0, -1)
        if name in columns
        else np.zeros(tuple(sizes[dim] for dim in variable.dims), dtype=variable.dtype)
        for name, variable in variables.items()
    }


def _row(sizes: Mapping[str, int], columns: Mapping[str, Variable]) -> np.dtype[np.void]:
    """Return the type of a row with the columns of one target, the widest first, of a multiple of eight bytes."""
    shapes = {name: tuple(sizes[dim] for dim in variable.dims[:-1]) for name, variable in columns.items()}
    order = sorted(columns, key=lambda name: -np.dtype(columns[name].dtype).itemsize)
    packed = np.dtype([(name, columns[name].dtype, shapes[name]) for name in order])
    width = -(-packed.itemsize // _WORD) * _WORD
    offsets = [packed.fields[name][1] for name in order] if packed.fields else []
    formats = [packed[name] for name in order]
    return np.dtype({"names": order, "formats": formats, "offsets": offsets, "itemsize": width})


def lasting(mechanisms: Iterable[type[Mechanism]]) -> list[str]:
    """Return the variables that outlive a day: what a fork copies and a file holds."""
    return [
        name
        for mechanism in mechanisms
        for name, variable in mechanism.writes.items()
        if not set(variable.dims) & set(TRANSIENT)
    ]


def bind(mechanisms: Iterable[Mechanism], state: dict[str, Array]) -> None:
    """Give each mechanism its variables: its own to write, read-only views of what it reads."""
    for mechanism in mechanisms:
        arrays = {name: state[name] for name in mechanism.writes}
        for name in mechanism.reads:
            view = state[name].view()
            view.flags.writeable = False
            arrays[name] = view
        mechanism.v = Variables(arrays)
