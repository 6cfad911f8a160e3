"""Capture: a prepared police operation that arrests members of one group on one day (A3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from racketsim.errors import InputError
from racketsim.policies.base import Policy

if TYPE_CHECKING:
    from racketsim.mechanisms.policies import Levers


@dataclass(frozen=True)
class Capture(Policy):
    """Arrest up to `members` of `group` (its id) on the day `start`, and its leader where `leader` is True."""

    kind = "capture"
    element = "A3"

    group: str
    members: float
    leader: bool = False

    def __post_init__(self) -> None:
        if self.end is None and self.days is None:
            object.__setattr__(self, "days", 1)
        super().__post_init__()
        if not self.members >= 0:
            raise InputError(f"capture: members is {self.members}; it must not be negative")

    def act(self, city: Levers, day: date) -> None:
        """Order the arrests, on the first day only."""
        if day == self.start:
            city.capture(self.group, round(self.members), self.leader)
