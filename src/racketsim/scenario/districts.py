"""Reading `districts.csv`: the districts of a city, their neighbours and their squares on the tile map."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from racketsim.errors import did_you_mean
from racketsim.scenario.model import Districts
from racketsim.scenario.places import EVERYWHERE
from racketsim.scenario.problems import Problems
from racketsim.scenario.sources import cited
from racketsim.scenario.tables import Row, read_table

FILE = "districts.csv"
COLUMNS = (
    "id",
    "name",
    "region",
    "zone",
    "population",
    "latitude",
    "longitude",
    "area_km2",
    "officers",
    "exposure",
    "tile_row",
    "tile_column",
    "neighbours",
    "source",
)
NUMBERS: dict[str, tuple[str, float, float]] = {
    "latitude": ("degrees", -90.0, 90.0),
    "longitude": ("degrees", -180.0, 180.0),
    "area_km2": ("km2", 1e-6, 1e7),
    "exposure": ("1", 0.0, 1e3),
}
"""Unit and closed range of the columns that are not counts."""

COUNTS: dict[str, str] = {"population": "inhabitants", "officers": "officers"}
"""Unit of the columns that are counts."""

LARGEST_TILE = 200


def read_districts(path: Path, evidence: Collection[str]) -> Districts:
    """Read the districts of a scenario; raise `InputError` for rows that cannot be used."""
    rows = read_table(path, COLUMNS)
    problems = Problems()
    for row in rows:
        for check in (_check_texts, _check_numbers, _check_tile):
            with problems.collect():
                check(row)
        with problems.collect():
            cited(row, evidence)
    problems.raise_any()
    for check_all in (_check_unique, _check_places, _check_neighbours):
        for row in rows:
            with problems.collect():
                check_all(row, rows)
        problems.raise_any()
    return _districts(rows)


def _check_texts(row: Row) -> None:
    for column in ("id", "name", "region", "zone"):
        row.text(column)
    if len(row.words("id")) != 1:
        raise row.error("id", f"'{row.text('id')}' has a space in it; an id is one word.")
    if row.text("name") == EVERYWHERE:
        raise row.error("name", f"'{EVERYWHERE}' names the whole city, and cannot name a district.")


def _check_numbers(row: Row) -> None:
    for column in COUNTS:
        row.count(column)
    for column, (_, lowest, highest) in NUMBERS.items():
        row.number(column, lowest, highest)


def _check_tile(row: Row) -> None:
    for column in ("tile_row", "tile_column"):
        if row.count(column) > LARGEST_TILE:
            raise row.error(column, f"{row.text(column)} is too large; allowed are 0 to {LARGEST_TILE}.")


def _check_unique(row: Row, rows: Sequence[Row]) -> None:
    for other in rows:
        if other.line >= row.line:
            return
        for column in ("id", "name"):
            if row.text(column) == other.text(column):
                raise row.error(
                    column, f"the district '{row.text(column)}' is given twice; it stands in line {other.line} already."
                )
        if _tile(row) == _tile(other):
            where = "row {}, column {}".format(*_tile(row))
            taken_by = f"{other.text('name')} (line {other.line})"
            raise row.error("tile_row", f"{where} of the tile map is taken by {taken_by} already.")


def _check_places(row: Row, rows: Sequence[Row]) -> None:
    """Refuse a district that is called like a zone or region which holds other districts too."""
    name = row.text("name")
    for column in ("zone", "region"):
        alike = {other.text("id") for other in rows if other.text(column) == name}
        if alike and alike != {row.text("id")}:
            raise row.error(
                "name", f"'{name}' is the name of a {column} with other districts in it; give another name."
            )


def _check_neighbours(row: Row, rows: Sequence[Row]) -> None:
    identity = row.text("id")
    by_id = {other.text("id"): other for other in rows}
    for neighbour in row.words("neighbours"):
        if neighbour == identity:
            raise row.error("neighbours", f"the district {identity} is its own neighbour.")
        if neighbour not in by_id:
            raise row.error("neighbours", f"unknown district id '{neighbour}'.{did_you_mean(neighbour, by_id)}")
        other = by_id[neighbour]
        if identity not in other.words("neighbours"):
            raise row.error(
                "neighbours",
                f"{neighbour} is named, but {neighbour} (line {other.line}) does not name {identity}; "
                "a border has two sides.",
            )


def _tile(row: Row) -> tuple[int, int]:
    return row.count("tile_row"), row.count("tile_column")


def _districts(rows: Sequence[Row]) -> Districts:
    ids = [row.text("id") for row in rows]
    adjacency = np.zeros((len(rows), len(rows)), dtype=np.bool_)
    for index, row in enumerate(rows):
        for neighbour in row.words("neighbours"):
            adjacency[index, ids.index(neighbour)] = True

    def texts(column: str) -> tuple[str, ...]:
        return tuple(row.text(column) for row in rows)

    def counts(column: str) -> npt.NDArray[np.int64]:
        return _frozen(np.array([row.count(column) for row in rows], dtype=np.int64))

    def numbers(column: str) -> npt.NDArray[np.float64]:
        _, lowest, highest = NUMBERS[column]
        return _frozen(np.array([row.number(column, lowest, highest) for row in rows], dtype=np.float64))

    return Districts(
        id=tuple(ids),
        name=texts("name"),
        region=texts("region"),
        zone=texts("zone"),
        population=counts("population"),
        latitude=numbers("latitude"),
        longitude=numbers("longitude"),
        area_km2=numbers("area_km2"),
        officers=counts("officers"),
        exposure=numbers("exposure"),
        tile=_frozen(np.array([_tile(row) for row in rows], dtype=np.int64)),
        adjacency=_frozen(adjacency),
        source=texts("source"),
    )


def _frozen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    array.flags.writeable = False
    return array
