"""Mega-operation (A10): a temporary surge of officers in named districts."""

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
class MegaOperation(Policy):
    """Deploy `officers` more in `districts`, spread in proportion to the officers who are there."""

    kind = "mega_operation"
    element = "A10"

    districts: Sequence[str]
    officers: float

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.officers >= 0:
            raise InputError(f"mega_operation: officers is {self.officers}; it must not be negative")

    def act(self, city: Levers, day: date) -> None:
        """Deploy the officers for one day."""
        city.add_officers(self.officers, self.districts)
