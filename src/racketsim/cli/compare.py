"""`racketsim compare`: what policies would change, in pairs of replicates that share their past."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from racketsim.cli.console import answers, say, write_json, write_line
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
    from racketsim.ensembles.compare import Comparison
    from racketsim.ensembles.difference import Difference
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

    from racketsim.results.headline_text import few_text
    from racketsim.results.words import plural

    rows = comparison.summary()
    for name in comparison.alternatives:
        answers().print(Text(f"\n{name}, against the city as it was"), soft_wrap=True)
        table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
        table.add_column("change in")
        for heading in ("as it was", "change", "90% range", "relative"):
            table.add_column(heading, justify="right", no_wrap=True)
        for row in rows:
            if row.alternative == name:
                table.add_row(*(Text(cell) for cell in _cells(row)))
        answers().print(table)
    if few := few_text(comparison.replicates, "pair"):
        write_line(few)
    say(
        f"{plural(comparison.replicates, 'pair')} of '{comparison.scenario.id}' from seed {comparison.seed} on; "
        f"{_period(comparison)}" + (f"; {by_rule_text(comparison.scenario)}" if comparison.by_rule else "")
    )


def _period(comparison: Comparison) -> str:
    from racketsim.results.words import plural

    before = comparison.shared_days
    known = f", of which the first {plural(before, 'day')} before any policy are shared" if before else ""
    month = ", the month of the fork," if before else ""
    return f"sums from the start of {comparison.sums_from:%Y-%m}{month} to {comparison.until}{known}"


def _cells(row: Difference) -> tuple[str, ...]:
    from racketsim.ensembles.difference import signed
    from racketsim.results.style import compact

    return row.what, compact(round(row.baseline.median)), signed(row.change.median), row.spread, row.share
