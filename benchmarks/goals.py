"""The goals of speed, each with the figure that was measured for it, its command, and whether it is met."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measure import Measure, read_measures

GOALS = Path(__file__).resolve().parent / "goals.toml"


@dataclass(frozen=True)
class Goal:
    """A goal: what is measured (a part, and a measure in it), and the bound that its median has to keep."""

    text: str
    part: str
    measure: str
    unit: str
    digits: int
    at_least: float | None = None
    at_most: float | None = None

    def met(self, value: float) -> bool:
        """Whether a value keeps the bound."""
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)

    def figure(self, value: float) -> str:
        """Return a value with the digits and the unit of the goal."""
        return self._with_unit(f"{value:,.{self.digits}f}")

    def limit(self) -> str:
        """Return the bound in words."""
        least = self.at_least is not None
        return f"at {'least' if least else 'most'} " + self._with_unit(f"{self.at_least if least else self.at_most:,g}")

    def _with_unit(self, number: str) -> str:
        return f"{number}×" if self.unit == "times" else f"{number} {self.unit}".strip()


def read_goals() -> list[Goal]:
    """Return the goals of goals.toml, in its order."""
    rows = tomllib.loads(GOALS.read_text(encoding="utf-8"))["goal"]
    return [Goal(**row) for row in rows]


@dataclass(frozen=True)
class Verdict:
    """A goal and what was measured for it; None where its part was not measured."""

    goal: Goal
    measure: Measure | None

    @property
    def word(self) -> str:
        """One word: met, MISSED, or not measured."""
        if self.measure is None:
            return "not measured"
        return "met" if self.goal.met(self.measure.median) else "MISSED"

    @property
    def figure(self) -> str:
        """The median, with the spread where there are repeats."""
        if self.measure is None:
            return "–"
        values = self.measure.values
        told = self.goal.figure(self.measure.median)
        least, most = (f"{end:,.{self.goal.digits}f}" for end in (min(values), max(values)))
        return told if len(values) == 1 else f"{told} ({least}–{most})"

    @property
    def command(self) -> str:
        """What measures it."""
        return f"python -m benchmarks {self.goal.part}"


def verdicts(results: Mapping[str, Any]) -> list[Verdict]:
    """Return every goal with what the results say about it."""
    parts = {name: read_measures(part) for name, part in results["parts"].items()}
    return [Verdict(goal, parts.get(goal.part, {}).get(goal.measure)) for goal in read_goals()]
