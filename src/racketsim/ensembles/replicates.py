"""Replicates of one scenario over worker processes, into a run directory; a run that was stopped goes on.

Replicate r of a run with seed s is the simulation with seed s + r: any single one can be made again on its own.
Each worker writes its own replicate and ships no agents, so what is written does not depend on who wrote it.
"""

from __future__ import annotations

import hashlib
import inspect
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, NamedTuple

from racketsim.elements import read_without
from racketsim.ensembles.processes import cores, run_each
from racketsim.errors import InputError, WorkersLostError
from racketsim.policies import triggered
from racketsim.policies.base import check_policies
from racketsim.policies.registry import is_shipped
from racketsim.results.findings import Findings
from racketsim.results.folder import FinishedRun, Unfinished, finish, open_run, start, write_replicate
from racketsim.results.manifest import RunPlan
from racketsim.results.replicate import Outcome
from racketsim.scenario.load import as_scenario
from racketsim.scenario.model import Scenario

MOST_SEED = 2**63 - 1

Events = Literal["first", "all"]


class Progress(NamedTuple):
    """How far a run is: replicates done and asked for; the day that the one here reached; something worth a line."""

    done: int
    replicates: int
    day: date | None = None
    note: str = ""


Watcher = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class _Task:
    """What a worker needs to make replicate r and leave it in the run's folder."""

    run: Unfinished
    policies: tuple[Any, ...]
    threads: int
    profile: bool = False

    def __call__(self, index: int, progress: Callable[[date], None] | None = None) -> None:
        outcome = self._outcome(index, progress)
        write_replicate(self.run.path, index, outcome, tables=self.run.keeps_tables(index))

    def _outcome(self, index: int, progress: Callable[[date], None] | None) -> Outcome:
        """Simulate, and let the simulation go: its state and what writing takes need not fit in memory together."""
        from racketsim.simulation import Sim

        plan = self.run.plan
        sim = Sim(
            plan.scenario,
            seed=plan.seed + index,
            policies=self.policies,
            threads=self.threads,
            without=plan.without,
            keep_events=self.run.keeps_tables(index),
        )
        run = sim.run_profiled if self.profile else sim.run
        run(until=plan.until, progress=progress)
        return Outcome.of(sim)


def run_replicates(
    scenario: str | Path | Scenario = "lima-2023",
    *,
    seed: int = 1,
    replicates: int = 20,
    policies: Sequence[Any] = (),
    overrides: Mapping[str, str | float] | None = None,
    until: date | str | None = None,
    without: Sequence[str] = (),
    by_rule: bool = False,
    out: str | Path | None = None,
    workers: int | None = None,
    threads: int = 1,
    events: Events = "first",
    fresh: bool = False,
    report: bool = True,
    profile: bool = False,
    command: str | None = None,
    progress: Watcher | None = None,
    found: Callable[[Findings], None] | None = None,
) -> FinishedRun:
    """Simulate `replicates` replicates and return the run directory that they make.

    Until all is done the replicates gather beside `out`; after an interruption, kill -9 included, the same call goes
    on from there. Ctrl-C makes the directory from the replicates that are finished, and then raises.

    Args:
        scenario: name of a shipped scenario, a folder, or a scenario that was loaded.
        seed: replicate r has the seed `seed + r`.
        replicates: how many.
        policies: added to those of the scenario. Each replicate has copies of its own; one that keeps a state must
            keep it in itself, not in its class or module, or results depend on the number of workers.
        overrides: numbers of the scenario by dotted key, where `scenario` is a name or a folder.
        until: last day simulated; the scenario's end by default.
        without: elements to switch off, as in `Sim`.
        by_rule: whether the state answers crime by the rules of the scenario alone, as in `Sim`.
        out: the run directory; a finished run there is replaced. By default `runs/<scenario>-seed<seed>`, with
            `-by-rule` where it is so, and eight hexadecimal digits for other what-ifs (`RunPlan.default_name`).
        workers: processes, one a core by default. Results are the same bits for any number.
        threads: threads of each replicate. Results are the same bits for any number.
        events: whose events and claims are kept: those of the first replicate, or of all.
        fresh: leave aside what an interrupted run left.
        report: whether report.html is written, which takes a few seconds.
        profile: whether each replicate is timed, mechanism by mechanism (`timing` in the run's files).
        command: what reproduces the run, for its manifest.
        progress: told of every replicate, and of the days of those that are made in this process.
        found: told the findings as soon as all replicates are done, before the files of the run are written; what it
            raises comes through once they are.

    Raises:
        InputError: something given cannot be used, or the place cannot be written.
        WorkersLostError: workers were killed again and again; what is finished is kept.
        KeyboardInterrupt: Ctrl-C; what is finished stands in `out`.
    """
    began = time.perf_counter()
    plan = _plan(scenario, seed, replicates, policies, overrides, until, without, by_rule, events, command)
    run = start(out if out is not None else Path("runs") / plan.default_name, plan)
    with alone(run.path):
        if fresh:
            run = _emptied(run)
        task = _Task(run, tuple(policies), threads, profile)
        try:
            _make(task, replicates, workers or cores(), progress or ignore)
        except KeyboardInterrupt:
            done = replicates - len(run.missing(replicates))
            (progress or ignore)(Progress(done, replicates, note="stopping: what is finished is written"))
            raise KeyboardInterrupt(_keep_what_is_done(run, replicates, began, report)) from None
        except WorkersLostError as error:
            raise WorkersLostError(f"{error} {_keep_what_is_done(run, replicates, began, report)}") from error
        except BaseException:
            if len(run.missing(replicates)) == replicates:
                run.discard()
            raise
        return open_run(finish(run, replicates, time.perf_counter() - began, report, found))


def _keep_what_is_done(run: Unfinished, replicates: int, began: float, report: bool) -> str:
    """Make the run directory from the replicates that are finished, and return what to tell about it."""
    done = replicates - len(run.missing(replicates))
    if not done:
        run.discard()
        return "No replicate is finished; nothing is left behind."
    place = finish(run, replicates, time.perf_counter() - began, report)
    return f"{done} of {replicates} replicates are finished and lie in {place}; the same command goes on from there."


def describe_policy(policy: Any) -> dict[str, Any]:
    """Return a policy as plain values; with code that is not this program's, its name and a digest of its source."""
    if is_shipped(policy):
        return dict(policy.describe())
    if not callable(policy):
        raise InputError(
            f"a policy is an object of racketsim.policies or a function `policy(city, day)`, not {policy!r}."
        )
    if hasattr(policy, "describe"):
        made = type(policy)
        return {**policy.describe(), "class": made.__qualname__, "sha256": _digest_of_source(made)}
    name = getattr(policy, "__qualname__", type(policy).__qualname__)
    return {"kind": "function", "name": name, "sha256": _digest_of_source(policy)}


def _digest_of_source(code: Any) -> str:
    try:
        source = inspect.getsource(code)
    except (OSError, TypeError):
        source = repr(code)
    return hashlib.sha256(source.encode()).hexdigest()


def _plan(
    scenario: str | Path | Scenario,
    seed: int,
    replicates: int,
    policies: Sequence[Any],
    overrides: Mapping[str, str | float] | None,
    until: date | str | None,
    without: Sequence[str],
    by_rule: bool,
    events: Events,
    command: str | None,
) -> RunPlan:
    if replicates < 1:
        raise InputError(f"replicates: {replicates} is too few; a run has at least 1.")
    if not 0 <= seed <= MOST_SEED - replicates:
        raise InputError(f"seed: {seed} is out of range; allowed: 0 to 2**63 - 1, the replicates' seeds included.")
    if events not in ("first", "all"):
        raise InputError(f"events: '{events}' is not known; allowed: first, all.")
    scenario = as_scenario(scenario, overrides)
    scenario = triggered.by_rule(scenario) if by_rule else scenario
    described = tuple(describe_policy(policy) for policy in policies)
    check_policies(policies, scenario)
    said = f"{scenario.id!r}, seed={seed}, replicates={replicates}"
    said += f", policies={[item.get('name', item['kind']) for item in described]}" if described else ""
    said += f", overrides={dict(scenario.overrides)}" if scenario.overrides else ""
    said += f", until='{until}'" if until else ""
    said += f", without={list(without)}" if without else ""
    said += ", by_rule=True" if scenario.by_rule else ""
    return RunPlan(
        scenario=scenario,
        seed=seed,
        command=command or f"racketsim.run_replicates({said})",
        until=last_day(until, scenario),
        policies=described,
        without=read_without(without),
        by_rule=scenario.by_rule,
        events=events,
    )


def last_day(until: date | str | None, scenario: Scenario) -> date | None:
    """Return the last day to simulate, checked against the scenario's period; None stands for its end."""
    if until is None:
        return None
    try:
        day = until if isinstance(until, date) else date.fromisoformat(until.strip())
    except ValueError:
        raise InputError(f"until: '{until}' is not a date; write it as YYYY-MM-DD, e.g. 2023-09-20.") from None
    if not scenario.start <= day <= scenario.end:
        raise InputError(
            f"until: {day} lies outside the period of '{scenario.id}', {scenario.start} to {scenario.end}."
        )
    return day


def _make(task: _Task, replicates: int, workers: int, progress: Watcher) -> None:
    """Make the missing replicates, each worker the next one; what is made here tells its days."""
    from racketsim.ensembles.warm import compiling_ahead

    missing = task.run.missing(replicates)
    done = replicates - len(missing)
    if done:
        progress(Progress(done, replicates, note=f"{done} of {replicates} replicates were finished before"))

    def reached(day: date) -> None:
        progress(Progress(done, replicates, day))

    def told(_index: int, _result: None) -> None:
        nonlocal done
        done += 1
        progress(Progress(done, replicates))

    def lost(left: int) -> None:
        progress(Progress(done, replicates, note=f"a worker was killed; going on with {left}"))

    if not missing:
        return
    here = {"progress": reached}
    with compiling_ahead(task.run.plan.scenario, workers) as cold:
        run_each(
            task, missing, workers=workers, done=told, lost=lost, threads=task.threads, here=here, first_alone=cold
        )


def ignore(progress: Progress) -> None:
    """Tell nobody."""


def _emptied(run: Unfinished) -> Unfinished:
    for file in (run.path / "replicates").iterdir():
        file.unlink()
    return run


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder for this process: two runs of one plan at a time would do everything twice.

    The system drops the lock when the process ends, however it ends. Half-written files of a process that was
    killed are removed.
    """
    import fcntl

    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(
                f"{folder}: another process is at work on this very run; wait for it, or stop it."
            ) from None
        for half in (folder / "replicates").glob(".*.part"):
            half.unlink(missing_ok=True)
        yield
