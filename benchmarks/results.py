"""The results of parts, kept in one file: measured part by part, on one machine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.parts import PARTS, Found


class Mismatch(ValueError):  # noqa: N818 - it is what the user is told, not a fault
    """Results do not belong together, or a file does not hold any."""


def empty(machine: Mapping[str, Any], quick: bool) -> dict[str, Any]:
    """Return results without a part."""
    return {"machine": dict(machine), "quick": quick, "parts": {}}


def add_part(
    results: dict[str, Any],
    name: str,
    found: Found,
    machine: Mapping[str, Any],
    quick: bool,
    about: Mapping[str, Any],
) -> None:
    """Add or replace one part, keeping the order of parts.

    Raises:
        Mismatch: the others were measured on another machine, with other versions, or at other sizes.
    """
    if results["machine"] != dict(machine):
        raise Mismatch("the file was measured on another machine or with other versions: name another one with --json")
    if results["quick"] != quick:
        raise Mismatch("the file holds quick results and these are not, or the reverse: name another one with --json")
    measures = [measure.as_dict() for measure in found.measures]
    results["parts"][name] = {**about, "measures": measures, "notes": list(found.notes)}
    results["parts"] = {part: results["parts"][part] for part in PARTS if part in results["parts"]}


def read(file: Path) -> dict[str, Any]:
    """Return the results in a file.

    Raises:
        Mismatch: it holds none.
    """
    try:
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Mismatch(f"{file}: holds no results of benchmarks ({error})") from error
    if not {"machine", "quick", "parts"} <= set(found):
        raise Mismatch(f"{file}: holds no results of benchmarks")
    return found


def write(file: Path, results: Mapping[str, Any]) -> None:
    """Write the results, whole."""
    draft = file.with_suffix(".part")
    draft.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
    draft.replace(file)
