"""The run directory: begun, filled replicate by replicate, finished whole; an interrupted run goes on.

    run = start(out, plan)                      # finds what an interrupted run of the same plan left
    for index in run.missing(20):               # in any process, in any order
        write_replicate(run.path, index, sim, tables=run.keeps_tables(index))
    finish(run, planned=20, seconds=elapsed)    # out appears, whole

Until it is finished a run lives beside `out`, in `<out>.unfinished-<digest of its plan>`.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from racketsim.errors import InputError
from racketsim.results.findings import Findings, gather
from racketsim.results.manifest import PROGRAM, RunPlan, manifest, summary
from racketsim.results.provenance import file_digest
from racketsim.results.replicate import (
    Columns,
    Replicate,
    SimLike,
    finished_indices,
    load_replicate,
    read_replicates,
    replicate_of,
    replicate_path,
    save_replicate,
)
from racketsim.results.whole import cannot_write, make_folder, replace_folder, write_text
from racketsim.results.words import plural
from racketsim.scenario.model import Scenario

TABLES = ("events", "claims")


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A run on its way: `path` is where its replicates gather, `out` where it will stand."""

    out: Path
    path: Path
    plan: RunPlan

    def missing(self, planned: int) -> list[int]:
        """Return which of the replicates 0 .. planned - 1 are still to be run."""
        done = set(finished_indices(self.path))
        return [index for index in range(planned) if index not in done]

    def keeps_tables(self, index: int) -> bool:
        """Whether the event and claim tables of this replicate are kept."""
        return index == 0 or self.plan.events == "all"

    def discard(self) -> None:
        """Remove what was gathered."""
        shutil.rmtree(self.path, ignore_errors=True)

    def tidy(self) -> None:
        """Remove what was gathered if no replicate is finished: for a run that failed or was refused."""
        if not finished_indices(self.path):
            self.discard()


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run directory that was read: its manifest, and its replicates with records read on demand."""

    path: Path
    manifest: dict[str, Any]
    replicates: list[Replicate]

    def __repr__(self) -> str:
        about, period = self.manifest, self.manifest["period"]
        return (
            f"<run of '{about['scenario']['id']}' in {self.path}: seed {about['seed']}, "
            f"{plural(len(self.replicates), 'replicate')}, {period['start']} to {period['end']}>"
        )

    def columns(self, table: Literal["events", "claims"], scenario: Scenario) -> Columns:
        """Return the events or claims of the first replicate as columns of codes, for stories and chronicles.

        Raises:
            InputError: the run kept no such table.
        """
        from racketsim.results.tables import read_columns

        path = self.path / f"{table}.parquet"
        if not path.exists():
            raise InputError(f"{path}: the run kept no {table}; run it again.")
        found = dict(read_columns(path, scenario, self.replicates[0].groups))
        replicate = found.pop("replicate", None)
        if replicate is None:
            return found
        first = np.equal(replicate, self.replicates[0].index)
        return {name: values[first] for name, values in found.items()}


def start(out: str | Path, plan: RunPlan) -> Unfinished:
    """Begin a run that will stand in `out`, or find what an interrupted run of the same plan left.

    Raises:
        InputError: `out` is a file, or a folder that is not a finished run, or cannot be written.
    """
    place = Path(out).expanduser().absolute()
    check_replaceable(place)
    path = place.with_name(f"{place.name}.unfinished-{plan.digest}")
    try:
        (path / "replicates").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(place, error) from error
    return Unfinished(place, path, plan)


def write_replicate(folder: Path, index: int, sim: SimLike, tables: bool = False) -> Path:
    """Write one finished simulation as replicate `index` of `folder`, its tables first where they are kept.

    A replicate counts as done once its `.npz` stands, which is written last and whole. Safe in any process.

    Raises:
        InputError: the place cannot be written.
    """
    if tables:
        from racketsim.results.tables import claims_table, events_table, write_table

        make_folder(folder / "replicates")
        events, claims = _table_path(folder, index, "events"), _table_path(folder, index, "claims")
        write_table(events, sim.log, sim.scenario, sim.groups, events_table)
        write_table(claims, sim.claims, sim.scenario, sim.groups, claims_table)
    return save_replicate(folder, replicate_of(sim, index))


def finish(
    run: Unfinished,
    planned: int,
    seconds: float = 0.0,
    report: bool = True,
    found: Callable[[Findings], None] | None = None,
) -> Path:
    """Make the run directory from the replicates that stand, and put it in its place, whole.

    `found` is told the findings before anything is written; what it raises comes through once the directory stands.
    With fewer replicates than `planned` (an interruption) the directory says so, and the gathered replicates stay
    beside it, so that the same command goes on; otherwise they are removed.

    Raises:
        InputError: no replicate stands, or the place cannot be written; nothing is left in `out` then.
        Exception: whatever `found` raised.
    """
    replicates = [load_replicate(replicate_path(run.path, index)) for index in finished_indices(run.path)][:planned]
    if not replicates:
        raise InputError(f"{run.out}: no replicate was finished: there is nothing to write.")
    check_replaceable(run.out)
    findings = gather(run.plan.scenario, replicates, run.plan.policies, run.plan.seed)
    try:
        if found is not None:
            found(findings)
    finally:
        _make(run, replicates, findings, planned, seconds, report)
    return run.out


def open_run(folder: str | Path) -> FinishedRun:
    """Read a finished run directory.

    Raises:
        InputError: there is no such folder, or it is not a finished run of racketsim.
    """
    path = Path(folder).expanduser()
    found = _manifest_of(path)
    if found is None:
        beside = sorted(path.parent.glob(f"{path.name}.unfinished-*")) if path.parent.is_dir() else []
        hint = (
            f" An unfinished run lies in {beside[0]}: the command that began it goes on from there." if beside else ""
        )
        raise InputError(f"{path}: not a finished run of racketsim: it holds no manifest.json.{hint}")
    return FinishedRun(path, found, read_replicates(path))


def _make(
    run: Unfinished, replicates: Sequence[Replicate], findings: Findings, planned: int, seconds: float, report: bool
) -> None:
    """Write the run directory beside its place, put it there, and remove what it was made from if all is there."""
    made = run.out.with_name(f".{run.out.name}.{os.getpid()}.part")
    shutil.rmtree(made, ignore_errors=True)
    try:
        _fill(made, run, replicates, findings, planned, seconds, report)
        replace_folder(made, run.out)
    except BaseException as error:
        shutil.rmtree(made, ignore_errors=True)
        if planned == 1:
            run.discard()
        if isinstance(error, OSError):
            raise cannot_write(run.out, error) from error
        raise
    if len(replicates) == planned:
        run.discard()


def _fill(
    made: Path,
    run: Unfinished,
    replicates: Sequence[Replicate],
    findings: Findings,
    planned: int,
    seconds: float,
    report: bool,
) -> None:
    from racketsim.results.series import write_series

    scenario, plan = run.plan.scenario, run.plan
    make_folder(made / "replicates")
    for replicate in replicates:
        _link(replicate_path(run.path, replicate.index), replicate_path(made, replicate.index))
    write_series(made / "series.nc", scenario, replicates)
    _gather_tables(made, run, replicates)
    found = summary(findings, plan, replicates, seconds)
    write_text(made / "summary.json", _json(found))
    files: dict[str, Any] = {
        path.name: {"sha256": file_digest(path), "bytes": path.stat().st_size}
        for path in sorted(made.iterdir())
        if path.is_file()
    }
    about = manifest(plan, findings, replicates, planned, seconds, files)
    if report:
        from racketsim.results.report import write_report

        write_report(made / "report.html", findings, about)
    write_text(made / "manifest.json", _json(about))


def _gather_tables(made: Path, run: Unfinished, replicates: Sequence[Replicate]) -> None:
    from racketsim.results.tables import join_tables

    for name in TABLES:
        kept = [r.index for r in replicates if _table_path(run.path, r.index, name).exists()]
        if run.plan.events == "all" and kept:
            join_tables(made / f"{name}.parquet", [(index, _table_path(run.path, index, name)) for index in kept])
        elif kept:
            _link(_table_path(run.path, kept[0], name), made / f"{name}.parquet")


def _table_path(folder: Path, index: int, name: str) -> Path:
    return folder / "replicates" / f"{index:04d}.{name}.parquet"


def _link(source: Path, place: Path) -> None:
    """Give a file a second name; copy it where the file system has no links."""
    try:
        os.link(source, place)
    except OSError:
        shutil.copyfile(source, place)


def _json(values: dict[str, Any]) -> str:
    return json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _manifest_of(folder: Path) -> dict[str, Any] | None:
    try:
        found = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and found.get("program") == PROGRAM else None


def check_replaceable(place: Path) -> None:
    """Refuse, with `InputError`, a place that holds anything but a finished run, which a new one may replace."""
    try:
        exists, is_folder = place.exists(), place.is_dir()
        occupied = is_folder and any(place.iterdir())
    except OSError as error:
        raise cannot_write(place, error) from error
    if exists and not is_folder:
        raise InputError(f"{place}: is a file; --out names a folder for the run.")
    if occupied and _manifest_of(place) is None:
        raise InputError(
            f"{place}: the folder holds something that is not a finished run of racketsim; it is left alone. "
            "Name another place with --out."
        )
