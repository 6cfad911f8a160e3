"""`racketsim run`: the main job, replicates of a scenario into a run directory with its report."""

from __future__ import annotations

import json
import shlex
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from racketsim.cli.console import answers, say, write_json, write_line
from racketsim.cli.options import (
    DEFAULT_SCENARIO,
    EventsOption,
    FreshOption,
    JsonOption,
    PolicyOption,
    ProfileOption,
    ReplicatesOption,
    ReportOption,
    ScenarioArgument,
    SeedOption,
    SetOption,
    ThreadsOption,
    UntilOption,
    WithoutOption,
    WorkersOption,
    read_elements,
    read_settings,
)
from racketsim.cli.profile import print_profile

if TYPE_CHECKING:
    from racketsim.scenario.model import Scenario

DEFAULT_REPLICATES = 20

OutOption = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="DIR", help="Run directory (default: runs/SCENARIO-seedSEED).")
]


def run(
    scenario: ScenarioArgument = DEFAULT_SCENARIO,
    seed: SeedOption = 1,
    replicates: ReplicatesOption = DEFAULT_REPLICATES,
    until: UntilOption = None,
    policy: PolicyOption = None,
    settings: SetOption = None,
    without: WithoutOption = None,
    out: OutOption = None,
    workers: WorkersOption = None,
    threads: ThreadsOption = 1,
    events: EventsOption = "first",
    fresh: FreshOption = False,
    report: ReportOption = True,
    profile: ProfileOption = False,
    as_json: JsonOption = False,
) -> None:
    """Simulate a scenario, print its headline table, and write a run directory with a report.

    A run that was stopped, by Ctrl-C or a crash, goes on where it was when the same command is given again.

    Examples:

    \b
        racketsim run
        racketsim run lima-2023 --replicates 100 --out runs/hundred
        racketsim run my-city --until 2023-06-30 --set parameters.allocation.rate_per_member=0.1
        racketsim run -p "state_of_emergency:districts=San Juan de Lurigancho;start=2022-03-01;days=60"
        racketsim run --replicates 4 --profile
    """
    from racketsim.cli.policy_text import read_policies
    from racketsim.cli.progress import watched
    from racketsim.ensembles.processes import cores
    from racketsim.ensembles.replicates import default_folder, last_day, run_replicates
    from racketsim.ensembles.warm import is_cold, warm_up
    from racketsim.scenario.load import load_scenario

    began = time.perf_counter()
    overrides = read_settings(settings)
    city = load_scenario(scenario, overrides)
    policies = read_policies(policy, city)
    off = read_elements(without)
    place = out or default_folder(city, seed)
    workers = min(workers or cores(), replicates)
    if is_cold():
        say("first run of this version on this machine: compiling, which takes some seconds")
        warm_up(city)
    say(_announcement(city, replicates, workers) + (f"; without {', '.join(off)}" if off else ""))
    with watched(replicates, city.start, last_day(until, city) or city.end) as progress:
        run_replicates(
            scenario,
            seed=seed,
            replicates=replicates,
            policies=policies,
            overrides=overrides,
            until=until,
            without=off,
            out=place,
            workers=workers,
            threads=threads,
            events=events,
            fresh=fresh,
            report=report,
            profile=profile,
            command="racketsim " + shlex.join(sys.argv[1:]),
            progress=progress,
        )
    _tell(place, city, time.perf_counter() - began, as_json)


def _announcement(city: Scenario, replicates: int, workers: int) -> str:
    times = "1 replicate" if replicates == 1 else f"{replicates} replicates"
    hands = "" if workers == 1 else f" over {workers} workers"
    size = f"{int(city.targets.sum()):,} targets in {len(city.districts)} districts"
    return f"{city.title}: {size}, {city.start} to {city.end}; {times}{hands}"


def _tell(place: Path, city: Scenario, seconds: float, as_json: bool) -> None:
    summary = json.loads((place / "summary.json").read_text(encoding="utf-8"))
    report = place / "report.html"
    if as_json:
        write_json({**summary, "run": str(place), "report": str(report) if report.is_file() else None})
        return
    _print_headline(summary, city)
    if "profile" in summary["timing"]:
        print_profile(summary["timing"]["profile"], summary["period"])
    speed = summary["timing"]["target_days_per_second"] / 1e9
    write_line(f"{seconds:.1f} s in all; one core does {speed:.2g} billion target-days a second")
    if not report.is_file():
        write_line(f"results: {place}")
        return
    write_line(f"report:  {report}")
    write_line(f"open it: {'open' if sys.platform == 'darwin' else 'xdg-open'} {shlex.quote(str(report.absolute()))}")


def _print_headline(summary: Mapping[str, Any], city: Scenario) -> None:
    """Print the headline table, how near it is to the record, and the sources that its rows name."""
    from racketsim.results.fit import Fit
    from racketsim.results.headline import Range, Row
    from racketsim.results.headline_text import print_fit, print_headline

    rows = [
        Row(**{**row, "simulated": Range(**row["simulated"]) if row["simulated"]["median"] is not None else None})
        for row in summary["headline"]
    ]
    print_headline(answers(), rows, summary["replicates"])
    write_line("")
    print_fit(answers(), Fit(**summary["fit"]) if summary["fit"] else None)
    cited = {row.source for row in rows if row.source}
    for item in city.evidence:
        if item.id in cited:
            write_line(f"{item.id}: {', '.join(filter(None, (item.source_name, item.source_date, item.source_url)))}")
