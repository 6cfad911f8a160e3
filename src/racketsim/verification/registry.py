"""The verification cases by id; a case is imported, with all that it runs, when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

from racketsim.errors import InputError, did_you_mean
from racketsim.verification.case import Case

MODULES: dict[str, str] = {
    "V1": "rebel_groups",
    "V2": "cartels",
    "V3": "granovetter",
    "V4": "smith_varese",
    "V5": "territory_transition",
    "V6": "policy_experiment",
    "V7": "contagion",
    "V8": "civil_violence",
    "V10": "boundary_violence",
}
"""Module of `racketsim.verification` in which each case is written as `CASE`."""


def load(names: Sequence[str] = ()) -> list[Case]:
    """Return the named cases in their order, all of them where none is named.

    Raises:
        InputError: there is no such case.
    """
    wanted = [name.strip().upper() for name in names]
    for name in wanted:
        if name not in MODULES:
            raise InputError(
                f"there is no verification case '{name}'; allowed: {', '.join(MODULES)}.{did_you_mean(name, MODULES)}"
            )
    return [_import(name) for name in MODULES if not wanted or name in wanted]


def _import(name: str) -> Case:
    case = importlib.import_module(f"racketsim.verification.{MODULES[name]}").CASE
    assert isinstance(case, Case)
    return case
