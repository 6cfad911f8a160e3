"""Reading a run directory together with the scenario that it was made from, and the history of one replicate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from racketsim.cli.origin import Origin
from racketsim.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from racketsim.results.folder import FinishedRun
    from racketsim.results.replicate import Columns, GroupLike
    from racketsim.scenario.model import Scenario

RunDirectory = Annotated[Path, typer.Argument(metavar="RUN_DIR", help="A run directory made by `racketsim run`.")]

Where = Annotated[
    str, typer.Argument(metavar="[SCENARIO|RUN_DIR]", help="A scenario, which is simulated, or a run directory.")
]
SeedOfHistory = Annotated[
    int | None, typer.Option("--seed", min=0, max=2**63 - 1, help="Seed of the replicate to simulate (default: 1).")
]


def scenario_of(run: FinishedRun) -> Scenario:
    """Return the scenario of a run as it was simulated, with the numbers that `--set` replaced, by rule where it was.

    Raises:
        InputError: the scenario is not where it was.
    """
    from racketsim.policies.triggered import by_rule
    from racketsim.scenario.load import list_scenarios, load_scenario

    made_from = run.manifest["scenario"]
    shipped = made_from["id"] in list_scenarios() and not Path(made_from["location"]).is_dir()
    place = made_from["id"] if shipped else Path(made_from["location"])
    try:
        scenario = load_scenario(place, run.manifest["overrides"])
    except InputError as error:
        raise InputError(f"{run.path}: the scenario that it was made from cannot be read: {error}") from None
    return by_rule(scenario) if run.manifest.get("by_rule") else scenario


@dataclass(frozen=True, slots=True)
class History:
    """The events of a replicate, and what is needed to tell them; `policies` is None where only the scenario's ran."""

    origin: Origin
    scenario: Scenario
    groups: Sequence[GroupLike]
    log: Columns
    claims: Columns
    policies: Sequence[Mapping[str, Any]] | None = None


def history(where: str, seed: int | None, until: str | None) -> History:
    """Return the events of the first replicate of a run directory, or simulate the scenario that `where` names.

    Raises:
        InputError: there is neither, or a seed or a date is asked of a run that is finished.
    """
    from racketsim.scenario.load import list_scenarios

    if not Path(where).exists() and where not in (shipped := list_scenarios()):
        raise InputError(
            f"{where}: there is no such run directory, and no such scenario ({', '.join(shipped)})."
            f"{did_you_mean(where, shipped)} `racketsim run` makes run directories."
        )
    if not (Path(where) / "manifest.json").is_file():
        return _simulated(where, 1 if seed is None else seed, until)
    if seed is not None or until is not None:
        raise InputError(
            f"{where}: is a run directory, whose seed and period are settled; leave out --seed and --until."
        )
    return _kept(Path(where))


def _simulated(scenario: str, seed: int, until: str | None) -> History:
    from racketsim.cli.progress import watched
    from racketsim.ensembles.replicates import Progress, last_day
    from racketsim.scenario.load import load_scenario
    from racketsim.simulation import Sim

    city = load_scenario(scenario)
    last = last_day(until, city)
    with watched(1, city.start, last or city.end) as progress:
        sim = Sim(city, seed=seed).run(until=last, progress=lambda day: progress(Progress(0, 1, day)))
    return History(Origin(city.id, seed, city.start, sim.day), city, sim.groups, sim.log, sim.claims)


def _kept(folder: Path) -> History:
    from racketsim.results.folder import open_run
    from racketsim.results.tables import read_columns

    run = open_run(folder)
    scenario = scenario_of(run)
    first = run.replicates[0]
    tables = [folder / f"{name}.parquet" for name in ("events", "claims")]
    for table in tables:
        if not table.is_file():
            raise InputError(f"{table}: is missing; the run directory keeps the events of its first replicate there.")
    log, claims = (_of_replicate(read_columns(table, scenario, first.groups), first.index) for table in tables)
    return History(Origin.of(run), scenario, first.groups, log, claims, run.manifest["policies"])


def _of_replicate(columns: Columns, index: int) -> Columns:
    if "replicate" not in columns:
        return columns
    rows = columns["replicate"] == index
    return {name: column[rows] for name, column in columns.items() if name != "replicate"}
