"""Reading `[parameters.<mechanism>]` and checking it against what the mechanisms declare."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import TYPE_CHECKING

from racketsim.mechanisms.parameters import Parameters
from racketsim.scenario.document import Table
from racketsim.scenario.model import Quantity
from racketsim.scenario.sourced import Allowed, Reading

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

SECTION = "parameters"


def read_parameters(
    root: Table, declared: Mapping[str, type[Parameters]], reading: Reading
) -> dict[str, dict[str, Quantity]]:
    """Read the parameters of every declared mechanism; raise `InputError` for missing, unknown and bad ones."""
    section = root.table(SECTION) if SECTION in root.data else Table.empty(root, SECTION)
    section.only(tuple(declared), "mechanism")
    parameters: dict[str, dict[str, Quantity]] = {}
    for mechanism, model in declared.items():
        with reading.problems.collect():
            if not model.model_fields and mechanism not in section.data:
                parameters[mechanism] = {}
                continue
            if mechanism not in section.data:
                names = ", ".join(model.model_fields)
                raise section.error(None, f"[{SECTION}.{mechanism}] is missing; it must give: {names}.")
            parameters[mechanism] = _mechanism(section.table(mechanism), model, reading)
    reading.problems.raise_any()
    return parameters


def _mechanism(table: Table, model: type[Parameters], reading: Reading) -> dict[str, Quantity]:
    from pydantic import ValidationError

    table.only(tuple(model.model_fields), "parameter")
    quantities = {name: reading.quantity(table, name, allowed(field)) for name, field in model.model_fields.items()}
    try:
        model(**{name: quantity.value for name, quantity in quantities.items()})
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else None
        raise table.error(name, f"{first['msg']}.") from None
    return quantities


def allowed(field: FieldInfo) -> Allowed:
    """Return the unit and range that a parameter's declaration allows."""
    extra = field.json_schema_extra
    unit = extra.get("unit") if isinstance(extra, dict) else None
    return Allowed(
        unit=unit if isinstance(unit, str) else None,
        lowest=_bound(field, "ge", -inf),
        highest=_bound(field, "le", inf),
        above=_bound(field, "gt", -inf),
        below=_bound(field, "lt", inf),
        whole=field.annotation is int,
    )


def _bound(field: FieldInfo, name: str, default: float) -> float:
    found = [getattr(constraint, name) for constraint in field.metadata if getattr(constraint, name, None) is not None]
    return float(found[0]) if found else default
