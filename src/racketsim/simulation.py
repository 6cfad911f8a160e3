"""`Sim`: one run of a scenario, from the first day to the last, that can be forked, saved and continued."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Self

import numpy as np

from racketsim.city.city import City
from racketsim.elements import read_without
from racketsim.engine import plan, snapshot
from racketsim.engine.log import EventLog
from racketsim.engine.mechanism import Array, Mechanism
from racketsim.engine.stopwatch import Step, Stopwatch
from racketsim.errors import InputError
from racketsim.mechanisms.demand import Demand
from racketsim.mechanisms.policies import Policies
from racketsim.mechanisms.registry import DAY, PREPARATION, RECORDED
from racketsim.mechanisms.state import State
from racketsim.policies import triggered
from racketsim.policies.base import Policy, as_date, as_whole, check_policies
from racketsim.policies.registry import POLICIES, is_shipped
from racketsim.results.reading import Readable
from racketsim.scenario.load import as_scenario, load_scenario
from racketsim.scenario.model import Role, Scenario

Progress = Callable[[date], None]
MOST_THREADS = 4096


@dataclass(frozen=True, slots=True)
class GroupInfo:
    """A group of a run: one of the scenario's, or one that broke away from another during the run."""

    id: str
    name: str
    role: Role
    brand: str


class Sim(Readable):
    """One simulated city.

    Args:
        scenario: name of a shipped scenario, folder of one's own, or a loaded `Scenario`.
        seed: any integer from 0 to 2**64 - 1; the same seed gives the same bits, on any number of threads.
        policies: what-ifs that run beside the policies of the scenario: objects of `racketsim.policies`, or any
            function `policy(city, day)`.
        overrides: numbers of the scenario to replace, by dotted key, e.g. `{"parameters.decision.noise": 0.5}`.
        threads: threads for the parts that fire targets.
        without: elements to switch off, e.g. `("A3", "A12")`; `racketsim elements` says which can be and what it means.
        by_rule: whether the state answers crime by the rules of the scenario alone, from the first day; its dated
            responses (captures, special units, operations, emergencies) are left out.
        keep_events: whether events and claims are kept; leaving them out saves memory and changes nothing else.

    Raises:
        InputError: where the scenario, a policy or an override cannot be used.
    """

    def __init__(
        self,
        scenario: str | Path | Scenario = "lima-2023",
        seed: int = 1,
        *,
        policies: Sequence[Any] = (),
        overrides: Mapping[str, str | float] | None = None,
        threads: int = 1,
        without: Sequence[str] = (),
        by_rule: bool = False,
        keep_events: bool = True,
    ) -> None:
        seed = as_whole(seed, "seed", 0, 2**64 - 1)
        threads = as_whole(threads, "threads", 1, MOST_THREADS)
        scenario = as_scenario(scenario, overrides)
        begun = time.perf_counter()
        self.scenario = triggered.by_rule(scenario) if by_rule else scenario
        self.seed = seed
        self.threads = threads
        self.without = read_without(without)
        self.next_day = 0
        self._city = City(self.scenario, seed)
        self._log = EventLog(keep_events)
        self._mechanisms = self._build()
        self._set_policies(policies)
        self._state = plan.allocate(self._city, DAY)
        plan.bind(self._mechanisms.values(), self._state)
        for mechanism in PREPARATION:
            self._mechanisms[mechanism.name].prepare()
        self._seconds = {"setup": time.perf_counter() - begun, "run": 0.0}
        self._stopwatch = Stopwatch(self._awake)

    def _build(self) -> dict[str, Mechanism]:
        plan.check(DAY)
        built = {}
        for mechanism in DAY:
            given = self.scenario.parameters.get(mechanism.name, {})
            values = {name: quantity.value for name, quantity in given.items()}
            built[mechanism.name] = mechanism(self._city, mechanism.Parameters(**values), self._log, self.without)
        demand = built[Demand.name]
        assert isinstance(demand, Demand)
        demand.threads = self.threads
        return built

    def __repr__(self) -> str:
        reached = f"simulated to {self.day}" if self.next_day else "not simulated yet"
        period = f"{self.scenario.start} to {self.scenario.end}"
        return f"<Sim of '{self.scenario.id}', seed {self.seed}: {reached}, of {period}>"

    @property
    def by_rule(self) -> bool:
        """Whether the state answers by the rules of the scenario alone."""
        return self.scenario.by_rule

    @property
    def _awake(self) -> dict[str, Mechanism]:
        """The mechanisms that have a step in this run: all but those that an element switched off lays to rest."""
        return {name: mechanism for name, mechanism in self._mechanisms.items() if not mechanism.rests}

    def _set_policies(self, policies: Sequence[Any]) -> None:
        check_policies(policies, self.scenario)
        known = [POLICIES[spec.kind].from_spec(spec, self.scenario.districts) for spec in self.scenario.policies]
        self.policies = tuple(policies)
        mechanism = self._mechanisms[Policies.name]
        assert isinstance(mechanism, Policies)
        mechanism.follow((*known, *policies))
        state = self._mechanisms[State.name]
        assert isinstance(state, State)
        state.follow(mechanism.policies)

    @property
    def day(self) -> date:
        """The last day that was simulated; the day before the start where none was."""
        return self._city.date_of(self.next_day - 1)

    @property
    def plan(self) -> list[plan.PlanRow]:
        """The day as a table: each step with what it reads, writes and draws."""
        return plan.rows(DAY)

    def run(self, until: date | str | None = None, progress: Progress | None = None) -> Self:
        """Simulate to `until` (inclusive; default: the end of the scenario) and return this simulation.

        `progress` is called with the date at the end of every month.
        """
        return self._advance(until, progress, list(self._steps.values()))

    def run_profiled(self, until: date | str | None = None, progress: Progress | None = None) -> Self:
        """Simulate like `run`, to the same bits, and add the seconds of each mechanism to `profile`."""
        with self._stopwatch.timing(self._steps) as steps:
            first = self.next_day
            self._advance(until, progress, steps)
            self._stopwatch.days += self.next_day - first
        return self

    @property
    def _steps(self) -> dict[str, Step]:
        return {name: mechanism.step for name, mechanism in self._awake.items()}

    @property
    def profile(self) -> dict[str, float]:
        """Seconds of each mechanism, of machine code and of the loop over days; empty without `run_profiled`."""
        return dict(self._stopwatch.seconds) if self._stopwatch.days else {}

    def _advance(self, until: date | str | None, progress: Progress | None, steps: Sequence[Step]) -> Self:
        last = self._last_day(until)
        begun = time.perf_counter()
        month = self._city.month_of_day
        while self.next_day <= last:
            today = self.next_day
            try:
                for step in steps:
                    step(today)
            except OverflowError as error:
                raise InputError(
                    f"{self._city.date_of(today)}: {error}; a rate of the scenario is far too high"
                ) from None
            self.next_day += 1
            if progress and (today == last or month[today + 1] != month[today]):
                progress(self.day)
        self._seconds["run"] += time.perf_counter() - begun
        return self

    def _last_day(self, until: date | str | None) -> int:
        if until is None:
            return self._city.days - 1
        when = as_date(until, "until")
        if not self.scenario.start <= when <= self.scenario.end:
            raise InputError(
                f"until is {when}, outside the scenario '{self.scenario.id}' "
                f"({self.scenario.start} to {self.scenario.end})"
            )
        return self._city.day_of(when)

    @property
    def timing(self) -> dict[str, float]:
        """Seconds of set-up and run, target-days simulated, and target-days a second with set-up included."""
        done = float(self._city.targets) * self.next_day
        total = self._seconds["setup"] + self._seconds["run"]
        return {**self._seconds, "target_days": done, "target_days_per_second": done / total}

    @property
    def groups(self) -> list[GroupInfo]:
        """The groups of the run in the order of the results: those of the scenario, then those that broke away."""
        known = [GroupInfo(g.id, g.name, g.role, g.brand) for g in self.scenario.groups]
        known.append(GroupInfo("impostors", "Impostors", "impostor", ""))
        born = np.flatnonzero(self._state["alive"][len(known) :])
        siblings: dict[int, int] = {}
        for place in born + len(known):
            parent = int(self._state["parent"][place])
            siblings[parent] = siblings.get(parent, 0) + 1
            old = known[parent]
            suffix = siblings[parent]
            known.append(GroupInfo(f"{old.id}-{suffix}", f"{old.name}, faction {suffix}", old.role, old.brand))
        return known

    @property
    def records(self) -> dict[str, Array]:
        """Monthly results as arrays `[month, ...]` (see `racketsim.results.records`), to the month reached."""
        months = int(self._city.month_of_day[self.next_day - 1]) + 1 if self.next_day else 0
        groups = len(self.groups)
        results = {}
        for name, variable in RECORDED.items():
            table = self._state[f"m_{name}"][:months]
            if "group" in variable.dims:
                table = np.take(table, range(groups), axis=variable.dims.index("group"))
            results[name] = table.copy()
        return results

    @property
    def log(self) -> dict[str, Array]:
        """Events as columns, in the order in which they happened (see `racketsim.engine.log.EVENT_COLUMNS`)."""
        return self._log.events.columns()

    @property
    def claims(self) -> dict[str, Array]:
        """Claims of the press as columns (see `racketsim.engine.log.CLAIM_COLUMNS`)."""
        return self._log.claims.columns()

    def fork(self, policies: Sequence[Any] = ()) -> Sim:
        """Return a second simulation that shares the past of this one and has `policies` added from here on."""
        twin = Sim.__new__(Sim)
        twin.__dict__.update(self.__dict__)
        twin._log = EventLog(self._log.keep)
        twin._log.events.restore(self.log)
        twin._log.claims.restore(self.claims)
        twin._mechanisms = twin._build()
        twin._set_policies((*self.policies, *policies))
        twin._state = plan.allocate(self._city, DAY)
        for name in plan.lasting(DAY):
            twin._state[name][...] = self._state[name]
        plan.bind(twin._mechanisms.values(), twin._state)
        twin._seconds = {"setup": 0.0, "run": 0.0}
        twin._stopwatch = Stopwatch(twin._awake)
        return twin

    def save(self, path: str | Path) -> Path:
        """Write this simulation to one file, whole or not at all; `Sim.load` continues it to the same bits.

        Raises InputError where the file cannot be written.
        """
        lasting = {name: self._state[name] for name in plan.lasting(DAY)}
        about = {
            "scenario": str(self.scenario.path),
            "digest": self.scenario.digest,
            "inputs": self.scenario.inputs,
            "overrides": dict(self.scenario.overrides),
            "seed": self.seed,
            "next_day": self.next_day,
            "without": self.without,
            "by_rule": self.by_rule,
            "keep_events": self._log.keep,
            "policies": [p.describe() if is_shipped(p) else None for p in self.policies],
        }
        return snapshot.write(Path(path), about, lasting, self.log, self.claims)

    @classmethod
    def load(cls, path: str | Path, *, policies: Sequence[Any] = (), threads: int = 1) -> Sim:
        """Read a simulation that `save` has written.

        `policies` gives again, in their order, the policies that are functions or of classes of one's own: a file
        cannot hold code.

        Raises InputError where the file is not such a simulation, its scenario or the model has changed since, or it
        ran a scenario that its files and `overrides` do not make.
        """
        about, lasting, events, claims = snapshot.read(Path(path))
        own = iter(policies)
        try:
            known = [Policy.from_description(p) if p else next(own) for p in about["policies"]]
        except StopIteration:
            count = sum(p is None for p in about["policies"])
            raise InputError(
                f"{path}: saved with {count} policies that are functions or of classes of your own; give them as "
                "`policies`"
            ) from None
        sim = cls(
            load_scenario(about["scenario"], about["overrides"]),
            about["seed"],
            policies=known,
            threads=threads,
            without=about["without"],
            by_rule=about["by_rule"],
            keep_events=about["keep_events"],
        )
        if sim.scenario.digest != about["digest"]:
            raise InputError(f"{path}: the scenario in {sim.scenario.path} has changed since this was saved")
        if sim.scenario.inputs != about["inputs"]:
            raise InputError(
                f"{path}: saved with a scenario that was changed in Python, which a file cannot hold; "
                "give `overrides` and `by_rule` to Sim"
            )
        snapshot.restore(Path(path), {name: sim._state[name] for name in plan.lasting(DAY)}, lasting)
        sim._log.events.restore(events)
        sim._log.claims.restore(claims)
        sim.next_day = about["next_day"]
        return sim
