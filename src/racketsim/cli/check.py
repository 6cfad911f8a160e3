"""`racketsim check`: whether a scenario can be used, and what it holds."""

from __future__ import annotations

from typing import Annotated

import typer

from racketsim.cli.console import write_json, write_line
from racketsim.cli.options import JsonOption


def check(
    scenario: Annotated[str, typer.Argument(metavar="DIR", help="A scenario's folder, or a shipped scenario's name.")],
    as_json: JsonOption = False,
) -> None:
    """Read every file of a scenario; say what it holds, or what is wrong by file, line and key.

    Examples:

    \b
        racketsim check my-city
        racketsim check lima-2023 --json
    """
    from racketsim.scenario.check import check as check_scenario

    summary = check_scenario(scenario)
    if as_json:
        write_json(summary.as_dict())
        return
    write_line(str(summary))
    write_line("\nEvery number has its source or its prior, and everything fits together.")
