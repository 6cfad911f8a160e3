"""The rules of the state: what sets them off, when and where, and what holds them back."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from racketsim.engine.cells import CELL_STRIDE
from racketsim.engine.log import event_id, stream_bits
from racketsim.engine.mechanism import Variable
from racketsim.engine.streams import Stream
from racketsim.errors import InputError
from racketsim.mechanisms.state import NEVER, State
from racketsim.policies.triggered import Triggered
from racketsim.scenario.model import Scenario
from tests.mechanism_bench import Bench
from tests.mechanism_city import row_of_three

A, B, C = 0, 1, 2


@cache
def _city() -> Scenario:
    return row_of_three(groups=["local_norte", "gallegos"])


def _rule(when: str, threshold: float = 1.0, **options: Any) -> Triggered:
    given = {"policy": "state_of_emergency", "delay": 2, "lasts": 5, "cooldown": 0, **options}
    return Triggered(when=when, threshold=threshold, **given)


def _bench(*rules: Any) -> Bench:
    spent = Variable(("trigger",), "f8", "officer-days", "what a rule has taken so far")
    bench = Bench(State, _city(), given={"trigger_spent": spent})
    bench.mechanism.follow(rules)
    return bench


def _period(bench: Bench, number: int = 0) -> tuple[int, int]:
    return int(bench["trigger_first"][number]), int(bench["trigger_last"][number])


def _riot(bench: Bench, district: int, people: int = 500) -> None:
    bench["protest_size"][district], bench["protest_violent"][district] = people, 1
    bench["protest_nth"][district] += 1


def test_a_mass_harm_attack_sets_off_an_emergency_after_the_delay_where_it_happened() -> None:
    bench = _bench(_rule("mass_harm", 10))
    bench.incident(A, 0, injured=4, killed=5)
    bench.incident(B, 1, injured=12)
    bench.run(30)
    assert _period(bench) == (32, 36)
    assert bench["trigger_where"][0].tolist() == [0, 1, 0]
    (event,) = bench.events("trigger")
    assert (event["day"], event["district"], event["group"], event["count"]) == (30, B, 1, 0)
    assert event["caused_by"] == 1001 | stream_bits(int(Stream.PUNISHMENT))
    assert event["event_id"] == event_id(int(Stream.TRIGGER), 0, 1) == bench["trigger_key"][0]


def test_an_attack_that_nobody_hears_of_sets_off_nothing() -> None:
    bench = _bench(_rule("mass_harm", 10))
    bench.incident(B, 1, injured=12, public=False)
    bench.run(0)
    assert bench.events("trigger") == []
    assert _period(bench) == (NEVER, NEVER)


@pytest.mark.parametrize(
    ("when", "variable", "value"),
    [
        ("clash", "clashes", 1),
        ("killed", "clash_killed", 1),
        ("burnt", "burnt_innocent", 1),
        ("burnt", "burnt_true_suspect", 1),
        ("protest", "protest_size", 1),
    ],
)
def test_each_rule_looks_at_its_own_variable(when: str, variable: str, value: int) -> None:
    bench = _bench(*(_rule(name) for name in ("riot", when)))
    bench[variable][C] = value
    bench.run(0)
    assert [event["count"] for event in bench.events("trigger")] == [1]
    assert bench["trigger_where"][1].tolist() == [0, 0, 1]


def test_members_killed_in_retaliation_count_as_killed_with_those_of_clashes() -> None:
    bench = _bench(_rule("killed", 4))
    bench["avenged"][:2, C] = (2, 1)
    bench.run(0)
    assert bench.events("trigger") == []
    bench["clash_killed"][C] = 1
    bench.run(1)
    assert bench["trigger_where"][0].tolist() == [0, 0, 1]


def test_a_riot_sets_off_a_rule_and_a_peaceful_protest_does_not() -> None:
    bench = _bench(_rule("riot", 300))
    bench["protest_size"][A] = 5000
    _riot(bench, C, 299)
    bench.run(0)
    assert bench.events("trigger") == []
    _riot(bench, C, 300)
    bench.run(1)
    (event,) = bench.events("trigger")
    assert event["caused_by"] == event_id(int(Stream.OUTBREAK), C, 2)


def test_a_public_threat_sets_off_a_rule_against_the_group_that_made_it() -> None:
    bench = _bench(_rule("public_threat", policy="capture", arguments={"members": 4}))
    bench["public_threat"][1], bench["threat_district"][1], bench["threats"][1, B] = 1, B, 3
    bench.run(0)
    (event,) = bench.events("trigger")
    assert event["caused_by"] == event_id(int(Stream.PUBLIC_THREAT_WAIT), CELL_STRIDE + B, 3)
    assert bench["trigger_group"][0] == event["group"] == 1


def test_cases_add_up_over_the_window_and_leave_it() -> None:
    bench = _bench(_rule("recorded", 9, window=3))
    for day, count in enumerate([4, 4, 0, 4, 4, 1]):
        bench["report_count"][0] = count
        bench["report_class"][:count] = B * bench.city.kinds
        bench["report_entered"][:count] = day
        bench.run(day)
    assert [event["day"] for event in bench.events("trigger")] == [5]


def test_reports_that_enter_no_register_do_not_count() -> None:
    bench = _bench(_rule("recorded", 3))
    bench["report_count"][0] = 5
    bench["report_entered"][:5] = [0, -1, 0, -1, -1]
    bench.run(0)
    assert bench.events("trigger") == []


@pytest.mark.parametrize(
    ("options", "places"),
    [
        ({}, [1, 0, 0]),
        ({"where": "neighbours"}, [1, 1, 0]),
        ({"where": "city"}, [1, 1, 1]),
        ({"districts": ["C", "B"]}, [0, 1, 1]),
    ],
)
def test_the_answer_is_given_where_the_rule_says(options: dict[str, Any], places: list[int]) -> None:
    bench = _bench(_rule("riot", 300, **options))
    _riot(bench, A)
    _riot(bench, C, 10)
    bench.run(0)
    assert bench["trigger_where"][0].tolist() == places


def _days_set_off(rule: Triggered, days: int = 60) -> list[int]:
    bench = _bench(rule)
    for day in range(days):
        _riot(bench, A)
        bench.run(day)
    return [event["day"] for event in bench.events("trigger")]


def test_a_rule_is_not_set_off_while_it_is_in_force_or_cools_down() -> None:
    assert _days_set_off(_rule("riot", 300)) == [
        0,
        7,
        14,
        21,
        28,
        35,
        42,
        49,
        56,
    ]  # two days of delay and five in force
    assert _days_set_off(_rule("riot", 300, cooldown=20)) == [0, 27, 54]


def test_a_rule_is_set_off_no_more_often_than_it_may() -> None:
    assert _days_set_off(_rule("riot", 300, uses=2)) == [0, 7]


def test_a_rule_stands_for_its_own_period() -> None:
    assert _days_set_off(_rule("riot", 300, start="2018-01-06", end="2018-01-08")) == [5]


def test_a_rule_that_has_spent_its_officer_days_is_set_off_no_more() -> None:
    bench = _bench(_rule("riot", 300, officer_days=1000))
    _riot(bench, A)
    bench.run(0)
    bench["trigger_spent"][0] = 1000.0
    bench.run(1, 60)
    assert len(bench.events("trigger")) == 1


def test_what_set_off_a_rule_is_counted_anew() -> None:
    bench = _bench(_rule("riot", 800, window=30, delay=1, lasts=1))
    _riot(bench, A)
    bench.run(0, 1)
    bench["protest_size"][A] = 0
    bench.run(2, 29)
    assert [event["day"] for event in bench.events("trigger")] == [1]


def test_rules_are_told_apart_and_numbered_among_all_policies() -> None:
    bench = _bench(_rule("clash"), lambda city, day: None, _rule("riot"))
    _riot(bench, B)
    bench.run(0)
    (event,) = bench.events("trigger")
    assert event["count"] == 2
    assert bench["trigger_uses"][:3].tolist() == [0, 1, 0]


def test_the_same_events_set_off_the_same_rules_from_a_copied_state() -> None:
    rules = [
        _rule("recorded", 9, window=5),
        _rule("riot", 300, cooldown=4),
        _rule("public_threat", 1, window=9, lasts=2),
    ]
    one, other = _bench(*rules), _bench(*rules)

    def live(bench: Bench, first: int, last: int) -> None:
        for day in range(first, last):
            bench.quiet()
            if day % 5 == 0:
                _riot(bench, day % 3)
            if day == 38:
                bench["public_threat"][1], bench["threat_district"][1] = 1, A
            bench["report_count"][0] = 2
            bench["report_class"][:2] = (day % 2) * bench.city.kinds
            bench.run(day)

    live(one, 0, 40)
    for name, array in one.state.items():
        other.state[name][...] = array
    live(one, 40, 80)
    live(other, 40, 80)
    late = [event for event in one.log.given if event["day"] >= 40]
    assert late == other.log.given
    assert late


def test_too_many_rules_are_refused() -> None:
    with pytest.raises(InputError, match="17 triggered policies; a run has at most 16"):
        _bench(*[_rule("riot")] * 17)


def test_without_rules_nothing_is_kept() -> None:
    bench = _bench()
    _riot(bench, A)
    bench.run(0, 5)
    assert bench["trigger_past"].any() == np.False_
    assert bench.log.given == []
