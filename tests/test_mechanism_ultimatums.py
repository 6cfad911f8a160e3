"""Ultimatums: who sets deadlines, when they are met, and what violence or loss of belief follows."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from racketsim.engine.cells import CELL_STRIDE
from racketsim.engine.log import event_id
from racketsim.engine.streams import Stream
from racketsim.mechanisms.signal_rules import CARRIED_OUT, LET_PASS, MET
from racketsim.mechanisms.ultimatums import CROWD, NOBODY, Ultimatums
from racketsim.scenario.model import Scenario
from tests.mechanism_bench import Bench
from tests.mechanism_city import row_of_three

A, B, C = 0, 1, 2
NUMBERS: dict[str, float] = {
    "deadline": 3,
    "group_sets": 1.0,
    "group_acts": 1.0,
    "crowd_sets": 1.0,
    "crowd_acts": 1.0,
    "aftermath": 7,
    "group_violence": 2.0,
    "crowd_violence": 0.3,
    "crowd_loss": 0.5,
    "crowd_restore": 0.5,
    "crowd_half_life": 50.0,
}


@cache
def _city() -> Scenario:
    return row_of_three(groups=["local_norte", "gallegos", "remote_operators"])


def _bench(seed: int = 1, **numbers: Any) -> Bench:
    """Return three districts in a row with a local group (0), an entrant (1) and remote operators (2)."""
    bench = Bench(Ultimatums, _city(), {**NUMBERS, **numbers}, seed=seed)
    bench["members"][0], bench["members"][1] = 10, 30
    bench["members"][2] = 500
    bench["threat_district"][:] = NOBODY
    return bench


def _riot(bench: Bench, district: int, violent: int = 1, nth: int = 1) -> None:
    bench["protest_size"][district], bench["protest_violent"][district] = 400, violent
    bench["protest_nth"][district] = nth


def _by_crowd(**numbers: Any) -> Bench:
    """Return a bench in which a riot in B on day 10 has told group 1 to leave within three days."""
    bench = _bench(**numbers)
    _riot(bench, B, nth=4)
    bench.run(10)
    bench.quiet()
    return bench


def _by_group(**numbers: Any) -> Bench:
    """Return a bench in which group 1 has told the crowd of A on day 10 to be quiet for three days."""
    bench = _bench(**numbers)
    bench["public_threat"][1], bench["threat_district"][1], bench["threats"][1, A] = 1, A, 2
    bench.run(10)
    bench.quiet()
    return bench


def test_a_riot_tells_the_group_with_most_members_to_leave() -> None:
    bench = _by_crowd()
    (event,) = bench.events("ultimatum")
    assert (event["district"], event["group"], event["rival"], event["count"]) == (B, NOBODY, 1, 3)
    assert event["caused_by"] == event_id(int(Stream.OUTBREAK), B, 4)
    assert bench["ultimatum_who"].tolist() == [NOBODY, CROWD, NOBODY]
    assert bench["ultimatum_whom"][B] == 1
    assert bench["ultimatum_deadline"][B] == 13


def test_a_public_threat_may_tell_the_crowd_to_be_quiet() -> None:
    bench = _by_group()
    (event,) = bench.events("ultimatum")
    assert (event["district"], event["group"], event["rival"]) == (A, 1, NOBODY)
    assert event["caused_by"] == event_id(int(Stream.PUBLIC_THREAT_WAIT), CELL_STRIDE + A, 2)


def test_peaceful_protests_and_riots_where_no_group_is_set_no_deadline() -> None:
    bench = _bench()
    _riot(bench, A, violent=0)
    bench["members"][:2, C] = 0
    _riot(bench, C)
    bench.run(0)
    assert bench.events("ultimatum") == []


def test_one_deadline_at_a_time_runs_in_a_district() -> None:
    bench = _by_crowd()
    _riot(bench, B, nth=5)
    bench.run(11)
    assert len(bench.events("ultimatum")) == 1
    assert bench["ultimatum_deadline"][B] == 13


def test_nothing_happens_before_the_deadline() -> None:
    bench = _by_crowd()
    bench.run(11, 12)
    assert bench.events("ultimatum_outcome") == []
    assert bench["crowd_resolve"].max() == 0.0
    bench.run(13)
    (outcome,) = bench.events("ultimatum_outcome")
    (ultimatum,) = bench.events("ultimatum")
    assert outcome["caused_by"] == ultimatum["event_id"]
    assert bench["ultimatum_deadline"][B] == NOBODY


def test_a_crowd_that_acts_is_more_violent_for_the_aftermath_alone() -> None:
    bench = _by_crowd()
    bench["crowd_credibility"][:] = 1.0
    bench.run(11, 13)
    assert bench.events("ultimatum_outcome")[0]["count"] == CARRIED_OUT
    np.testing.assert_allclose(bench["crowd_resolve"], [0.0, 0.3, 0.0])
    bench.run(14, 20)
    assert bench["crowd_resolve"][B] == 0.3
    bench.run(21)
    assert bench["crowd_resolve"][B] == 0.0


def test_a_crowd_that_lets_its_deadline_pass_is_believed_less_for_a_time() -> None:
    bench = _by_crowd(crowd_acts=0.0)
    bench.run(11, 13)
    assert bench.events("ultimatum_outcome")[0]["count"] == LET_PASS
    np.testing.assert_allclose(bench["crowd_credibility"], [1.0, 0.5, 1.0])
    assert bench["crowd_resolve"].max() == 0.0
    bench.run(14, 63)
    assert bench["crowd_credibility"][B] == pytest.approx(0.75)


def test_a_crowd_whose_demand_is_met_is_quiet_and_believed() -> None:
    bench = _by_crowd(crowd_acts=0.0)
    bench["members"][1, B] = 0
    bench.run(11, 13)
    assert bench.events("ultimatum_outcome")[0]["count"] == MET
    assert bench["crowd_credibility"][B] == 1.0
    assert bench["crowd_resolve"].max() == 0.0


def test_a_crowd_that_nobody_believes_sets_no_deadline() -> None:
    bench = _bench()
    bench["crowd_credibility"][:] = 0.0
    bench.mechanism._keep = 1.0
    _riot(bench, B)
    bench.run(0)
    assert bench.events("ultimatum") == []


def test_a_group_that_is_defied_is_more_violent_for_the_aftermath_alone() -> None:
    bench = _by_group()
    _riot(bench, A, violent=0)
    bench.run(11)
    bench.quiet()
    bench.run(12, 13)
    assert bench.events("ultimatum_outcome")[0]["count"] == CARRIED_OUT
    assert bench["deadline_kept"][:3].tolist() == [0, 1, 0]
    np.testing.assert_allclose(bench["deadline_violence"][:3], [1.0, 2.0, 1.0])
    bench.run(14)
    assert bench["deadline_kept"].max() == 0  # told once
    bench.run(15, 20)
    assert bench["deadline_violence"][1] == 2.0
    bench.run(21)
    assert bench["deadline_violence"][1] == 1.0


@pytest.mark.parametrize("why", ["unwilling", "gone"])
def test_a_group_that_is_defied_and_does_nothing_is_told_to_signals(why: str) -> None:
    bench = _by_group(group_acts=0.0 if why == "unwilling" else 1.0)
    _riot(bench, A, violent=0)
    bench.run(11)
    bench.quiet()
    if why == "gone":
        bench["members"][1, A] = 0
    bench.run(12, 13)
    assert bench.events("ultimatum_outcome")[0]["count"] == LET_PASS
    assert bench["deadline_kept"][:3].tolist() == [0, -1, 0]
    assert bench["deadline_violence"].max() == 1.0


def test_a_group_whose_demand_is_met_neither_acts_nor_loses() -> None:
    bench = _by_group()
    _riot(bench, B, violent=0)  # elsewhere
    bench.run(11, 13)
    assert bench.events("ultimatum_outcome")[0]["count"] == MET
    assert bench["deadline_kept"].any() == 0
    assert bench["deadline_violence"].max() == 1.0


@pytest.mark.parametrize(("name", "make"), [("crowd_sets", "crowd"), ("group_sets", "group")])
def test_deadlines_are_set_with_the_stated_chance(name: str, make: str) -> None:
    chance, tries = 0.3, 400
    numbers: dict[str, Any] = {name: chance}
    bench = _bench(**numbers)
    for day in range(tries):
        bench["ultimatum_deadline"][:] = NOBODY
        if make == "crowd":
            _riot(bench, B)
        else:
            bench["public_threat"][1], bench["threat_district"][1] = 1, A
            bench["threats"][1, A] += 1
        bench.run(day)
    found = len(bench.events("ultimatum"))
    assert abs(found - chance * tries) < 4 * np.sqrt(tries * chance * (1 - chance))


def test_deadlines_are_kept_with_the_stated_chance() -> None:
    outcomes = []
    for seed in range(150):
        bench = _by_crowd(seed=seed, crowd_acts=0.4)
        bench.run(11, 13)
        outcomes.append(bench.events("ultimatum_outcome")[0]["count"])
    kept = outcomes.count(CARRIED_OUT)
    assert kept + outcomes.count(LET_PASS) == 150
    assert abs(kept - 60) < 4 * np.sqrt(150 * 0.4 * 0.6)
