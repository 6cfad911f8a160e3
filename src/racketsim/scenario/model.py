"""What a scenario is once it has been read and checked: plain, typed, immutable values.

The loader (`racketsim.scenario.load`) is the only place that makes a `Scenario` from files; everything
downstream (city, mechanisms, results) reads these classes and never the files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Role = Literal["incumbent", "entrant", "remote", "impostor"]
Distribution = Literal["uniform", "loguniform", "normal", "lognormal", "logitnormal"]


@dataclass(frozen=True, slots=True)
class Prior:
    """A stated range of belief about a number that no source settles.

    `low` and `high` are the bounds of a uniform or log-uniform prior, and the central 90% interval of the others.
    """

    distribution: Distribution
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of the scenario with its unit and its basis: a source, a prior, or both.

    `where` is "file:line" of the place that states it; `source` is an id of `evidence.csv`.
    """

    value: float
    unit: str
    source: str | None
    prior: Prior | None
    note: str
    where: str


@dataclass(frozen=True, slots=True)
class TargetKind:
    """One kind of target (shop, market stall, ...), with the quantities by name, e.g. `tribute_scale`."""

    id: str
    label: str
    quantities: Mapping[str, Quantity]

    def __getitem__(self, name: str) -> float:
        return self.quantities[name].value


@dataclass(frozen=True, slots=True)
class Method:
    """One rung of the ladder of punishment, mildest first, with its quantities by name."""

    id: str
    label: str
    quantities: Mapping[str, Quantity]

    def __getitem__(self, name: str) -> float:
        return self.quantities[name].value


@dataclass(frozen=True, slots=True)
class Outlet:
    """One news outlet, with its quantities by name (`coverage`, `delay_mean`, `attribution_error`, ...)."""

    id: str
    label: str
    quantities: Mapping[str, Quantity]

    def __getitem__(self, name: str) -> float:
        return self.quantities[name].value


@dataclass(frozen=True, slots=True)
class Group:
    """One extortion group.

    `districts` are indices into `Scenario.districts`: where an incumbent is at the start, or an entrant arrives.
    `origin_label` is what observers call the group; no mechanism of offending reads it.
    `arrival` is the first day of an entrant; incumbents and remote groups have None.
    """

    id: str
    name: str
    role: Role
    brand: str
    origin_label: str
    arrival: date | None
    districts: tuple[int, ...]
    signature: str | None
    quantities: Mapping[str, Quantity]

    def __getitem__(self, name: str) -> float:
        return self.quantities[name].value


@dataclass(frozen=True, slots=True)
class Districts:
    """The districts as columns, one value a district, in the order of `districts.csv`.

    `adjacency[d, e]` is True where d and e share a border (symmetric, False on the diagonal).
    `exposure` is the fixed susceptibility of a district relative to the city's mean target (dimensionless).
    `tile` is (row, column) of the district's square on the tile-grid map.
    """

    id: tuple[str, ...]
    name: tuple[str, ...]
    region: tuple[str, ...]
    zone: tuple[str, ...]
    population: npt.NDArray[np.int64]
    latitude: npt.NDArray[np.float64]
    longitude: npt.NDArray[np.float64]
    area_km2: npt.NDArray[np.float64]
    officers: npt.NDArray[np.int64]
    exposure: npt.NDArray[np.float64]
    tile: npt.NDArray[np.int64]
    adjacency: npt.NDArray[np.bool_]
    source: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.id)


@dataclass(frozen=True, slots=True)
class PolicySpec:
    """One policy of the scenario that really happened: its registered kind, its arguments, its source."""

    kind: str
    arguments: Mapping[str, Any]
    source: str | None
    note: str
    where: str


@dataclass(frozen=True, slots=True)
class Records:
    """Recorded cases: `counts[m, d]` for `months[m]` (first day of each month), -1 where nothing is recorded."""

    months: tuple[date, ...]
    counts: npt.NDArray[np.int64]
    source: str


@dataclass(frozen=True, slots=True)
class Headline:
    """One row of the headline table.

    `measure` names a series of the results (`recorded`, `cases`, `paid`, `killed`, `injured`, `arrests`);
    the value is its sum over `region` (None: the city; else a region or a district) from month `first`
    to month `last`, both inclusive, divided by the row `ratio_to` where that is given.
    `kind` "top-districts" makes one row a district for the `top` districts with the most recorded cases.
    """

    id: str
    name: str
    kind: Literal["sum", "ratio", "top-districts"]
    measure: str
    region: str | None
    first: date | None
    last: date | None
    ratio_of: tuple[str, str] | None
    top: int
    recorded: float | None
    source: str | None


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One link of the chain of events that a replay looks for: `event`, of a size of `at_least`.

    It follows link `after` (its place in the chain, None for the first) within `within` days. `about` are types of
    events, where the event is that claims contradict each other. `date` is its day in the real city, None where it is
    not on record.
    """

    id: str
    name: str
    event: str
    at_least: Quantity
    after: int | None
    within: Quantity | None
    about: tuple[str, ...]
    date: date | None
    source: str | None
    note: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """One row of `evidence.csv`: a figure, where it comes from, and what it is used for."""

    id: str
    topic: str
    place: str
    period_start: str
    period_end: str
    quantity: str
    value: float
    unit: str
    low: float | None
    high: float | None
    source_name: str
    source_url: str
    source_date: str
    note: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """A whole scenario, checked. `digest` is the SHA-256 of its files; `targets[d, k]` counts the targets."""

    id: str
    title: str
    summary: str
    currency: str
    start: date
    end: date
    path: Path
    digest: str
    districts: Districts
    kinds: tuple[TargetKind, ...]
    methods: tuple[Method, ...]
    outlets: tuple[Outlet, ...]
    groups: tuple[Group, ...]
    targets: npt.NDArray[np.int64]
    parameters: Mapping[str, Mapping[str, Quantity]]
    policies: tuple[PolicySpec, ...]
    records: Records | None
    headlines: tuple[Headline, ...]
    evidence: tuple[Evidence, ...]
    chain: tuple[ChainLink, ...] = ()
    boundaries: Path | None = field(default=None)
    """A GeoJSON file of the user's own, drawn instead of the tile grid where there is one."""
    overrides: Mapping[str, str | float] = field(default_factory=dict)
    """Numbers that were set by hand as the files were read, by dotted key."""
    by_rule: bool = False
    """Whether the policies are those with which the state answers by its rules alone (`policies.triggered.by_rule`)."""

    @property
    def inputs(self) -> str:
        """SHA-256 of numbers, policies and targets: another one where they were changed after the files were read."""
        owners = (self.kinds, self.methods, self.outlets, self.groups)
        whole = (
            {name: _values(parts) for name, parts in self.parameters.items()},
            [(item.id, _values(item.quantities)) for items in owners for item in items],
            [(spec.kind, _values(spec.arguments)) for spec in self.policies],
        )
        return hashlib.sha256(repr(whole).encode() + self.targets.tobytes()).hexdigest()


def _values(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.value if isinstance(value, Quantity) else value for name, value in given.items()}
