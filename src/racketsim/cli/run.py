"""`racketsim run`: the main job, replicates of a scenario into a run directory with its report."""

from __future__ import annotations

import json
import shlex
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from racketsim.cli.console import answers, say, write_json, write_line
from racketsim.cli.options import (
    DEFAULT_SCENARIO,
    ByRuleOption,
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
    by_rule_text,
    read_elements,
    read_settings,
)
from racketsim.cli.profile import print_profile

if TYPE_CHECKING:
    from datetime import date

    from racketsim.results.findings import Findings
    from racketsim.scenario.model import Scenario

DEFAULT_REPLICATES = 20

OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        metavar="DIR",
        help="Run directory (default: runs/SCENARIO-seedSEED; what-ifs have a longer name of their own).",
    ),
]


def run(
    scenario: ScenarioArgument = DEFAULT_SCENARIO,
    seed: SeedOption = 1,
    replicates: ReplicatesOption = DEFAULT_REPLICATES,
    until: UntilOption = None,
    policy: PolicyOption = None,
    settings: SetOption = None,
    without: WithoutOption = None,
    by_rule: ByRuleOption = False,
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

    Without --out a plain run goes to runs/SCENARIO-seedSEED, and replaces an earlier one there. What-ifs go beside it:
    --by-rule adds -by-rule to the name; --set, --without, --policy and --until add eight digits that differ with them.

    Examples:

    \b
        racketsim run
        racketsim run lima-2023 --replicates 100 --out runs/hundred
        racketsim run my-city --until 2023-06-30 --set parameters.allocation.rate_per_member=0.1
        racketsim run -p "state_of_emergency:districts=San Juan de Lurigancho;start=2022-03-01;days=60"
        racketsim run --by-rule --replicates 50
        racketsim run --replicates 4 --profile
    """
    from racketsim.cli.policy_text import read_policies
    from racketsim.cli.progress import watched
    from racketsim.ensembles.processes import cores
    from racketsim.ensembles.replicates import last_day, run_replicates
    from racketsim.ensembles.warm import is_cold
    from racketsim.results.folder import check_replaceable
    from racketsim.scenario.load import load_scenario

    began = time.perf_counter()
    city = load_scenario(scenario, read_settings(settings))
    policies = read_policies(policy, city)
    off = read_elements(without)
    last = last_day(until, city) or city.end
    if out is not None:
        check_replaceable(out.expanduser().absolute())
    if is_cold():
        say("compiling for this version and this machine, which takes some seconds")
    hands = min(workers or cores(), replicates)
    say(_announcement(city, last, replicates, hands) + (f"; without {', '.join(off)}" if off else ""))
    said = by_rule_text(city) if by_rule else ""
    with ExitStack() as shown:
        progress = shown.enter_context(watched(replicates, city.start, last))
        made = run_replicates(
            city,
            seed=seed,
            replicates=replicates,
            policies=policies,
            until=until,
            without=off,
            by_rule=by_rule,
            out=out,
            workers=workers,
            threads=threads,
            events=events,
            fresh=fresh,
            report=report,
            profile=profile,
            command="racketsim " + shlex.join(sys.argv[1:]),
            progress=progress,
            found=_teller(shown, report, as_json, said),
        )
    _tell(out or made.path.relative_to(Path.cwd()), time.perf_counter() - began, as_json)


def _announcement(city: Scenario, last: date, replicates: int, workers: int) -> str:
    times = "1 replicate" if replicates == 1 else f"{replicates} replicates"
    hands = "" if workers == 1 else f" over {workers} workers"
    size = f"{int(city.targets.sum()):,} targets in {len(city.districts)} districts"
    return f"{city.title}: {size}, {city.start} to {last}; {times}{hands}"


def _teller(shown: ExitStack, report: bool, as_json: bool, said: str) -> Callable[[Findings], None]:
    """Return what ends the progress that is `shown` and prints the headline table, before anything is written.

    `said` is a line that belongs to the table, if there is anything to say.
    """

    def found(findings: Findings) -> None:
        shown.close()
        if not as_json:
            with suppress(SystemExit):  # nobody reads the table: the results are written all the same
                _print_headline(findings, said)
        say("writing the results and their page" if report else "writing the results")

    return found


def _tell(place: Path, seconds: float, as_json: bool) -> None:
    from racketsim.results.words import number

    summary = json.loads((place / "summary.json").read_text(encoding="utf-8"))
    report = place / "report.html"
    if as_json:
        write_json({**summary, "run": str(place), "report": str(report) if report.is_file() else None})
        return
    if "profile" in summary["timing"]:
        print_profile(summary["timing"]["profile"], summary["period"])
    speed = number(float(f"{summary['timing']['target_days_per_second']:.3g}"))
    write_line(f"{seconds:.1f} s in all; one core does {speed} target-days a second")
    if not report.is_file():
        write_line(f"results: {place}")
        return
    write_line(f"report:  {report}")
    write_line(f"open it: {'open' if sys.platform == 'darwin' else 'xdg-open'} {shlex.quote(str(report.absolute()))}")


def _print_headline(findings: Findings, said: str) -> None:
    """Print the headline table, how near it is to the record, and the sources that its rows name."""
    from racketsim.results.headline_text import few_text, print_fit, print_headline

    print_headline(answers(), findings.rows, findings.replicates)
    write_line("")
    if few := few_text(findings.replicates):
        write_line(few)
    if said:
        write_line(said)
    print_fit(answers(), findings.fit)
    cited = {row.source for row in findings.rows if row.source}
    for item in findings.scenario.evidence:
        if item.id in cited:
            write_line(f"{item.id}: {', '.join(filter(None, (item.source_name, item.source_date, item.source_url)))}")
