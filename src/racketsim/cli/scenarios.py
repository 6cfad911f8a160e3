"""`racketsim scenarios`: what can be simulated without writing anything."""

from __future__ import annotations

from racketsim.cli.console import answers, write_json
from racketsim.cli.options import JsonOption


def scenarios(as_json: JsonOption = False) -> None:
    """List the scenarios that come with racketsim.

    Example:

    \b
        racketsim scenarios
    """
    from rich import box
    from rich.table import Table

    from racketsim.scenario.load import list_scenarios, load_scenario

    shipped = [load_scenario(name) for name in list_scenarios()]
    if as_json:
        write_json([{"id": s.id, "title": s.title, "summary": s.summary, "path": str(s.path)} for s in shipped])
        return
    table = Table("name", "what it is", "period", box=box.SIMPLE_HEAD)
    for scenario in shipped:
        table.add_row(scenario.id, f"{scenario.title}\n{scenario.summary}", f"{scenario.start} to {scenario.end}")
    answers().print(table)
