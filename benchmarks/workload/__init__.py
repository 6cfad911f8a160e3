"""The shared workload: one small racket, declared in words in benchmarks/README.md, written once for each tool."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Workload:
    """The numbers of the workload; see benchmarks/README.md for what they mean."""

    targets: int
    days: int = 365
    districts: int = 50
    hazard: float = 1e-4
    feedback: float = 20.0
    pay: float = 0.3
    report: float = 0.1
    duration: float = 60.0

    @property
    def district(self) -> npt.NDArray[np.int64]:
        """The district of each target: equal shares, one district after another."""
        return np.arange(self.targets) * self.districts // self.targets

    @property
    def sizes(self) -> npt.NDArray[np.int64]:
        """Targets by district."""
        return np.diff(-(-np.arange(self.districts + 1) * self.targets // self.districts))

    @property
    def exposure(self) -> npt.NDArray[np.float64]:
        """Factor of the hazard by district: from one half to one and a half."""
        return np.linspace(0.5, 1.5, self.districts)

    def hazards(self, paying: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return today's hazard of a contact by district, where `paying` targets are in a relation."""
        return self.hazard * self.exposure * (1.0 + self.feedback * paying / self.sizes)


@dataclass(frozen=True)
class Totals:
    """What a run of the workload gives: all that is compared between tools."""

    contacts: int
    agreed: int
    reports: int
    instalments: int
    paying_at_end: int
    contacts_of_first_district: int


NAMES = tuple(field.name for field in fields(Totals))


def as_row(totals: Totals) -> list[int]:
    """Return the totals as numbers, in the order of `NAMES`."""
    return list(astuple(totals))
