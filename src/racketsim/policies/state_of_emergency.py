"""State of emergency (A13): more patrols in named districts, at a cost in rights and trust."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from racketsim.policies.base import Policy

if TYPE_CHECKING:
    from racketsim.mechanisms.policies import Levers


@dataclass(frozen=True)
class StateOfEmergency(Policy):
    """Put `districts` under emergency. Person-days under emergency are counted as a cost in every result."""

    kind = "state_of_emergency"
    element = "A13"

    districts: Sequence[str]

    def act(self, city: Levers, day: date) -> None:
        """Declare the emergency for one day."""
        city.declare_emergency(self.districts)
