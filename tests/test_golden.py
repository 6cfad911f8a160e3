"""Runs that are known: their totals are what they were, to the last centimo.

A difference means that results have changed. If that was meant, `python -m tests.refresh_golden` and commit with why.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.refresh_golden import FOLDER, RUNS, totals


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name == "lima" else name for name in RUNS]
)
def test_totals_are_those_of_the_baseline(name: str, small_city: Path) -> None:
    known = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    assert totals(name, small_city) == known, "results have changed: see the top of this file"


def test_every_baseline_belongs_to_a_run() -> None:
    assert {file.stem for file in FOLDER.glob("*.json")} == set(RUNS)
