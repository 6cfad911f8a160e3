"""Causes in the log: whatever an event names as its cause is in the log, and policies are the cause of what they do."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from racketsim import Sim, load_scenario
from racketsim.engine.log import event_id, ordinal_of
from racketsim.engine.streams import Stream
from racketsim.mechanisms.policies import Levers, Starts
from racketsim.policies import Capture, MegaOperation, StateOfEmergency
from racketsim.policies.triggered import WHEN, Triggered
from racketsim.results.happenings import LEADS, SET_OFF_BY, Happening, Ran, happenings, leads
from racketsim.results.log import EventLog
from racketsim.results.vocabulary import EVENT_CODE
from racketsim.scenario.chain import CONTRADICTION, HAPPENINGS
from racketsim.scenario.model import ChainLink, PolicySpec, Quantity
from tests.test_determinism import BUSY

START, FORK, END = "2022-03-01", "2022-04-30", "2022-12-31"
DISTRICTS = ("Harbour", "Centre")
NUMBERS = {
    **BUSY,
    "parameters.punishment.propensity": 1.0,
    "parameters.policing.sweep": 0.002,
    "parameters.policies.emergency_officers": 1.0,
    "parameters.backlash.by_riot": 10.0,
    "parameters.backlash.rate": 1e-4,
}
"""With these the small city has, beside the rest, much mass harm, sweeps that arrest, and backlash on days of riots."""


def surge(start: str = START, officers: float = 300, **more: Any) -> MegaOperation:
    return MegaOperation(districts=DISTRICTS, officers=officers, start=start, **more)


class Sundays(MegaOperation):
    """In force on Sundays only; its first day, a Tuesday, is none."""

    def active(self, day: date) -> bool:
        return super().active(day) and day.weekday() == 6


class Idle(MegaOperation):
    """Deploys nobody on its first day."""

    def act(self, city: Levers, day: date) -> None:
        if day != self.start:
            super().act(city, day)


def rule(when: str, policy: str, **arguments: Any) -> Triggered:
    return Triggered(when, policy, lasts=20, delay=2, districts=DISTRICTS, arguments=arguments)


RULES = (
    *(rule(when, "mega_operation", officers=900.0) for when in WHEN),
    rule("mass_harm", "state_of_emergency"),
    rule("public_threat", "capture", members=5, group="harbour_band"),
)


def column(sim: Sim, name: str, what: str) -> np.ndarray:
    found: np.ndarray = sim.log[name][sim.log["type"] == EVENT_CODE[what]]
    return found


def policies_of(sim: Sim) -> tuple[Any, ...]:
    """Return all policies of a run, in its order."""
    return tuple(sim._mechanisms["policies"].policies)  # type: ignore[attr-defined]


def assert_no_cause_is_missing(sim: Sim) -> None:
    causes = sim.log["caused_by"]
    dangling = (causes != 0) & ~np.isin(causes, sim.log["event_id"])
    assert not dangling.any(), np.unique(sim.log["type"][dangling])


def arrests(sim: Sim, place: int) -> int:
    """Return the arrests that name as their cause the start of the policy in a place of the run."""
    starts = column(sim, "event_id", "policy_start")[column(sim, "count", "policy_start") == place]
    return int(np.isin(column(sim, "caused_by", "arrest"), starts).sum())


def swept(sim: Sim) -> np.ndarray:
    """Return which arrests are those of added officers."""
    found: np.ndarray = column(sim, "event_id", "arrest") >> np.uint64(56) == int(Stream.SWEEP_WAIT)
    return found


def simulate(city: Path, *policies: Any, until: str = END, seed: int = 6) -> Sim:
    """Return a run of the busy city with these policies and none of its own."""
    scenario = replace(load_scenario(city, NUMBERS), policies=())
    return Sim(scenario, seed=seed, policies=policies).run(until=until)


@pytest.fixture(scope="module")
def ruled(small_city: Path) -> tuple[Sim, ...]:
    """Return three finished runs of the busy city: two under many rules and a capture, one under two rules."""
    capture = Capture("harbour_band", 5, start="2022-04-01")
    given = (((*RULES, capture), 6), ((*RULES, capture), 7), (RULES[-2:], 6))
    return tuple(simulate(small_city, *policies, until="2023-06-30", seed=seed) for policies, seed in given)


def test_every_cause_is_in_the_log(ruled: tuple[Sim, ...]) -> None:
    for sim in ruled:
        assert_no_cause_is_missing(sim)
        for what in ("arrest", "policy_start", "public_threat", "trigger", "incident", "record", "vehicle_burnt"):
            assert (column(sim, "caused_by", what) != 0).any(), what


def test_a_policy_that_began_before_a_fork_is_no_cause_and_one_that_begins_after_is(small_city: Path) -> None:
    past = simulate(small_city, until="2022-04-30")
    for start in (START, "2022-05-02"):
        sim = past.fork([surge(start)]).run(until=END)
        assert_no_cause_is_missing(sim)
        assert column(sim, "caused_by", "arrest").size > 5
        assert bool(arrests(sim, len(policies_of(sim)) - 1)) == (start > START)


@pytest.mark.parametrize("keep", [Sundays, Idle], ids=["not active", "idle"])
def test_a_policy_whose_first_day_does_nothing_is_no_cause(small_city: Path, keep: type[MegaOperation]) -> None:
    sim = simulate(small_city, keep(districts=DISTRICTS, officers=300, start=START))
    assert swept(sim).any(), "its officers do arrest"
    assert not swept(sim).all(), "and there are arrests with a cause"
    assert not column(sim, "caused_by", "arrest")[swept(sim)].any()
    assert_no_cause_is_missing(sim)


def test_the_cause_survives_save_and_load(small_city: Path, tmp_path: Path) -> None:
    half = Sim(small_city, seed=6, overrides=NUMBERS, policies=[surge(officers=1000)]).run(until=START)
    later = Sim.load(half.save(tmp_path / "half.npz")).run(until=END)
    assert arrests(later, len(policies_of(later)) - 1) > arrests(half, len(policies_of(half)) - 1)
    assert_no_cause_is_missing(later)


def test_an_emergency_declared_twice_or_a_function_takes_no_cause(small_city: Path) -> None:
    """The second declaration adds no officers, so its start is not in the log; a function has no start."""

    def more(city: Levers, day: date) -> None:
        city.add_officers(500, DISTRICTS)

    twice = (StateOfEmergency(DISTRICTS, start=START), StateOfEmergency(DISTRICTS, start=START), more)
    sim = simulate(small_city, *twice)
    assert_no_cause_is_missing(sim)
    place = len(policies_of(sim)) - 3
    assert arrests(sim, place) > 0
    assert arrests(sim, place + 1) == 0


def test_a_capture_of_nobody_takes_no_cause(small_city: Path) -> None:
    sim = simulate(small_city, *(Capture("harbour_band", members, start="2022-02-01") for members in (5, 0)))
    assert_no_cause_is_missing(sim)
    assert arrests(sim, 0) > 0


def levers() -> tuple[Levers, dict[str, np.ndarray]]:
    """Return levers of three districts and two groups, and what they set."""
    arrays: dict[str, np.ndarray] = {
        "surge": np.zeros(3),
        "base_officers": np.array([100.0, 300.0, 100.0]),
        "emergency": np.zeros(3, np.uint8),
        "captures": np.zeros(2, np.int64),
        "surge_key": np.zeros(3, np.uint64),
        "capture_key": np.zeros(2, np.uint64),
    }
    return Levers(arrays, ["A", "B", "C"], ["band", "gang"], emergency_officers=0.5), arrays


def starts(first: int, *by_district: int) -> Starts:
    return Starts(first, np.array(by_district, dtype=np.uint64))


FIRST, SECOND, UNKNOWN = starts(11, 11, 12, 11), starts(21, 21, 21, 22), starts(0, 0, 0, 0)


@pytest.mark.parametrize("turned", [False, True])
def test_who_adds_most_officers_in_a_district_is_the_cause_there_in_any_order(turned: bool) -> None:
    city, arrays = levers()
    pulls = [(FIRST, 40, ["A", "B"]), (SECOND, 30, ["A", "C"]), (UNKNOWN, 900, ["A", "B", "C"])]
    for policy, officers, places in reversed(pulls) if turned else pulls:
        city._hand_to(policy)
        city.add_officers(officers, places)
    assert arrays["surge_key"].tolist() == [21, 12, 22]  # in A: 10 of the first, 15 of the second


def test_officers_of_one_policy_add_up_and_those_of_an_emergency_count() -> None:
    city, arrays = levers()
    city._hand_to(FIRST)
    city.declare_emergency(["A", "B"])  # 50 and 150
    city._hand_to(SECOND)
    city.add_officers(40, ["A"])
    city.declare_emergency(["A", "C"])  # nothing more in A
    assert arrays["surge_key"].tolist() == [11, 12, 22]
    city.add_officers(20, ["A"])
    assert arrays["surge_key"].tolist() == [21, 12, 22]


def test_a_capture_names_the_first_start_of_its_policy_and_one_without_takes_none() -> None:
    city, arrays = levers()
    city._hand_to(starts(31, 0, 0, 31))
    city.capture("gang", 5)
    city._hand_to(UNKNOWN)
    city.capture("gang", 3)
    city.capture("band", 3)
    assert arrays["capture_key"].tolist() == [0, 31]


def test_the_ordinal_is_read_from_an_id() -> None:
    for ordinal in (0, 7, 2**24 - 1):
        assert ordinal_of(int(event_id(int(Stream.PUNISHMENT), 2**32 - 1, ordinal))) == ordinal


POLICY_KINDS = ("mega_operation", "state_of_emergency", "capture")


def specs(sim: Sim) -> list[PolicySpec]:
    """Return the policies of a run as those of a scenario, as far as causes need them."""
    return [
        PolicySpec(p.kind, {"policy": p.policy, "when": p.when} if isinstance(p, Triggered) else {}, None, "", "")
        for p in policies_of(sim)
    ]


def times(sim: Sim) -> dict[str, list[Happening]]:
    """Return all that each kind of link can be in a run."""
    log = EventLog(sim.log, sim.scenario, sim.groups)
    ran = Ran(log, sim.claims, specs(sim), sim.next_day - 1, sim.seed)
    one = Quantity(1, "1", None, None, "", "")
    least = {kind: replace(one, value=2) if kind == CONTRADICTION else one for kind in (*HAPPENINGS, *POLICY_KINDS)}
    return {
        kind: happenings(ChainLink(kind, kind, kind, at_least, None, None, (), None, None, ""), ran)
        for kind, at_least in least.items()
    }


def direct_causes(sim: Sim) -> Counter[tuple[str, str]]:
    """Count the pairs of kinds of links of which the log leads from one to the other with no other link between."""
    caused_by = dict(zip(sim.log["event_id"].tolist(), sim.log["caused_by"].tolist(), strict=True))
    found, of_event = times(sim), dict[int, set[str]]()
    for kind, each in found.items():
        for event in {event for one in each for event in one.events} - {0}:
            of_event.setdefault(event, set()).add(kind)
    pairs: Counter[tuple[str, str]] = Counter()
    for kind, each in found.items():
        for one in each:
            for event in one.causes:
                while event and event not in of_event:
                    event = caused_by.get(event, 0)
                pairs.update((earlier, kind) for earlier in of_event.get(event, set()) if earlier != kind)
    return pairs


def test_the_log_leads_from_link_to_link_where_the_table_says_so_and_nowhere_else(ruled: tuple[Sim, ...]) -> None:
    pairs = sum((direct_causes(sim) for sim in ruled), Counter[tuple[str, str]]())
    told = {(earlier, later) for later, causes in LEADS.items() for earlier in causes}
    assert told <= set(pairs), told - set(pairs)
    unforeseen = {pair for pair in pairs if not leads(*pair, specs(ruled[0]))}
    assert not unforeseen


def test_rules_name_what_the_table_says_and_those_on_sums_nothing(ruled: tuple[Sim, ...]) -> None:
    found: dict[str, set[str]] = {}
    for sim in ruled:
        events = {kind: {event for one in each for event in one.events} - {0} for kind, each in times(sim).items()}
        for place, cause in zip(column(sim, "count", "trigger"), column(sim, "caused_by", "trigger"), strict=True):
            kinds = {kind for kind, of_kind in events.items() if int(cause) in of_kind}
            found.setdefault(policies_of(sim)[place].when, set()).update(kinds)
    assert found == {when: set(SET_OFF_BY.get(when, ())) for when in WHEN}
