"""The policies that a scenario or the command line can name."""

from __future__ import annotations

from typing import Any

from racketsim.policies.base import Policy
from racketsim.policies.capture import Capture
from racketsim.policies.cut_affiliation import CutAffiliation
from racketsim.policies.lockdown import Lockdown
from racketsim.policies.mega_operation import MegaOperation
from racketsim.policies.special_unit import SpecialUnit
from racketsim.policies.state_of_emergency import StateOfEmergency
from racketsim.policies.triggered import Triggered
from racketsim.policies.truce import Truce

POLICIES: dict[str, type[Policy]] = {
    policy.kind: policy
    for policy in (
        *(Lockdown, StateOfEmergency, MegaOperation, Capture, SpecialUnit, CutAffiliation, Truce),
        Triggered,
    )
}


def is_shipped(policy: Any) -> bool:
    """Return whether a policy is one of these, so that its description is all of it; a subclass of one is not."""
    return POLICIES.get(getattr(policy, "kind", "")) is type(policy)
