"""Cut affiliation: the link between a group and its parent brand is broken (A2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from racketsim.policies.base import Policy

if TYPE_CHECKING:
    from racketsim.mechanisms.policies import Levers


@dataclass(frozen=True)
class CutAffiliation(Policy):
    """Cut `group` (its id) off from its parent brand: no members and no arms come, and part of the credit is lost."""

    kind = "cut_affiliation"
    element = "A2"

    group: str

    def act(self, city: Levers, day: date) -> None:
        """Cut the link for one day."""
        city.cut_link(self.group)
