"""Truce: groups agree not to attack each other, as in El Salvador in 2012 and 2016."""

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
class Truce(Policy):
    """Keep the peace between `groups` (ids), or all groups where none is named.

    `kept` is the share of attacks between them that the truce stops, from 0 to 1.
    """

    kind = "truce"
    element = "A11"

    groups: Sequence[str] = ()
    kept: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0.0 <= self.kept <= 1.0:
            raise InputError(f"truce: kept is {self.kept}; it must lie between 0 and 1")

    def act(self, city: Levers, day: date) -> None:
        """Keep the peace for one day."""
        city.keep_truce(self.kept, self.groups or None)
