"""`racketsim verify`: published results, reproduced by the model's own mechanisms."""

from __future__ import annotations

import math
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from racketsim.cli.console import answers, say, write_json, write_line
from racketsim.cli.options import JsonOption

if TYPE_CHECKING:
    from racketsim.verification.case import Case, Row

FAILED = 1

CasesArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[CASE]...", help="Ids of cases, e.g. V5 (default: all).")
]
RunsOption = Annotated[
    int | None,
    typer.Option("--replicates", "-n", min=1, help="Runs of each case (default: as many as its tolerances need)."),
]
CaseSeedOption = Annotated[int, typer.Option("--seed", min=0, max=2**32 - 1, help="Seed of the runs.")]
FastOption = Annotated[bool, typer.Option("--fast", help="Leave out the cases that take minutes.")]
ListOption = Annotated[bool, typer.Option("--list", help="List the cases and run none.")]


def verify(
    cases: CasesArgument = None,
    replicates: RunsOption = None,
    seed: CaseSeedOption = 1,
    fast: FastOption = False,
    listing: ListOption = False,
    as_json: JsonOption = False,
) -> None:
    """Run published models through racketsim's own mechanisms, and set what comes out beside what was published.

    Exits with 1 where a case fails. Rows marked (soft) are printed and do not decide.

    Examples:

    \b
        racketsim verify
        racketsim verify V5 --json
        racketsim verify --list
    """
    from racketsim.verification.registry import load

    chosen = [case for case in load(cases or ()) if case.fast or not fast]
    if listing:
        _list(chosen, as_json)
        return
    found = []
    for number, case in enumerate(chosen, start=1):
        say(f"{number} of {len(chosen)}: {case.id} {case.title}{'' if case.fast else ' (minutes)'}")
        began = time.perf_counter()
        rows = case.run(replicates, seed)
        found.append((case, rows, time.perf_counter() - began))
        if not as_json:
            _print(*found[-1])
    _conclude(found, as_json)


def _conclude(found: list[tuple[Case, list[Row], float]], as_json: bool) -> None:
    from racketsim.verification.case import passes

    failed = [case.id for case, rows, _ in found if not passes(rows)]
    if as_json:
        write_json({"passed": not failed, "cases": [_plain(*one) for one in found]})
    elif failed:
        write_line(f"FAIL: {', '.join(failed)}")
    else:
        write_line(f"pass: {', '.join(case.id for case, _, _ in found)}")
    if failed:
        raise typer.Exit(FAILED)


def _plain(case: Case, rows: list[Row], seconds: float) -> dict[str, Any]:
    from racketsim.verification.case import passes

    return {
        **_about(case),
        "passed": passes(rows),
        "seconds": round(seconds, 2),
        "rows": [{name: _finite(value) for name, value in asdict(row).items()} for row in rows],
    }


def _about(case: Case) -> dict[str, Any]:
    return {"id": case.id, "title": case.title, "source": case.source, "fast": case.fast}


def _finite(value: Any) -> Any:
    """Return the value, None for a number that is not finite: JSON knows none."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _list(cases: list[Case], as_json: bool) -> None:
    if as_json:
        write_json([_about(case) for case in cases])
        return
    from rich import box
    from rich.table import Table

    table = Table("case", "what it is", "source", "takes", box=box.SIMPLE_HEAD)
    for case in cases:
        table.add_row(case.id, case.title, case.source, "seconds" if case.fast else "minutes")
    answers().print(table)


def _print(case: Case, rows: list[Row], seconds: float) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, title=f"{case.id}: {case.title}\n{case.source}", title_justify="left")
    for heading in ("", "published", "racketsim", "difference", "tolerance"):
        table.add_column(heading, justify="left" if not heading else "right")
    table.add_column("")
    table.add_column("")
    for row in rows:
        failed = Text("differs", "yellow") if row.soft else Text("FAIL", "bold red")
        verdict = Text("pass", "green") if row.passed else failed
        name = f"{row.name} (soft)" if row.soft else row.name
        numbers = (_number(row.published), _number(row.ours), *_distance(row))
        table.add_row(Text(name), *(Text(cell) for cell in numbers), verdict, Text(row.note))
    answers().print(table)
    write_line(f"{seconds:.1f} s")


def _number(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"


def _distance(row: Row) -> tuple[str, str]:
    """Return difference and tolerance in the words of their scale."""
    if row.scale == "z":
        return f"z = {row.difference:+.2f}", f"|z| < {row.tolerance:g}"
    if row.scale == "relative":
        return f"{row.difference:+.2%}", f"±{row.tolerance:.2%}"
    if row.scale == "absolute":
        return f"{row.difference:+.3g}", f"±{row.tolerance:.3g}"
    return "", row.scale
