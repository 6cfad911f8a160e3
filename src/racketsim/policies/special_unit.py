"""Special unit (A3): investigators who do nothing else, against one group or in named districts."""

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
class SpecialUnit(Policy):
    """Set up a unit of `investigators` called `name`, against `group` (its id; all groups without it).

    It works in `districts`, or in the whole city where none is named: against a group where cases and members of the
    group are, against all in proportion to the officers of the districts.
    """

    kind = "special_unit"
    element = "A3"

    name: str
    investigators: float
    group: str | None = None
    districts: Sequence[str] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.name.strip():
            raise InputError("special_unit: name is empty; give the unit a name")
        if not self.investigators >= 0:
            raise InputError(f"special_unit: investigators is {self.investigators}; it must not be negative")

    def act(self, city: Levers, day: date) -> None:
        """Put the unit on duty for one day."""
        city.add_investigators(self.investigators, self.districts or None, self.group)
