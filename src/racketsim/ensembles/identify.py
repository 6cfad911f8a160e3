"""Whether the hypothesis that incumbents steer protests (A20) could be told from data: runs under each setting.

Each setting is run with seeds of its own, for replicates that share their draws would look alike whatever the setting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from racketsim.ensembles.processes import cores, run_each
from racketsim.ensembles.replicates import MOST_SEED, Progress, Watcher, ignore, last_day
from racketsim.errors import InputError, did_you_mean
from racketsim.mechanisms.crowd import CAPTURE
from racketsim.results.identifiability import EVERYTHING, OBSERVABLES, Floats, Verdict, judge, observe
from racketsim.results.records import months_complete
from racketsim.scenario.load import as_scenario
from racketsim.scenario.model import Scenario

_MECHANISM, _PARAMETER = "crowd", "capture"
WINDOWS = (1, 2, 3, 6, 12, 24, 36, 48, 72)
"""Months of data that are tried, as far as there are so many."""


@dataclass(frozen=True)
class Identification:
    """What tells the settings of the hypothesis apart: `verdicts` by observable and months of data, fewest first.

    `monthly[name]` holds each observable as [setting, replicate, month, series].
    """

    scenario: Scenario
    seed: int
    until: date
    settings: tuple[str, ...]
    monthly: dict[str, Floats]
    verdicts: tuple[Verdict, ...]

    @property
    def replicates(self) -> int:
        """Replicates of each setting."""
        return int(next(iter(self.monthly.values())).shape[1])

    @property
    def months(self) -> int:
        """Most months of data that were looked at."""
        return max(verdict.months for verdict in self.verdicts)

    def at(self, months: int) -> list[Verdict]:
        """Return the verdicts with `months` months of data, one an observable."""
        return [verdict for verdict in self.verdicts if verdict.months == months]

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values, for machines; None stands for never."""
        return {
            "scenario": self.scenario.id,
            "scenario_sha256": self.scenario.digest,
            "seed": self.seed,
            "replicates": self.replicates,
            "until": self.until.isoformat(),
            "settings": {name: CAPTURE[name] for name in self.settings},
            "by_chance": 1.0 / len(self.settings),
            "verdicts": [_plain(verdict) for verdict in self.verdicts],
        }


def identify(
    scenario: str | Path | Scenario = "lima-2023",
    settings: Sequence[str] = ("off", "weak", "strong"),
    *,
    replicates: int = 20,
    months: int = 24,
    seed: int = 1,
    until: date | str | None = None,
    workers: int | None = None,
    threads: int = 1,
    progress: Watcher | None = None,
) -> Identification:
    """Run the scenario under each setting of protest capture, and report which observables tell them apart.

    Args:
        scenario: name of a shipped scenario, a folder, or a scenario that was loaded.
        settings: two or more of "off", "weak", "strong".
        replicates: runs of each setting, at least 3.
        months: most months of data, up to `until`, that are looked at.
        seed: replicate r of setting k has the seed `seed + k * replicates + r`.
        until: last day of the data; the scenario's end by default.
        workers: processes, one a core by default.
        threads: threads of each simulation.
        progress: told of every run.

    Raises:
        InputError: something given cannot be used.
        KeyboardInterrupt: Ctrl-C.
    """
    city = as_scenario(scenario)
    _check(settings, replicates, months, seed)
    end = last_day(until, city) or city.end
    variants = tuple(with_capture(city, CAPTURE[name]) for name in settings)
    complete = months_complete(city.start, end, _months_between(city.start, end))
    if complete < 1:
        raise InputError(f"until: {end} leaves no whole month of data.")
    task = _Run(variants, seed, end, complete, replicates, threads)
    found = _run(task, len(settings) * replicates, workers or cores(), progress or ignore)
    monthly = {
        name: np.stack([one[name] for one in found]).reshape(len(settings), replicates, complete, -1)
        for name in OBSERVABLES
    }
    most = min(months, complete)
    windows = sorted({window for window in WINDOWS if window < most} | {most})
    everything = np.concatenate(list(monthly.values()), axis=-1)
    verdicts = tuple(
        judge(name, values, settings, window)
        for window in windows
        for name, values in ({**monthly, EVERYTHING: everything}).items()
    )
    return Identification(city, seed, end, tuple(settings), monthly, verdicts)


def with_capture(scenario: Scenario, value: float) -> Scenario:
    """Return the scenario with another strength of protest capture.

    Raises:
        InputError: the scenario has no such number.
    """
    held = scenario.parameters.get(_MECHANISM, {})
    if _PARAMETER not in held:
        raise InputError(f"the scenario has no number parameters.{_MECHANISM}.{_PARAMETER}.")
    changed = {**held, _PARAMETER: replace(held[_PARAMETER], value=value)}
    return replace(scenario, parameters={**scenario.parameters, _MECHANISM: changed})


@dataclass(frozen=True, slots=True)
class _Run:
    """What a worker needs to make one run and to look at it from outside."""

    variants: tuple[Scenario, ...]
    seed: int
    until: date
    months: int
    replicates: int
    threads: int

    def __call__(self, index: int) -> dict[str, Floats]:
        from racketsim.simulation import Sim

        scenario = self.variants[index // self.replicates]
        sim = Sim(scenario, seed=self.seed + index, threads=self.threads).run(self.until)
        return observe(scenario, sim.groups, self.months, sim.records, sim.log, sim.claims)


def _run(task: _Run, runs: int, workers: int, progress: Watcher) -> list[dict[str, Floats]]:
    """Return what was observed in each run."""
    from racketsim.ensembles.warm import compiling_ahead

    found: dict[int, dict[str, Floats]] = {}

    def done(index: int, seen: dict[str, Floats]) -> None:
        found[index] = seen
        progress(Progress(len(found), runs))

    def lost(left: int) -> None:
        progress(Progress(len(found), runs, note=f"a worker was killed; going on with {left}"))

    with compiling_ahead(task.variants[0], workers) as cold:
        run_each(task, range(runs), workers=workers, done=done, lost=lost, threads=task.threads, first_alone=cold)
    return [found[index] for index in range(runs)]


def _check(settings: Sequence[str], replicates: int, months: int, seed: int) -> None:
    for name in settings:
        if name not in CAPTURE:
            raise InputError(
                f"settings: '{name}' is not known; allowed: {', '.join(CAPTURE)}.{did_you_mean(name, CAPTURE)}"
            )
    if len(set(settings)) < 2 or len(set(settings)) < len(settings):
        raise InputError("settings: give two or more different ones, to be told apart.")
    if replicates < 3:
        raise InputError(f"replicates: {replicates} is too few; a spread within settings takes 3 or more.")
    if months < 1:
        raise InputError(f"months: {months} is too few; give 1 or more.")
    if not 0 <= seed <= MOST_SEED - len(settings) * replicates:
        raise InputError(f"seed: {seed} is out of range; allowed: 0 to 2**63 - 1, the replicates' seeds included.")


def _months_between(start: date, end: date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month + 1


def _plain(verdict: Verdict) -> dict[str, Any]:
    pairs = {
        " or ".join(pair): {
            "auc": verdict.auc[pair],
            "months_needed": None if verdict.needed[pair] == float("inf") else verdict.needed[pair],
        }
        for pair in verdict.auc
    }
    kept = {name: value for name, value in asdict(verdict).items() if name not in ("auc", "needed")}
    return {**kept, "pairs": pairs}
