"""Tables of the benchmarks, made from the results that `make bench` keeps beside the pages."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from docs_reference import Lines

from benchmarks import table
from benchmarks.results import read

FILE = Path(__file__).resolve().parent.parent / "docs" / "figures" / "benchmarks.json"


def _results() -> dict[str, Any]:
    return read(FILE)


def machine() -> Lines:
    """Return the machine and the versions."""
    return [f"Measured by `make bench` on {table.about_machine(_results())}."]


def goals() -> Lines:
    """Return the goals of speed, each with what was measured."""
    return table.goals_markdown(_results())


def measures() -> Lines:
    """Return every measure of every part."""
    return table.measures_markdown(_results())
