"""`racketsim chronicle`: a run as the press saw it, and beside it what really happened."""

from __future__ import annotations

from typing import Annotated

import typer

from racketsim.cli.console import say, write_json, write_line
from racketsim.cli.options import DEFAULT_SCENARIO, JsonOption, UntilOption
from racketsim.cli.runs import SeedOfHistory, Where, history

MostOption = Annotated[int, typer.Option("--most", min=1, help="How many items a year, the most severe ones.")]
TruthOption = Annotated[bool, typer.Option("--truth", help="Add what really happened, and what no outlet told.")]


def chronicle(
    where: Where = DEFAULT_SCENARIO,
    most: MostOption = 20,
    truth: TruthOption = False,
    seed: SeedOfHistory = None,
    until: UntilOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the run as the press saw it: what each outlet claimed, by date, contradictions side by side.

    Examples:

    \b
        racketsim chronicle
        racketsim chronicle runs/lima-2023-seed1 --most 5 --truth
    """
    from dataclasses import asdict

    from racketsim.results.chronicle import chronicle as carried

    past = history(where, seed, until)
    items = carried(
        past.log,
        past.claims,
        past.scenario,
        past.groups,
        most_a_year=most,
        truth=truth,
        policies=past.policies,
    )
    if as_json:
        write_json({"run": past.origin.plain(), "most": most, "items": [asdict(item) for item in items]})
    elif not items:
        say("no outlet carried anything, and the state announced nothing")
    else:
        write_line(str(past.origin))
        of_which = "items in the press, and as many that no outlet carried" if truth else "items in the press"
        write_line(f"Of each year all policies, and the {most} most severe {of_which}.")
        for item in items:
            write_line(str(item))
