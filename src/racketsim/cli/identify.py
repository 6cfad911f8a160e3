"""`racketsim identify`: which observables would tell whether protests were steered, and after how much data (A20)."""

from __future__ import annotations

from math import isinf
from typing import TYPE_CHECKING, Annotated

import typer

from racketsim.cli.console import answers, say, write_json
from racketsim.cli.options import (
    DEFAULT_SCENARIO,
    JsonOption,
    ReplicatesOption,
    ScenarioArgument,
    SeedOption,
    SetOption,
    ThreadsOption,
    UntilOption,
    WorkersOption,
    read_settings,
)

if TYPE_CHECKING:
    from racketsim.ensembles.identify import Identification
    from racketsim.results.identifiability import Verdict

DEFAULT_REPLICATES, DEFAULT_MONTHS = 20, 24

SettingOption = Annotated[
    list[str] | None,
    typer.Option("--setting", metavar="SETTING", help="A setting to tell apart: off, weak or strong; all by default."),
]
MonthsOption = Annotated[int, typer.Option("--months", help="Most months of data, up to the last day.")]


def identify(
    scenario: ScenarioArgument = DEFAULT_SCENARIO,
    setting: SettingOption = None,
    seed: SeedOption = 1,
    replicates: ReplicatesOption = DEFAULT_REPLICATES,
    months: MonthsOption = DEFAULT_MONTHS,
    until: UntilOption = None,
    settings: SetOption = None,
    workers: WorkersOption = None,
    threads: ThreadsOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Tell from outside whether local groups steered protests: by what, how surely, and after how many months of data.

    Examples:

    \b
        racketsim identify
        racketsim identify my-city --setting off --setting strong --replicates 50 --months 36
    """
    from racketsim.cli.progress import watched
    from racketsim.ensembles.identify import identify as identify_settings
    from racketsim.ensembles.replicates import last_day
    from racketsim.mechanisms.crowd import CAPTURE
    from racketsim.scenario.load import load_scenario

    city = load_scenario(scenario, read_settings(settings))
    chosen = tuple(setting or CAPTURE)
    runs = replicates * len(chosen)
    with watched(runs, city.start, last_day(until, city) or city.end) as progress:
        found = identify_settings(
            city,
            chosen,
            replicates=replicates,
            months=months,
            seed=seed,
            until=until,
            workers=min(workers, runs) if workers else None,
            threads=threads,
            progress=progress,
        )
    if as_json:
        write_json(found.as_dict())
    else:
        _print(found)


def _print(found: Identification) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from racketsim.results.identifiability import OBSERVABLES

    verdicts = found.at(found.months)
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("observable")
    table.add_column(f"right after {found.months} months", justify="right")
    for one, other in verdicts[0].auc:
        table.add_column(f"{one} or {other}: AUC, months needed", justify="right")
    for verdict in verdicts:
        name = OBSERVABLES.get(verdict.observable, verdict.observable)
        right = f"{verdict.accuracy:.0%} ({verdict.low:.0%} – {verdict.high:.0%})"
        table.add_row(*(Text(cell) for cell in (name, right, *_pairs(verdict))))
    answers().print(table)
    say(
        f"{found.replicates} runs of '{found.scenario.id}' a setting from seed {found.seed} on, data to {found.until}; "
        f"chance alone puts {1 / len(found.settings):.0%} to the right setting; months needed are those for 90%"
    )


def _pairs(verdict: Verdict) -> list[str]:
    """Return for each pair of settings how well it is told apart, and after how long it would be."""
    cells = []
    for pair, auc in verdict.auc.items():
        needed = verdict.needed[pair]
        cells.append(f"{auc:.2f}, {'never' if isinf(needed) or needed > 1200 else f'{needed:,.0f}'}")
    return cells
