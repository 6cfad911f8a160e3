"""Reading a run directory together with the scenario that it was made from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from racketsim.errors import InputError

if TYPE_CHECKING:
    from racketsim.results.folder import FinishedRun
    from racketsim.scenario.model import Scenario

RunDirectory = Annotated[Path, typer.Argument(metavar="RUN_DIR", help="A run directory made by `racketsim run`.")]


def scenario_of(run: FinishedRun) -> Scenario:
    """Return the scenario of a run as it was simulated, with the numbers that `--set` replaced.

    Raises:
        InputError: the scenario is not where it was.
    """
    from racketsim.scenario.load import list_scenarios, load_scenario

    made_from = run.manifest["scenario"]
    shipped = made_from["id"] in list_scenarios() and not Path(made_from["location"]).is_dir()
    place = made_from["id"] if shipped else Path(made_from["location"])
    try:
        return load_scenario(place, run.manifest["overrides"])
    except InputError as error:
        raise InputError(f"{run.path}: the scenario that it was made from cannot be read: {error}") from None
