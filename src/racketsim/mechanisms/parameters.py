"""How a mechanism declares its parameters: a typed model whose fields carry unit and meaning."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Parameters(BaseModel):
    """Base of every mechanism's parameters; values come from the scenario, never from a default in code."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def parameter(unit: str, description: str, **bounds: float) -> Any:
    """Declare one parameter: its unit, what it means, and pydantic bounds (`ge`, `gt`, `le`, `lt`)."""
    return Field(description=description, json_schema_extra={"unit": unit}, **bounds)  # type: ignore[arg-type]
