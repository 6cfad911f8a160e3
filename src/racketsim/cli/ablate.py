"""`racketsim ablate`: what each element does, by leaving it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from racketsim.cli.console import answers, say, write_json, write_line
from racketsim.cli.options import (
    DEFAULT_SCENARIO,
    JsonOption,
    ReplicatesOption,
    ScenarioArgument,
    SeedOption,
    ThreadsOption,
    UntilOption,
    WorkersOption,
    read_elements,
)
from racketsim.cli.plan import MarkdownOption

if TYPE_CHECKING:
    from racketsim.ensembles.ablate import Ablation

DEFAULT_PAIRS = 20

OnlyOption = Annotated[
    list[str] | None,
    typer.Option("--without", metavar="ELEMENT", help="Leave out this element only; may be repeated (default: each)."),
]


def ablate(
    scenario: ScenarioArgument = DEFAULT_SCENARIO,
    without: OnlyOption = None,
    seed: SeedOption = 1,
    replicates: ReplicatesOption = DEFAULT_PAIRS,
    until: UntilOption = None,
    workers: WorkersOption = None,
    threads: ThreadsOption = 1,
    markdown: MarkdownOption = False,
    as_json: JsonOption = False,
) -> None:
    """Leave out one element at a time, and say what that changes: the same replicates with and without it.

    Examples:

    \b
        racketsim ablate
        racketsim ablate my-city --without A12 --without A22 --replicates 50
        racketsim ablate --markdown
    """
    from racketsim.cli.progress import watched
    from racketsim.ensembles.ablate import ablate as leave_out
    from racketsim.ensembles.ablate import markdown_table
    from racketsim.ensembles.replicates import last_day
    from racketsim.scenario.load import load_scenario

    city = load_scenario(scenario)
    with watched(replicates, city.start, last_day(until, city) or city.end) as progress:
        found = leave_out(
            city,
            read_elements(without),
            seed=seed,
            replicates=replicates,
            until=until,
            workers=min(workers, replicates) if workers else None,
            threads=threads,
            progress=progress,
        )
    if as_json:
        write_json(found.as_dict())
    elif markdown:
        for line in markdown_table(found.summary()):
            write_line(line)
    else:
        _print(found)


def _print(found: Ablation) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from racketsim.elements import described
    from racketsim.ensembles.ablate import OUTCOMES, cell, level

    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("without", "change in", "everything on", "change (90% range)"):
        table.add_column(heading, justify="right" if heading in ("everything on", "change (90% range)") else "left")
    for row in found.summary():
        first = next(iter(OUTCOMES)) == row.outcome
        name = f"{row.element} {described()[row.element].mechanism}" if first else ""
        table.add_row(Text(name, "bold"), Text(row.label), level(row), cell(row))
    answers().print(table)
    say(
        f"{found.replicates} pairs of '{found.scenario.id}' from seed {found.seed} on, to {found.until}; "
        "medians over the pairs, changes in % of what it is with everything on"
    )
