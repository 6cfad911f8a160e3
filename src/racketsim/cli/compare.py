"""`racketsim compare`: what policies would change, in pairs of replicates that share their past."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from racketsim.cli.console import answers, say, write_json
from racketsim.cli.options import (
    DEFAULT_SCENARIO,
    ByRuleOption,
    JsonOption,
    ReplicatesOption,
    ScenarioArgument,
    SeedOption,
    SetOption,
    ThreadsOption,
    UntilOption,
    WorkersOption,
    by_rule_text,
    read_settings,
)
from racketsim.errors import InputError

if TYPE_CHECKING:
    from racketsim.ensembles.compare import Comparison, Difference
    from racketsim.scenario.model import Scenario

DEFAULT_PAIRS = 20

AlternativeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--policy",
        "-p",
        metavar="POLICY",
        help="One alternative: `kind:key=value;key=value`, or a TOML file of policies together; may be repeated.",
    ),
]


def compare(
    scenario: ScenarioArgument = DEFAULT_SCENARIO,
    policy: AlternativeOption = None,
    seed: SeedOption = 1,
    replicates: ReplicatesOption = DEFAULT_PAIRS,
    until: UntilOption = None,
    settings: SetOption = None,
    by_rule: ByRuleOption = False,
    workers: WorkersOption = None,
    threads: ThreadsOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Compare policies with the city as it was: the same replicates with and without each, from the day before.

    Examples:

    \b
        racketsim compare -p "state_of_emergency:districts=Ate,Comas;start=2022-03-01;days=90"
        racketsim compare --by-rule -p "truce:start=2022-03-01;kept=0.5"
        racketsim compare my-city -p plan-a.toml -p plan-b.toml --replicates 50
    """
    from racketsim.cli.progress import watched
    from racketsim.ensembles.compare import compare as compare_policies
    from racketsim.ensembles.replicates import last_day
    from racketsim.scenario.load import load_scenario

    city = load_scenario(scenario, read_settings(settings))
    alternatives = _alternatives(policy or (), city)
    with watched(replicates, city.start, last_day(until, city) or city.end) as progress:
        comparison = compare_policies(
            city,
            alternatives,
            seed=seed,
            replicates=replicates,
            until=until,
            by_rule=by_rule,
            workers=min(workers, replicates) if workers else None,
            threads=threads,
            progress=progress,
        )
    if as_json:
        write_json(comparison.as_dict())
    else:
        _print(comparison)


def _alternatives(texts: Sequence[str], city: Scenario) -> dict[str, list[Any]]:
    """Return name -> policies, named by the file, or by the kind with a number where it is not the only one."""
    from racketsim.cli.policy_text import read_policies

    if not texts:
        raise InputError("--policy: give at least one alternative to compare with the city as it was.")
    named: dict[str, list[Any]] = {}
    for text in texts:
        name = Path(text).stem if text.endswith(".toml") else text.partition(":")[0].replace("_", " ")
        free = name if name not in named else f"{name} {len(named) + 1}"
        named[free] = read_policies([text], city)
    return named


def _print(comparison: Comparison) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("alternative", "change in"):
        table.add_column(heading)
    for heading in ("as it was", "change", "90% range", "relative"):
        table.add_column(heading, justify="right")
    for row in comparison.summary():
        table.add_row(*(Text(cell) for cell in _cells(row)))
    answers().print(table)
    say(
        f"{comparison.replicates} pairs of '{comparison.scenario.id}' from seed {comparison.seed} on; "
        f"sums from {comparison.forked:%Y-%m}, the month of the fork, to {comparison.until}"
        + (f"; {by_rule_text(comparison.scenario)}" if comparison.by_rule else "")
    )


def _cells(row: Difference) -> tuple[str, ...]:
    from racketsim.ensembles.compare import WHERE

    change = row.change
    what = (row.label if row.unit in row.label else f"{row.label} ({row.unit})") + WHERE[row.where]
    spread = f"{change.low:+,.0f} – {change.high:+,.0f}"
    relative = "" if row.relative is None else f"{row.relative:+.1%}"
    return row.alternative, what, f"{row.baseline.median:,.0f}", f"{change.median:+,.0f}", spread, relative
