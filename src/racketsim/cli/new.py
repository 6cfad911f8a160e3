"""`racketsim new`: the files of a scenario of one's own, ready to run and to edit."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from racketsim.cli.console import write_line


def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to make; it must not exist, or be empty.")],
) -> None:
    """Make a small three-district city to start a scenario of your own from.

    Examples:

    \b
        racketsim new my-city
        racketsim check my-city
        racketsim run my-city --replicates 5
    """
    from racketsim.scenario.scaffold import scaffold

    made = scaffold(folder)
    named = shlex.quote(str(made))
    write_line(f"{made}: a city of three districts, complete and ready to run:")
    for file in sorted(made.iterdir()):
        write_line(f"  {file.name}")
    write_line("Edit the files; then")
    write_line(f"  racketsim check {named}")
    write_line(f"  racketsim run {named} --replicates 5")
