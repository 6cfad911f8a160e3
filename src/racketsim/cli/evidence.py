"""`racketsim evidence`: every number of a scenario, and what it rests on."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from racketsim.cli.console import answers, say, write_json
from racketsim.cli.options import DEFAULT_SCENARIO, JsonOption, ScenarioArgument

if TYPE_CHECKING:
    from racketsim.scenario.evidence import EvidenceRow

FindOption = Annotated[
    str, typer.Option("--find", metavar="TEXT", help="Only numbers whose key, unit, note or source contains TEXT.")
]
PriorsOption = Annotated[bool, typer.Option("--priors", help="Only numbers that rest on a prior alone.")]
CellsOption = Annotated[bool, typer.Option("--cells", help="One row a cell of the tables, instead of one a column.")]


def evidence(
    scenario: ScenarioArgument = DEFAULT_SCENARIO,
    find: FindOption = "",
    priors: PriorsOption = False,
    cells: CellsOption = False,
    as_json: JsonOption = False,
) -> None:
    """Print every number of a scenario with its source and date, or the prior it is.

    Examples:

    \b
        racketsim evidence
        racketsim evidence --priors
        racketsim evidence lima-2023 --find mototaxi --cells
    """
    from racketsim.scenario.evidence import evidence_rows
    from racketsim.scenario.load import load_scenario

    rows = [
        row
        for row in evidence_rows(load_scenario(scenario), cells=cells)
        if _contains(row, find) and (row.status == "prior" or not priors)
    ]
    if as_json:
        write_json([row.as_dict() for row in rows])
        return
    _print(rows)


def _contains(row: EvidenceRow, text: str) -> bool:
    return text.casefold() in " ".join((row.key, row.unit, row.note, row.source_name)).casefold()


def _print(rows: list[EvidenceRow]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table("number", "value", "unit", "rests on", "date", "stated in", box=box.SIMPLE_HEAD)
    table.columns[0].no_wrap = True
    table.columns[3].overflow = "fold"
    table.columns[1].justify = "right"
    for row in rows:
        basis = "; ".join(filter(None, (row.source_name, row.range and f"prior: {row.range}")))
        value = "" if row.value is None else f"{row.value:,.10g}"
        table.add_row(*(Text(cell) for cell in (row.key, value, row.unit, basis, row.source_date, row.where)))
    answers().print(table)
    counted = Counter[str](row.status for row in rows)
    parts = ", ".join(f"{counted[status]} {words}" for status, words in _STATUS.items() if counted[status])
    say(f"{len(rows)} rows" + (f": {parts}" if parts else ""))


_STATUS = {"source": "sourced", "both": "sourced with a prior", "prior": "priors", "override": "set by hand"}
