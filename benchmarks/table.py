"""The tables of results: on screen, and as the lines of a Markdown page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.goals import verdicts
from benchmarks.measure import Measure, read_measures
from benchmarks.parts import PARTS


def number(value: float) -> str:
    """Return a number with three or four digits that count."""
    if value != 0 and abs(value) < 0.1:
        return f"{value:.3g}"
    return f"{value:,.2f}" if abs(value) < 100 else f"{value:,.0f}"


def spread(measure: Measure) -> str:
    """Return the least and the greatest of the repeats, and how many there were."""
    if len(measure.values) == 1:
        return "one run"
    return f"{number(min(measure.values))} to {number(max(measure.values))}, {len(measure.values)} runs"


def about_machine(results: Mapping[str, Any]) -> str:
    """Return one line on the machine and the versions."""
    machine = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    hardware = f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']:.0f} GB"
    return f"{hardware}, {machine['system']}, Python {machine['python']}; {versions}"


def print_measures(console: Console, results: Mapping[str, Any]) -> None:
    """Print every measure of every part, and its remarks."""
    table = Table(box=box.SIMPLE_HEAD, title=about_machine(results), title_justify="left")
    for heading in ("part", "measured", "median", "unit", "spread"):
        table.add_column(heading, justify="right" if heading == "median" else "left")
    for name, part in results["parts"].items():
        for place, measure in enumerate(read_measures(part).values()):
            first = name if place == 0 else ""
            cells = (measure.what, number(measure.median), measure.unit, spread(measure))
            table.add_row(Text(first, "bold"), *(Text(cell) for cell in cells))
        table.add_section()
    console.print(table)
    for name, part in results["parts"].items():
        for note in part["notes"]:
            console.print(f"{name}: {note}", markup=False)


def print_goals(console: Console, results: Mapping[str, Any]) -> None:
    """Print every goal beside what was measured."""
    table = Table(box=box.SIMPLE_HEAD, title="Goals", title_justify="left")
    for heading in ("goal", "bound", "measured", ""):
        table.add_column(heading)
    for verdict in verdicts(results):
        style = "bold red" if verdict.word == "MISSED" else ""
        cells = (verdict.goal.text, verdict.goal.limit(), verdict.figure)
        table.add_row(*(Text(cell) for cell in cells), Text(verdict.word, style))
    console.print(table)


def goals_markdown(results: Mapping[str, Any]) -> list[str]:
    """Return the goals as a table of Markdown, with the command of each."""
    lines = ["| goal | bound | measured: median (least–most) | | command |", "|---|---|---|---|---|"]
    for verdict in verdicts(results):
        word = f"**{verdict.word}**" if verdict.word == "MISSED" else verdict.word
        cells = (verdict.goal.text, verdict.goal.limit(), verdict.figure, word, f"`{verdict.command}`")
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def measures_markdown(results: Mapping[str, Any]) -> list[str]:
    """Return every measure as tables of Markdown, one a part, with the remarks under each."""
    lines = []
    for name, part in results["parts"].items():
        lines += [f"### {name}: {PARTS[name]}", ""]
        lines += ["| measured | median | unit | spread |", "|---|---|---|---|"]
        for measure in read_measures(part).values():
            lines.append(f"| {measure.what} | {number(measure.median)} | {measure.unit} | {spread(measure)} |")
        lines += ["", *(f"- {note}" for note in part["notes"])]
        code = f", code `{part['code'][:12]}`" if "code" in part else ""
        lines += [f"- {part['when']}, {part['seconds']:.0f} s, load {part['load']} at its start{code}", ""]
    return lines
