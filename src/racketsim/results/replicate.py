"""One finished simulation as results see it, and its file: `replicates/0007.npz`, written whole, then renamed."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from racketsim.errors import InputError
from racketsim.results.records import Records
from racketsim.results.whole import make_folder, whole_file
from racketsim.scenario.model import Scenario

Columns = Mapping[str, npt.NDArray[np.generic]]


class GroupLike(Protocol):
    """What results read of a group of the simulation; splinter groups are born beyond the scenario's."""

    @property
    def id(self) -> str:
        """Its id, unique in a run."""

    @property
    def name(self) -> str:
        """The name people know."""

    @property
    def role(self) -> str:
        """incumbent, entrant, remote, or splinter."""

    @property
    def brand(self) -> str:
        """The parent brand, "" for none."""


class SimLike(Protocol):
    """What results read of a finished simulation."""

    @property
    def scenario(self) -> Scenario:
        """What was simulated."""

    @property
    def seed(self) -> int:
        """The seed of every draw."""

    @property
    def day(self) -> date:
        """The date reached."""

    @property
    def records(self) -> Records:
        """Monthly arrays by name."""

    @property
    def log(self) -> Columns:
        """Columns of the event log."""

    @property
    def claims(self) -> Columns:
        """Columns of the claims."""

    @property
    def groups(self) -> Sequence[GroupLike]:
        """Groups in the order of the group axis."""

    @property
    def timing(self) -> Mapping[str, float]:
        """Seconds by part, and target_days_per_second."""

    @property
    def profile(self) -> Mapping[str, float]:
        """Seconds by mechanism; empty where the simulation was not profiled."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A `SimLike` without the state of the simulation, which takes the most memory and is let go with it."""

    scenario: Scenario
    seed: int
    day: date
    records: Records
    log: Columns
    claims: Columns
    groups: Sequence[GroupLike]
    timing: Mapping[str, float]
    profile: Mapping[str, float]

    @classmethod
    def of(cls, sim: SimLike) -> Outcome:
        """Return what files are made from; the columns of the log are shared, not copied."""
        return cls(**{each.name: getattr(sim, each.name) for each in fields(cls)})


@dataclass(frozen=True, slots=True)
class GroupLabel:
    """The labels of one group, in the order of the group axis of the records."""

    id: str
    name: str
    role: str
    brand: str


@dataclass(frozen=True, slots=True)
class Replicate:
    """One replicate: its monthly records and the labels they need. `reached` is the last date simulated."""

    index: int
    seed: int
    reached: date
    groups: tuple[GroupLabel, ...]
    records: Records
    timing: Mapping[str, float]
    profile: Mapping[str, float] = field(default_factory=dict)

    @property
    def months(self) -> int:
        """Number of months in the records."""
        return int(self.records["recorded"].shape[0])


def replicate_of(sim: SimLike, index: int = 0) -> Replicate:
    """Return what results keep of a finished simulation (records are shared, not copied)."""
    groups = tuple(GroupLabel(g.id, g.name, g.role, g.brand) for g in sim.groups)
    return Replicate(index, sim.seed, sim.day, groups, sim.records, dict(sim.timing), dict(sim.profile))


class StoredRecords(Mapping[str, npt.NDArray[np.generic]]):
    """The records of a replicate file, each read when it is asked for, so that ensembles need little memory."""

    def __init__(self, path: Path, names: tuple[str, ...]) -> None:
        self._path = path
        self._names = names

    def __getitem__(self, name: str) -> npt.NDArray[np.generic]:
        if name not in self._names:
            raise KeyError(name)
        with _open(self._path) as stored:
            array: npt.NDArray[np.generic] = stored[name]
        return array

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def replicate_path(folder: Path, index: int) -> Path:
    """Return the place of a replicate's file in a run folder."""
    return folder / "replicates" / f"{index:04d}.npz"


def finished_indices(folder: Path) -> list[int]:
    """Return the indices of the replicates whose files stand in `folder`, ascending."""
    files = (folder / "replicates").glob("*.npz")
    return sorted(int(file.stem) for file in files if re.fullmatch(r"\d{4,}", file.stem))


def save_replicate(folder: Path, replicate: Replicate) -> Path:
    """Write the replicate's file into `folder`; it exists only once it is whole.

    Raises:
        InputError: the place cannot be written.
    """
    path = replicate_path(folder, replicate.index)
    make_folder(path.parent)
    about = {
        "seed": replicate.seed,
        "reached": replicate.reached.isoformat(),
        "groups": [asdict(group) for group in replicate.groups],
        "timing": dict(replicate.timing),
        "profile": dict(replicate.profile),
    }
    arrays: dict[str, Any] = {name: np.asarray(array) for name, array in replicate.records.items()}
    with whole_file(path) as temporary, temporary.open("wb") as handle:
        np.savez_compressed(handle, about=np.array(json.dumps(about)), **arrays)
    return path


def load_replicate(path: Path) -> Replicate:
    """Read one replicate's file; the records are read when they are used.

    Raises:
        InputError: the file is missing, cut off, or not a replicate.
    """
    with _open(path) as stored:
        names = tuple(name for name in stored.files if name != "about")
        if "about" not in stored.files or "recorded" not in names:
            raise InputError(f"{path}: not a replicate of racketsim. Delete it and run again.")
        about = json.loads(str(stored["about"]))
    groups = tuple(GroupLabel(**group) for group in about["groups"])
    reached = date.fromisoformat(about["reached"])
    records = StoredRecords(path, names)
    return Replicate(
        int(path.stem), int(about["seed"]), reached, groups, records, about["timing"], about.get("profile", {})
    )


def read_replicates(folder: Path) -> list[Replicate]:
    """Return the replicates that stand in `folder`, by index; their records are read when they are used.

    Raises:
        InputError: a file is damaged.
    """
    return [load_replicate(replicate_path(folder, index)) for index in finished_indices(folder)]


def _open(path: Path) -> np.lib.npyio.NpzFile:
    try:
        stored = np.load(path, allow_pickle=False)
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such replicate file.") from error
    except (OSError, EOFError, ValueError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: the replicate file is damaged. Delete it and run again.") from error
    if not isinstance(stored, np.lib.npyio.NpzFile):
        raise InputError(f"{path}: not a replicate of racketsim. Delete it and run again.")
    return stored
