"""`racketsim story`: what happened to one target or one group."""

from __future__ import annotations

from typing import Annotated

import typer

from racketsim.cli.console import write_json, write_line
from racketsim.cli.options import DEFAULT_SCENARIO, JsonOption, UntilOption
from racketsim.cli.runs import SeedOfHistory, Where, history
from racketsim.errors import InputError

TargetOption = Annotated[int | None, typer.Option("--target", metavar="ID", help="Number of a target, from 0.")]
GroupOption = Annotated[str | None, typer.Option("--group", metavar="NAME", help="Name or id of a group.")]


def story(
    where: Where = DEFAULT_SCENARIO,
    target: TargetOption = None,
    group: GroupOption = None,
    seed: SeedOfHistory = None,
    until: UntilOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell what happened to one target or one group, in dated sentences.

    Examples:

    \b
        racketsim story --group "Los Gallegos"
        racketsim story runs/lima-2023-seed1 --target 1234567
    """
    from racketsim.results.story import story_of_group, story_of_target

    if (target is None) == (group is None):
        raise InputError("story: give either --target ID or --group NAME.")
    past = history(where, seed, until)
    if target is not None:
        told = story_of_target(past.log, past.scenario, past.groups, target)
    else:
        assert group is not None
        told = story_of_group(past.log, past.scenario, past.groups, group)
    if as_json:
        sentences = [{"date": one.date, "text": one.text} for one in told]
        write_json({"run": past.origin.plain(), "title": told.title, "sentences": sentences})
    else:
        write_line(str(past.origin))
        write_line(str(told))
