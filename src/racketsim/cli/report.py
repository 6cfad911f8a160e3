"""`racketsim report`: the page of a finished run, made again."""

from __future__ import annotations

from racketsim.cli.console import write_line
from racketsim.cli.runs import RunDirectory, scenario_of


def report(run_dir: RunDirectory) -> None:
    """Write report.html of a run directory again: one self-contained page.

    Example:

    \b
        racketsim report runs/lima-2023-seed1
    """
    from racketsim.results.folder import open_run
    from racketsim.results.report import rebuild_report

    write_line(str(rebuild_report(run_dir, scenario_of(open_run(run_dir)))))
