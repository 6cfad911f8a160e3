"""Public threats: who makes them, who believes them, what they cost, and what becomes of those that nothing follows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest

from racketsim.engine.cells import CELL_STRIDE
from racketsim.engine.log import event_id
from racketsim.engine.streams import Stream
from racketsim.mechanisms import signal_rules as rules
from racketsim.mechanisms.signals import Signals
from racketsim.scenario.model import Scenario
from tests.mechanism_bench import Bench
from tests.mechanism_city import row_of_three

A, B, C = 0, 1, 2
OFTEN = 1.0
NUMBERS: dict[str, float] = {
    "arrest_weight": 1.0,
    "riot_weight": 1.0,
    "rival_weight": 0.5,
    "pressure_half_life": 10.0,
    "rate": 0.0,
    "force": 0.4,
    "reach_neighbours": 0.5,
    "reach_city": 0.25,
    "half_life": 20.0,
    "window": 5,
    "resolve": 1.5,
    "discount": 0.6,
    "restore": 0.5,
    "priority_threat": 1.0,
    "priority_half_life": 10.0,
    "priority_most": 4.0,
}


@cache
def _city() -> Scenario:
    return row_of_three(groups=["local_norte", "gallegos", "remote_operators"])


def _bench(seed: int = 1, ready: bool = True, **numbers: Any) -> Bench:
    """Return three districts in a row, with a local group (0) and an entrant (1) in each."""
    bench = Bench(Signals, _city(), {**NUMBERS, **numbers}, seed=seed)
    if ready:  # every cell threatens as soon as it is under pressure
        bench["threat_threshold"][:] = 1e-9
    bench["members"][:2] = 20
    bench["violence"][:] = 1.0
    return bench


def _threatened(**numbers: Any) -> Bench:
    """Return a bench in which group 1 has threatened in district A on day 0, and nothing happens after."""
    bench = _bench(**{"rate": OFTEN, **numbers})
    bench["arrested"][1, A] = 5
    bench.run(0)
    bench["threat_threshold"][:] = 1e9
    bench.quiet()
    return bench


def test_arrests_press_a_group_by_the_share_of_its_members_and_fade() -> None:
    bench = _bench()
    bench["arrested"][1, A] = 15
    bench.run(0)
    assert bench["pressure"][1, A] == pytest.approx(15 / 75)
    assert bench["pressure"][0].sum() == 0.0
    bench.quiet()
    bench.run(1, 10)
    assert bench["pressure"][1, A] == pytest.approx(0.5 * 15 / 75)


def test_riots_press_those_whose_vehicles_are_said_to_be_burnt_else_those_who_are_there() -> None:
    bench = _bench()
    bench["protest_size"][:] = 300
    bench["protest_violent"][[A, B]] = 1
    bench["burnt_reported_by_group"][1, B] = 2
    bench.run(0)
    np.testing.assert_allclose(bench["pressure"][:2, A], [0.15, 0.15])
    np.testing.assert_allclose(bench["pressure"][:2, B], [0.0, 0.3])
    np.testing.assert_allclose(bench["pressure"][:, C], 0.0)  # a peaceful protest


def test_rivals_who_come_press_those_who_are_there_and_those_whom_they_drive_out() -> None:
    bench = _bench()
    bench["moving"][1, A] = 10
    bench["displaced"][0, B] = -20
    bench["members"][0, B] = 0
    bench.run(0)
    assert bench["pressure"][0, A] == pytest.approx(0.5 * 10 / 20)
    assert bench["pressure"][0, B] == pytest.approx(0.5)
    assert bench["pressure"][1].sum() == 0.0


def test_remote_operators_and_groups_without_members_do_not_threaten() -> None:
    bench = _bench(rate=OFTEN)
    bench["arrested"][2, A] = 5  # remote
    bench["members"][1] = 0
    bench["arrested"][1, B] = 5  # all of them are in custody
    bench.run(0)
    assert bench.events("public_threat") == []


def test_threats_come_at_the_stated_rate_and_more_from_violent_groups() -> None:
    counts = np.zeros(2)
    for seed in range(40):
        bench = _bench(seed, ready=False, rate=0.02, pressure_half_life=1e4, arrest_weight=1.0)
        bench["violence"][1] = 3.0
        bench["arrested"][:2, A] = 60  # a pressure of one half
        bench.run(0)
        bench.quiet()
        bench.run(1, 100)
        counts += bench["threats"][:2].sum(axis=1)
    expected = np.array([1.0, 3.0]) * 0.02 * 0.5 * 101 * 40
    assert np.all(np.abs(counts - expected) < 4 * np.sqrt(expected))


def test_a_threat_is_believed_less_the_farther_away_and_is_forgotten() -> None:
    bench = _threatened(discount=0.0)
    np.testing.assert_allclose(bench["threat_credibility"][:, 1], [0.4, 0.2, 0.1])
    np.testing.assert_allclose(bench["threat_credibility"][:, 0], 0.0)
    np.testing.assert_allclose(bench["threat_alarm"], [1.0, 0.5, 0.25])
    bench.run(1, 20)
    np.testing.assert_allclose(bench["threat_credibility"][:, 1], [0.2, 0.1, 0.05])
    np.testing.assert_allclose(bench["threat_alarm"], 0.0)


def test_a_threat_names_what_caused_it() -> None:
    bench = _bench(rate=OFTEN)
    bench["arrested"][1, A] = 5
    bench["arrest_key"][1, A] = arrest = event_id(int(Stream.ARREST_SIZE), CELL_STRIDE + A, 7)
    bench["protest_size"][C], bench["protest_violent"][C], bench["protest_nth"][C] = 500, 1, 3
    bench.run(0)
    by_place = {(e["group"], e["district"]): e for e in bench.events("public_threat")}
    riot = event_id(int(Stream.OUTBREAK), C, 3)
    assert by_place[1, A]["caused_by"] == arrest
    assert by_place[1, C]["caused_by"] == by_place[0, C]["caused_by"] == riot
    assert len({e["event_id"] for e in by_place.values()}) == len(by_place) == 3


def test_a_group_that_threatens_is_hunted_harder_for_a_time() -> None:
    bench = _threatened()
    np.testing.assert_allclose(bench["state_priority"][:2], [1.0, 2.0])
    bench.run(1, 10)
    assert bench["state_priority"][1] == pytest.approx(1.5)
    often = _bench(rate=OFTEN, priority_threat=2.0)
    often["arrested"][1] = 5  # in every district, every day
    for day in range(4):
        often["threat_threshold"][:] = 1e-9
        often.run(day)
    assert often["state_priority"][1] == 4.0  # the most


def test_a_threat_without_an_act_is_discounted_and_so_is_the_next() -> None:
    bench = _threatened(half_life=1e4)
    bench.run(1, 4)
    assert bench["threat_standing"][1] == 1.0
    assert bench["threat_violence"][1] == 1.5
    bench.run(5)
    assert bench["threat_standing"][1] == pytest.approx(0.4)
    assert bench["threat_credibility"][A, 1] == pytest.approx(0.4 * 0.4, rel=1e-3)
    assert bench["threat_violence"][1] == 1.0
    bench.run(6, 40)
    assert bench["threat_standing"][1] == pytest.approx(0.4)  # once


@pytest.mark.parametrize("hurt", [{"injured": 1}, {"killed": 1}])
def test_an_act_keeps_a_threat_believed(hurt: Mapping[str, Any]) -> None:
    bench = _threatened(half_life=1e4)
    bench["threat_standing"][1] = 0.5
    bench.run(1, 2)
    bench.incident(C, 1, **hurt)
    bench.run(3)
    bench.quiet()
    bench.run(4, 40)
    assert bench["threat_standing"][1] == pytest.approx(0.75)
    assert bench["threat_credibility"][A, 1] == pytest.approx(0.4, rel=1e-2)


@pytest.mark.parametrize(
    "what", [{"group": 0, "injured": 1}, {"group": 1}, {"group": 1, "injured": 1, "public": False}]
)
def test_acts_of_others_acts_that_hurt_nobody_and_acts_unseen_do_not_count(what: Mapping[str, Any]) -> None:
    bench = _threatened()
    bench.incident(A, **what)
    bench.run(1)
    bench.quiet()
    bench.run(2, 9)
    assert bench["threat_standing"][1] == pytest.approx(0.4)


def test_ultimatums_that_groups_keep_or_let_pass_change_their_standing() -> None:
    bench = _bench()
    bench["threat_standing"][:2] = 0.8
    bench["deadline_kept"][:2] = [1, -1]
    bench.run(0)
    np.testing.assert_allclose(bench["threat_standing"][:2], [0.9, 0.32])


def test_words_that_are_worn_out_move_nobody() -> None:
    bench = _bench(rate=OFTEN)
    bench["threat_standing"][1] = 0.0
    bench["arrested"][1, A] = 5
    bench.run(0)
    assert len(bench.events("public_threat")) == 1
    assert bench["threat_credibility"].max() == 0.0
    assert bench["threat_alarm"].max() == 0.0


def test_perceived_punishment_combines_what_was_seen_and_what_was_threatened() -> None:
    seen, said = np.array([0.0, 0.3, 0.3, 1.0]), np.array([0.4, 0.0, 0.5, 0.5])
    np.testing.assert_allclose(rules.perceived_punishment(seen, said), [0.4, 0.3, 0.65, 1.0])


def test_on_a_quiet_day_nothing_is_said_and_nothing_changes() -> None:
    bench = _bench(rate=OFTEN)
    before = {name: array.copy() for name, array in bench.state.items()}
    bench.run(0, 30)
    for name, array in bench.state.items():
        np.testing.assert_array_equal(array, before[name], err_msg=name)
    assert bench.log.given == []
