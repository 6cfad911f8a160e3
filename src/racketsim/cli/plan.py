"""`racketsim plan`: the day of the simulation as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from racketsim.cli.console import answers, write_json, write_line
from racketsim.cli.options import JsonOption

if TYPE_CHECKING:
    from racketsim.engine.plan import PlanRow

MarkdownOption = Annotated[bool, typer.Option("--markdown", help="Print a Markdown table, as in the documentation.")]
HEADINGS = ("step", "mechanism", "elements", "what it does", "reads", "writes", "draws", "events")


def plan(markdown: MarkdownOption = False, as_json: JsonOption = False) -> None:
    """Print what happens on a simulated day: each mechanism in its order, with all that it reads, writes and draws.

    Examples:

    \b
        racketsim plan
        racketsim plan --markdown
    """
    from racketsim.engine.plan import check, rows
    from racketsim.mechanisms.registry import DAY

    check(DAY)
    steps = rows(DAY)
    if as_json:
        write_json([step._asdict() for step in steps])
    elif markdown:
        for line in markdown_table(steps):
            write_line(line)
    else:
        _print(steps)


def markdown_table(steps: Sequence[PlanRow]) -> list[str]:
    """Return the plan as the lines of a Markdown table, names of variables in code type."""

    def coded(names: Sequence[str]) -> str:
        return ", ".join(f"`{name}`" for name in names)

    lines = ["| " + " | ".join(HEADINGS) + " |", "|" + "---|" * len(HEADINGS)]
    for step in steps:
        named = (coded(step.reads), coded(step.writes), coded(step.draws), coded(step.emits))
        cells = (str(step.step), f"`{step.mechanism}`", ", ".join(step.elements), step.summary, *named)
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _print(steps: Sequence[PlanRow]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_lines=True)
    for heading, ratio in (("", None), ("mechanism", None), ("reads", 3), ("writes", 3), ("draws", 2), ("events", 2)):
        table.add_column(heading, ratio=ratio, overflow="fold")
    for step in steps:
        what = Text.assemble((step.mechanism, "bold"), f" {', '.join(step.elements)}\n", (step.summary, "dim"))
        names = (Text(", ".join(part)) for part in (step.reads, step.writes, step.draws, step.emits))
        table.add_row(Text(str(step.step)), what, *names)
    answers().print(table)
