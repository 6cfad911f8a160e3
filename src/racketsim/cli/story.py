"""`racketsim story`: what happened to one target or one group."""

from __future__ import annotations

from typing import Annotated

import typer

from racketsim.cli.console import write_json, write_line
from racketsim.cli.options import DEFAULT_SCENARIO, JsonOption, UntilOption
from racketsim.cli.runs import SeedOfHistory, Where, history
from racketsim.errors import InputError

TargetOption = Annotated[int | None, typer.Option("--target", metavar="ID", help="Number of a target, from 0.")]
MostOption = Annotated[
    int | None,
    typer.Option(
        "--most", min=1, help="Of a group: how many events of each sort a year, the most severe (default: 4)."
    ),
]
GroupOption = Annotated[str | None, typer.Option("--group", metavar="NAME", help="Name or id of a group.")]


def story(
    where: Where = DEFAULT_SCENARIO,
    target: TargetOption = None,
    group: GroupOption = None,
    most: MostOption = None,
    seed: SeedOfHistory = None,
    until: UntilOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell what happened to one target or one group, in dated sentences.

    Of a target everything is told, of a group a selection, which says how many events it leaves out; its years in
    figures count them all.

    Examples:

    \b
        racketsim story --group "Los Gallegos"
        racketsim story --group "Los Gallegos" --most 50
        racketsim story runs/lima-2023-seed1 --target 442640
    """
    from racketsim.results.story import MOST_A_YEAR, story_of_group, story_of_target

    if (target is None) == (group is None):
        raise InputError("story: give either --target ID or --group NAME.")
    if target is not None and most is not None:
        raise InputError("story: --most goes with --group; of a target everything is told.")
    past = history(where, seed, until)
    if target is not None:
        told = story_of_target(past.log, past.scenario, past.groups, target)
    else:
        assert group is not None
        told = story_of_group(past.log, past.scenario, past.groups, group, most or MOST_A_YEAR)
    if as_json:
        sentences, years = ([{"date": one.date, "text": one.text} for one in ones] for ones in (told, told.years))
        about = {"run": past.origin.plain(), "title": told.title, "selection": told.selection or None}
        write_json({**about, "sentences": sentences, "years": years})
    else:
        write_line(str(past.origin))
        write_line(str(told))
