"""How a mechanism declares its parameters: a typed model whose fields carry unit and meaning."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Parameters(BaseModel):
    """Base of every mechanism's parameters; values come from the scenario, never from a default in code."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def parameter(
    unit: str,
    description: str,
    *,
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
) -> Any:
    """Declare one parameter: its unit, what it means, and its bounds (at least, above, at most, below)."""
    return Field(description=description, json_schema_extra={"unit": unit}, ge=ge, gt=gt, le=le, lt=lt)
