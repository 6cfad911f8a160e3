"""Whether the chain of events of a scenario happens from inside: replicates in which the state answers by its rules.

Dated responses of the state to crime are left out, so that every link has its causes in the run. Replicate r has the
seed `seed + r`. What is found in a replicate is a small file; a replay that was stopped goes on from those that stand.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from racketsim.ensembles.processes import cores, run_each
from racketsim.ensembles.replicates import MOST_SEED, Progress, Watcher, alone, ignore, last_day
from racketsim.errors import InputError, WorkersLostError
from racketsim.policies.triggered import by_rule
from racketsim.results.chain import by_cause, by_date, gaps, joins
from racketsim.results.happenings import Ran, happenings
from racketsim.results.headline import Range, range_of
from racketsim.results.identifiability import wilson
from racketsim.results.log import EventLog
from racketsim.results.manifest import RunPlan
from racketsim.results.whole import make_folder, write_text
from racketsim.scenario.load import as_scenario
from racketsim.scenario.model import ChainLink, Scenario


@dataclass(frozen=True, slots=True)
class Share:
    """A share of the replicates with its 90% interval."""

    count: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class LinkFound:
    """What the replicates say about one link.

    `happened` are those in which it happened at all, `in_order` those in which all links up to it stood in order by
    their dates, `by_cause` those in which each of them was moreover joined to the one that it follows, as its `joined`
    says: by "cause", which the log names, or by "place", where the model has no direct cause between the two.
    `gap` is the number of days since the link `follows`, over the replicates in order (None: there are none);
    `recorded_gap` is the same in the real city.
    """

    id: str
    name: str
    follows: str | None
    happened: Share
    in_order: Share
    joined: str | None
    by_cause: Share
    gap: Range | None
    recorded_gap: int | None
    date: date | None
    source: str | None


@dataclass(frozen=True)
class Replay:
    """What was looked for and found: `found[r]` holds how often each link happened in replicate r, and its best run.

    The best run is the tightest one of the most links in order (`results.chain`), as dates.
    """

    scenario: Scenario
    seed: int
    until: date
    found: tuple[Found, ...]

    @property
    def replicates(self) -> int:
        """Number of replicates."""
        return len(self.found)

    @property
    def links(self) -> list[LinkFound]:
        """What the replicates say about each link."""
        chain = self.scenario.chain
        how = joins(chain, by_rule(self.scenario).policies)
        return [self._link(place, link, joined) for place, (link, joined) in enumerate(zip(chain, how, strict=True))]

    @property
    def whole(self) -> Share:
        """The replicates in which the whole chain happened in order."""
        return self._share([len(one.run) == len(self.scenario.chain) for one in self.found])

    @property
    def whole_by_cause(self) -> Share:
        """The replicates in which the whole chain happened with each link joined to the one that it follows."""
        return self._share([len(one.caused) == len(self.scenario.chain) for one in self.found])

    @property
    def span(self) -> Range | None:
        """Days from the first to the last event of the whole chain, over the replicates that have it."""
        whole = [one.run for one in self.found if len(one.run) == len(self.scenario.chain)]
        return range_of(np.array([(max(run) - run[0]).days for run in whole], dtype=np.float64))

    @property
    def recorded_span(self) -> int | None:
        """The same in the real city, where all dates are on record."""
        dates = [link.date for link in self.scenario.chain if link.date is not None]
        return (max(dates) - min(dates)).days if len(dates) == len(self.scenario.chain) else None

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values, for machines."""
        return {
            "scenario": self.scenario.id,
            "scenario_sha256": self.scenario.digest,
            "seed": self.seed,
            "replicates": self.replicates,
            "until": self.until.isoformat(),
            "links": [_plain(asdict(link)) for link in self.links],
            "whole_chain": asdict(self.whole),
            "whole_chain_by_cause": asdict(self.whole_by_cause),
            "span_days": asdict(self.span) if self.span else None,
            "recorded_span_days": self.recorded_span,
            "runs": [{"seed": self.seed + index, **one.as_dict()} for index, one in enumerate(self.found)],
        }

    def _share(self, hits: Sequence[bool]) -> Share:
        count = sum(hits)
        low, high = wilson(count, len(hits))
        return Share(count, count / len(hits), max(low, 0.0), min(high, 1.0))

    def _link(self, place: int, link: ChainLink, joined: str | None) -> LinkFound:
        chain = self.scenario.chain
        follows = chain[link.after] if link.after is not None else None
        apart = [gaps(chain, [day.toordinal() for day in one.run]).get(link.id) for one in self.found]
        recorded = (link.date - follows.date).days if follows and follows.date and link.date else None
        return LinkFound(
            id=link.id,
            name=link.name,
            follows=follows.name if follows else None,
            happened=self._share([one.happened[link.id] > 0 for one in self.found]),
            in_order=self._share([len(one.run) > place for one in self.found]),
            joined=joined,
            by_cause=self._share([len(one.caused) > place for one in self.found]),
            gap=range_of(np.array([days for days in apart if days is not None], dtype=np.float64)),
            recorded_gap=recorded,
            date=link.date,
            source=link.source,
        )


@dataclass(frozen=True, slots=True)
class Found:
    """What a replicate held: on how many days each link happened, and the dates of its best runs.

    `run` is the best one in order by dates, `caused` the best one in which each link is joined to the one it follows.
    """

    happened: Mapping[str, int]
    run: tuple[date, ...]
    caused: tuple[date, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the same as plain values."""
        return {
            "happened": dict(self.happened),
            "run": [day.isoformat() for day in self.run],
            "run_by_cause": [day.isoformat() for day in self.caused],
        }


@dataclass(frozen=True, slots=True)
class _Task:
    """What a worker needs to simulate replicate r and to leave what it found in the folder."""

    scenario: Scenario
    seed: int
    until: date
    threads: int
    folder: Path

    def __call__(self, index: int) -> None:
        from racketsim.simulation import Sim

        sim = Sim(self.scenario, seed=self.seed + index, threads=self.threads).run(self.until)
        write_text(_place(self.folder, index), json.dumps(look(self.scenario, sim).as_dict()) + "\n")


def look(scenario: Scenario, sim: Any) -> Found:
    """Return what a finished simulation holds of the scenario's chain."""
    log, last = EventLog(sim.log, scenario, sim.groups), (sim.day - scenario.start).days
    ran = Ran(log, sim.claims, scenario.policies, last, sim.seed)
    times = [happenings(link, ran) for link in scenario.chain]
    runs = by_date(scenario.chain, times), by_cause(scenario.chain, times, ran)
    run, caused = (tuple(scenario.start + timedelta(days=day) for day in days) for days in runs)
    days = [{one.day for one in each} for each in times]
    return Found({link.id: len(each) for link, each in zip(scenario.chain, days, strict=True)}, run, caused)


def replay(
    scenario: str | Path | Scenario = "lima-2023",
    *,
    replicates: int = 200,
    seed: int = 1,
    overrides: Mapping[str, str | float] | None = None,
    until: date | str | None = None,
    out: str | Path | None = None,
    workers: int | None = None,
    threads: int = 1,
    fresh: bool = False,
    progress: Watcher | None = None,
) -> Replay:
    """Run the scenario with the state's responses set off by rules alone, and say how often its chain happens.

    Args:
        scenario: name of a shipped scenario, a folder, or a scenario that was loaded; it declares a `[[chain]]`.
        replicates: how many.
        seed: replicate r has the seed `seed + r`.
        overrides: numbers of the scenario by dotted key, where `scenario` is a name or a folder.
        until: last day simulated; the scenario's end by default.
        out: folder for what is found, `runs/<scenario>-replay-<digest of what is asked>` by default; what the same
            replay has left there is taken up.
        workers: processes, one a core by default.
        threads: threads of each simulation.
        fresh: leave aside what an earlier call left.
        progress: told of every replicate.

    Raises:
        InputError: something given cannot be used, or the place cannot be written.
        WorkersLostError: workers were killed again and again; what is finished is kept.
        KeyboardInterrupt: Ctrl-C; what is finished is kept, and the same call goes on from there.
    """
    city = as_scenario(scenario, overrides)
    if not city.chain:
        raise InputError(f"the scenario '{city.id}' declares no [[chain]]: there is nothing to look for.")
    if replicates < 1 or not 0 <= seed <= MOST_SEED - replicates:
        raise InputError(
            f"{replicates} replicates from seed {seed} on are out of range; allowed: 1 or more, 0 to 2**63 - 1."
        )
    end = last_day(until, city) or city.end
    digest = RunPlan(city, seed, "replay", end).digest
    folder = _folder(Path(out) if out is not None else Path("runs") / f"{city.id}-replay-{digest}", digest, fresh)
    task = _Task(by_rule(city), seed, end, threads, folder)
    with alone(folder):
        try:
            _make(task, replicates, workers or cores(), progress or ignore)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(_kept(folder, replicates)) from None
        except WorkersLostError as error:
            raise WorkersLostError(f"{error} {_kept(folder, replicates)}") from error
    found = Replay(city, seed, end, tuple(_read(_place(folder, index)) for index in range(replicates)))
    write_text(folder / "replay.json", json.dumps(found.as_dict(), indent=2, ensure_ascii=False) + "\n")
    return found


def _make(task: _Task, replicates: int, workers: int, progress: Watcher) -> None:
    """Make the missing replicates, each worker the next one."""
    from racketsim.ensembles.warm import compiling_ahead

    missing = [index for index in range(replicates) if not _place(task.folder, index).exists()]
    done = replicates - len(missing)
    if done:
        progress(Progress(done, replicates, note=f"{done} of {replicates} replicates were finished before"))

    def told(_index: int, _result: None) -> None:
        nonlocal done
        done += 1
        progress(Progress(done, replicates))

    def lost(left: int) -> None:
        progress(Progress(done, replicates, note=f"a worker was killed; going on with {left}"))

    if not missing:
        return
    with compiling_ahead(task.scenario, workers) as cold:
        run_each(task, missing, workers=workers, done=told, lost=lost, threads=task.threads, first_alone=cold)


def _folder(place: Path, digest: str, fresh: bool) -> Path:
    """Return the folder of a replay, made where there is none; refuse one that holds anything else."""
    folder = place.expanduser().absolute()
    mark = folder / "digest"
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is a file; --out names a folder for what a replay finds.")
    if folder.is_dir() and any(folder.iterdir()) and not mark.is_file():
        raise InputError(f"{folder}: the folder holds something that is no replay; name another place with --out.")
    if mark.is_file() and (fresh or mark.read_text(encoding="utf-8").strip() != digest):
        if not fresh:
            raise InputError(
                f"{folder}: holds another replay (other numbers, seed, end or code); name another place with --out, "
                "or start again with --fresh."
            )
        shutil.rmtree(folder / "replicates", ignore_errors=True)
    make_folder(folder / "replicates")
    write_text(mark, digest + "\n")
    return folder


def _place(folder: Path, index: int) -> Path:
    return folder / "replicates" / f"{index:04d}.json"


def _read(path: Path) -> Found:
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        runs = (tuple(date.fromisoformat(day) for day in plain[name]) for name in ("run", "run_by_cause"))
        return Found(plain["happened"], *runs)
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{path}: the file is damaged. Delete it and run again.") from None


def _kept(folder: Path, replicates: int) -> str:
    done = sum(_place(folder, index).exists() for index in range(replicates))
    return f"{done} of {replicates} replicates are finished and lie in {folder}; the same command goes on from there."


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
