"""Tables of the benchmarks, made from the results that `make bench` keeps beside the pages."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from docs_reference import Lines

from benchmarks import table
from benchmarks.results import read
from racketsim.results.provenance import code_digest

FILE = Path(__file__).resolve().parent.parent / "docs" / "figures" / "benchmarks.json"


def _results() -> dict[str, Any]:
    return read(FILE)


def is_old() -> bool:
    """Return whether a part was measured with other code than this."""
    return any(part.get("code") != code_digest() for part in _results()["parts"].values())


def machine() -> Lines:
    """Return the machine, the versions, and the code that was measured; nothing where nothing was."""
    results = _results()
    codes = dict.fromkeys(part["code"][:12] for part in results["parts"].values() if "code" in part)
    if not results["parts"]:
        return []
    code = f"; code {', '.join(f'`{one}`' for one in codes)} (a manifest's `code_sha256`)" if codes else ""
    return [f"Measured by `make bench` on {table.about_machine(results)}{code}."]


def goals() -> Lines:
    """Return the goals of speed, each with what was measured."""
    return table.goals_markdown(_results())


def measures() -> Lines:
    """Return every measure of every part."""
    return table.measures_markdown(_results())
