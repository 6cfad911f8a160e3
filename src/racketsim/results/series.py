"""Monthly records as a labelled xarray Dataset, and as netCDF4 (`series.nc`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from racketsim.results.records import VARIABLES, month_starts
from racketsim.results.replicate import GroupLabel, Replicate
from racketsim.results.vocabulary import ACTIVITIES, CHANNELS
from racketsim.results.whole import cannot_write, whole_file
from racketsim.scenario.model import Scenario

if TYPE_CHECKING:
    import xarray as xr

_COORDINATES = {
    "replicate": "index of the replicate",
    "time": "first day of the month",
    "district": "district",
    "kind": "kind of target",
    "group": "group, with splinter groups after those of the scenario",
    "channel": "how the demand reached its target",
    "method": "method of punishment, mildest first",
    "activity": "what members of a group do for money",
}


def dataset(scenario: Scenario, replicates: Sequence[Replicate]) -> xr.Dataset:
    """Return the records of one or more replicates as a Dataset with labels, units and descriptions.

    With one replicate the dimensions are (time, ...); with several, (replicate, time, ...). Replicates may differ
    in their groups: the group axis is the union, and a group that a replicate lacks has zeros there and
    `group_present` False.

    Raises:
        ValueError: there is no replicate, or they differ in their number of months.
    """
    import xarray as xr

    frame = _Frame(scenario, replicates)
    whole = xr.Dataset(frame.extra(), coords=frame.coordinates(), attrs=frame.attributes())
    for name in VARIABLES:
        whole[name] = frame.values(name)
    return whole


def write_series(path: Path, scenario: Scenario, replicates: Sequence[Replicate]) -> None:
    """Write `dataset(scenario, replicates)` as compressed netCDF4, one variable in memory at a time.

    The same records give the same bits. xarray, which reads the file, would open and read it anew for each variable.

    Raises:
        InputError: the place cannot be written.
    """
    import h5netcdf

    frame = _Frame(scenario, replicates)
    try:
        with whole_file(path) as temporary, h5netcdf.File(temporary, "w") as file:
            file.attrs.update(frame.attributes())
            labels = frame.coordinates()
            file.dimensions = {name: len(values) for name, (_, values, _) in labels.items()}
            for name, (dims, values, about) in {**labels, **frame.extra()}.items():
                _write(file, name, dims if isinstance(dims, tuple) else (dims,), values, about)
            for name in VARIABLES:
                _write(file, name, *frame.values(name), compression="gzip", compression_opts=4, shuffle=True)
    except RuntimeError as error:  # HDF5 reports a full disk on flush in this way
        raise cannot_write(path, error) from error


def _write(
    file: Any, name: str, dims: tuple[str, ...], values: npt.NDArray[Any], about: Mapping[str, Any], **packing: Any
) -> None:
    """Add a variable to a netCDF file; dates, truth values and words in the codes of xarray, chunks of a replicate."""
    import h5py

    if values.dtype.kind == "M":
        values = values.astype("datetime64[D]").astype(np.int64)
        about = {**about, "units": "days since 1970-01-01", "calendar": "proleptic_gregorian"}
    elif values.dtype.kind == "b":
        values, about = values.astype(np.int8), {**about, "dtype": "bool"}
    kind = h5py.string_dtype() if values.dtype.kind == "O" else values.dtype
    if packing:
        packing["chunks"] = (1, *values.shape[1:]) if dims[0] == "replicate" else values.shape
    file.create_variable(name, dims, kind, data=values, **packing).attrs.update(about)


def read_series(path: Path) -> xr.Dataset:
    """Open a `series.nc`, reading it lazily; close it, or use it in a `with`."""
    import xarray as xr

    return xr.open_dataset(path, engine="h5netcdf")


def union_of_groups(replicates: Sequence[Replicate]) -> tuple[GroupLabel, ...]:
    """Return every group of every replicate once, by id, in the order of first appearance."""
    union: dict[str, GroupLabel] = {}
    for replicate in replicates:
        for group in replicate.groups:
            union.setdefault(group.id, group)
    return tuple(union.values())


def unique_names(groups: Sequence[GroupLabel]) -> list[str]:
    """Return the groups' names, with the id added where two groups share a name."""
    names = [group.name for group in groups]
    return [f"{g.name} ({g.id})" if names.count(g.name) > 1 else g.name for g in groups]


class _Frame:
    """The labels that several replicates share, and the way each record is laid on them."""

    def __init__(self, scenario: Scenario, replicates: Sequence[Replicate]) -> None:
        months = {replicate.months for replicate in replicates}
        if len(months) != 1:
            raise ValueError(f"replicates of one length are needed; their months are {sorted(months)}")
        self.scenario = scenario
        self.replicates = replicates
        self.months = months.pop()
        self.groups = union_of_groups(replicates)
        self._place = {group.id: place for place, group in enumerate(self.groups)}
        self._lead: tuple[str, ...] = ("replicate",) if len(replicates) > 1 else ()

    def coordinates(self) -> dict[str, Any]:
        scenario = self.scenario
        values: dict[str, Any] = {
            "time": month_starts(scenario.start, self.months).astype("datetime64[ns]"),
            "district": np.array(scenario.districts.name, dtype=object),
            "kind": np.array([kind.label for kind in scenario.kinds], dtype=object),
            "group": np.array(unique_names(self.groups), dtype=object),
            "channel": np.array(CHANNELS, dtype=object),
            "activity": np.array(ACTIVITIES, dtype=object),
            "method": np.array([method.label for method in scenario.methods], dtype=object),
        }
        if self._lead:
            values = {"replicate": np.array([r.index for r in self.replicates], dtype=np.int32), **values}
        return {name: (name, value, {"long_name": _COORDINATES[name]}) for name, value in values.items()}

    def extra(self) -> dict[str, Any]:
        present = np.zeros((len(self.replicates), len(self.groups)), dtype=np.bool_)
        for row, replicate in enumerate(self.replicates):
            present[row, [self._place[group.id] for group in replicate.groups]] = True
        about = {
            "long_name": "group present",
            "description": "whether the group existed in the replicate",
            "units": "1",
        }
        roles = np.array([group.role for group in self.groups], dtype=object)
        return {
            "group_present": ((*self._lead, "group"), present if self._lead else present[0], about),
            "group_role": ("group", roles, {"long_name": "role of the group", "units": "1"}),
        }

    def attributes(self) -> dict[str, str]:
        from racketsim.results.provenance import version

        return {
            "title": self.scenario.title,
            "source": f"racketsim {version()}",
            "scenario": self.scenario.id,
            "scenario_digest": self.scenario.digest,
            "currency": self.scenario.currency,
            "seeds": " ".join(str(replicate.seed) for replicate in self.replicates),
        }

    def values(self, name: str) -> tuple[tuple[str, ...], npt.NDArray[np.generic], dict[str, str]]:
        """Return a record's dimensions, its values over the replicates, and what is said of it."""
        declared = VARIABLES[name]
        parts = [self._aligned(replicate, name, declared.dims) for replicate in self.replicates]
        values = np.stack(parts) if self._lead else parts[0]
        about = {"units": declared.units, "long_name": declared.long_name, "description": declared.description}
        return (*self._lead, "time", *declared.dims), values, about

    def _aligned(self, replicate: Replicate, name: str, dims: tuple[str, ...]) -> npt.NDArray[np.generic]:
        values = replicate.records[name]
        if "group" not in dims:
            return values
        axis = 1 + dims.index("group")
        shape = (*values.shape[:axis], len(self.groups), *values.shape[axis + 1 :])
        padded = np.zeros(shape, dtype=values.dtype)
        places = [self._place[group.id] for group in replicate.groups]
        np.moveaxis(padded, axis, 0)[places] = np.moveaxis(values, axis, 0)
        return padded
