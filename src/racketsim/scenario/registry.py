"""What the loader checks a scenario against: the parameters of the mechanisms and the arguments of the policies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from racketsim.mechanisms.parameters import Parameters


class Registry(NamedTuple):
    """The parameters by mechanism, and the policies (dataclasses of their arguments) by kind."""

    parameters: Mapping[str, type[Parameters]]
    policies: Mapping[str, type[Any]]

    @classmethod
    def installed(cls) -> Registry:
        """Return the mechanisms and policies of this installation."""
        from racketsim.mechanisms.registry import PARAMETERS
        from racketsim.policies.registry import POLICIES

        return cls(PARAMETERS, POLICIES)
