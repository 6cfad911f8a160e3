"""`racketsim replay`: in how many replicates the chain of events of the scenario happens from inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from racketsim.cli.console import answers, say, write_json
from racketsim.cli.options import (
    DEFAULT_SCENARIO,
    FreshOption,
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
    from racketsim.ensembles.replay import Replay, Share
    from racketsim.results.headline import Range

DEFAULT_REPLICATES = 200

OutOption = Annotated[
    str | None, typer.Option("--out", "-o", metavar="DIR", help="Folder for what is found, to go on from.")
]


def replay(
    scenario: ScenarioArgument = DEFAULT_SCENARIO,
    seed: SeedOption = 1,
    replicates: ReplicatesOption = DEFAULT_REPLICATES,
    until: UntilOption = None,
    settings: SetOption = None,
    out: OutOption = None,
    workers: WorkersOption = None,
    threads: ThreadsOption = 1,
    fresh: FreshOption = False,
    as_json: JsonOption = False,
) -> None:
    """Say in how many replicates the scenario's chain of events happens from inside, and how far apart in time.

    The state answers by the rules of the scenario; its dated responses to crime are left out.

    Examples:

    \b
        racketsim replay
        racketsim replay my-city --replicates 50 --workers 4 --json
    """
    from racketsim.cli.progress import watched
    from racketsim.ensembles.replay import replay as run_replay
    from racketsim.ensembles.replicates import last_day
    from racketsim.scenario.load import load_scenario

    city = load_scenario(scenario, read_settings(settings))
    with watched(replicates, city.start, last_day(until, city) or city.end) as progress:
        found = run_replay(
            city,
            replicates=replicates,
            seed=seed,
            until=until,
            out=out,
            workers=min(workers, replicates) if workers else None,
            threads=threads,
            fresh=fresh,
            progress=progress,
        )
    if as_json:
        write_json(found.as_dict())
    else:
        _print(found)


def _print(found: Replay) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("link")
    shares = ("happens", "in order\nup to here", "by cause\nup to here")
    headings = (*shares, "joined\nby", "days since", "on\nrecord", "date")
    for heading in headings:
        table.add_column(heading, justify="right")
    numbers = {link.name: number for number, link in enumerate(found.links, start=1)}
    for number, link in enumerate(found.links, start=1):
        since = f"{numbers[link.follows]}: {_range(link.gap, '–') or '–'}" if link.follows else ""
        recorded = "" if link.recorded_gap is None else f"{link.recorded_gap:,}"
        found_in = (_share(each, "–") for each in (link.happened, link.in_order, link.by_cause))
        cells = (*found_in, link.joined or "", since, recorded, str(link.date or ""))
        table.add_row(*(Text(cell) for cell in (f"{number} {link.name}", *cells)))
    answers().print(table)
    span = f"{_range(found.span)} days from first to last" if found.span else "never"
    recorded = f"; on record {found.recorded_span:,} days" if found.recorded_span is not None else ""
    answers().print(Text(f"The whole chain in order: {_share(found.whole)} of the replicates, {span}{recorded}."))
    answers().print(Text(f"The whole chain by cause: {_share(found.whole_by_cause)} of the replicates."))
    say(
        f"{found.replicates} replicates of '{found.scenario.id}' from seed {found.seed} on, to {found.until}, the "
        "state answering by rules alone; shares with 90% intervals (Wilson), days as median and 90% range over the "
        "replicates in order; by cause: each link leads back to the one that it follows by the log (cause), or happens "
        "where that one happened or next to it, where the model has no direct cause between the two (place)"
    )


def _share(share: Share, to: str = "% – ") -> str:
    return f"{share.share:.0%} ({100 * share.low:.0f}{to}{100 * share.high:.0f}%)"


def _range(gap: Range | None, to: str = " – ") -> str:
    return f"{gap.median:,.0f} ({gap.low:,.0f}{to}{gap.high:,.0f})" if gap else ""
