"""Lockdown: fewer people in the streets and at police stations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from racketsim.errors import InputError
from racketsim.policies.base import Policy

if TYPE_CHECKING:
    from racketsim.mechanisms.policies import Levers


@dataclass(frozen=True)
class Lockdown(Policy):
    """Scale street activity and access to police stations to shares of normal, in `districts` or everywhere."""

    kind = "lockdown"

    mobility: float
    station_access: float
    districts: Sequence[str] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("mobility", "station_access"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise InputError(f"lockdown: {name} is {getattr(self, name)}; it must lie between 0 and 1")

    def act(self, city: Levers, day: date) -> None:
        """Scale both levers for one day."""
        city.scale("mobility", self.mobility, self.districts or None)
        city.scale("station_access", self.station_access, self.districts or None)
