"""`racketsim elements`: what the article says, the mechanism that carries it, and how to switch it off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from racketsim.cli.console import answers, write_json, write_line
from racketsim.cli.options import DEFAULT_SCENARIO, JsonOption, ScenarioArgument
from racketsim.cli.plan import MarkdownOption

if TYPE_CHECKING:
    from racketsim.elements import Row
    from racketsim.scenario.model import Quantity

HEADINGS = (
    "element",
    "mechanism",
    "the article says",
    "files",
    "switch",
    "equation",
    "reference",
    "parameters",
    "what to look at",
)


def elements(
    scenario: ScenarioArgument = DEFAULT_SCENARIO, markdown: MarkdownOption = False, as_json: JsonOption = False
) -> None:
    """Print one row for each element of the article: mechanism, file, switch, equation, reference, parameters.

    Examples:

    \b
        racketsim elements
        racketsim elements my-city --json
    """
    from racketsim.elements import table
    from racketsim.scenario.load import load_scenario

    rows = table(load_scenario(scenario))
    if as_json:
        write_json([row.as_dict() for row in rows])
    elif markdown:
        for line in markdown_table(rows):
            write_line(line)
    else:
        _print(rows)


def markdown_table(rows: Sequence[Row]) -> list[str]:
    """Return the elements as the lines of a Markdown table."""
    lines = ["| " + " | ".join(HEADINGS) + " |", "|" + "---|" * len(HEADINGS)]
    for row in rows:
        one = row.element
        cells = (
            one.id,
            one.mechanism,
            one.says,
            ", ".join(f"`{file}`" for file in row.files) or "not in this version",
            f"`{row.switch}`: {row.off}" if row.switch else row.off,
            f"`{one.equation}`",
            one.reference,
            ", ".join(f"`{name.removeprefix('parameters.')}`" for name in row.parameters),
            one.look,
        )
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return lines


def _print(rows: Sequence[Row]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=box.SIMPLE_HEAD, show_lines=True)
    for heading, ratio in (("", None), ("mechanism", 3), ("how it works", 4), ("parameters", 4), ("look at", 2)):
        grid.add_column(heading, ratio=ratio, overflow="fold")
    for row in rows:
        one = row.element
        where = "\n".join(row.files) or "not in this version"
        off = f"{row.switch}: {row.off}" if row.switch else row.off
        what = Text.assemble((one.mechanism, "bold"), f"\n{one.says}\n", (where, "dim"))
        how = Text.assemble(one.equation, "\n", (one.reference, "dim"), f"\n{off}" if row.implemented else "")
        numbers = "\n".join(f"{name.removeprefix('parameters.')} {_number(q)}" for name, q in row.parameters.items())
        grid.add_row(Text(one.id), what, how, Text(numbers), Text(one.look))
    answers().print(grid)


def _number(quantity: Quantity) -> str:
    """Return a value with its prior, or with its source where it has none."""
    prior = quantity.prior
    basis = f"{prior.distribution} {prior.low:g} to {prior.high:g}" if prior else quantity.source or ""
    return f"{quantity.value:g} ({basis})"
