"""The chain of events: which days count as a link, and the tightest run of links that stand in order."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from racketsim.engine.log import CLAIM_COLUMNS, EVENT_COLUMNS
from racketsim.results.chain import Days, days_of, gaps, tightest
from racketsim.results.log import EventLog
from racketsim.results.vocabulary import EVENT_CODE
from racketsim.scenario.model import ChainLink, PolicySpec, Quantity, Scenario
from tests.mechanism_city import row_of_three

LAST = 1000


def number(value: float) -> Quantity:
    return Quantity(value, "1", None, None, "", "here")


def link(
    name: str, event: str = "protest", at_least: float = 1, after: int | None = None, within: float | None = None
) -> ChainLink:
    wait = None if within is None else number(within)
    return ChainLink(name, name, event, number(at_least), after, wait, (), None, None, "")


def about(one: ChainLink, *types: str) -> ChainLink:
    return ChainLink(**{**{name: getattr(one, name) for name in ChainLink.__slots__}, "about": types})


def city() -> Scenario:
    return row_of_three(groups=["local_norte", "gallegos"])


def table(columns: dict[str, tuple[str, int]], rows: list[dict[str, Any]]) -> dict[str, np.ndarray]:
    return {
        name: np.array([row.get(name, default) for row in rows], dtype=dtype)
        for name, (dtype, default) in columns.items()
    }


def happened(
    one: ChainLink,
    events: list[dict[str, Any]] | None = None,
    claims: list[dict[str, Any]] | None = None,
    policies: tuple[PolicySpec, ...] = (),
) -> list[int]:
    rows = [{**event, "type": EVENT_CODE[event["type"]]} for event in events or []]
    said = [{**claim, "type": EVENT_CODE[claim.get("type", "riot")]} for claim in claims or []]
    log = EventLog(table(EVENT_COLUMNS, rows), city(), [])
    return [int(day) for day in days_of(one, log, table(CLAIM_COLUMNS, said), policies, LAST)]


def test_protests_riots_and_arrests_count_by_their_people() -> None:
    events = [
        {"type": name, "day": day, "count": count}
        for name in ("protest", "riot", "arrest")
        for day, count in ((3, 99), (5, 100), (9, 500), (9, 200))
    ]
    for name in ("protest", "riot", "arrest"):
        assert happened(link("a", name, 100), events) == [5, 9]


def test_harm_counts_everybody_hurt_in_one_attack_or_fight() -> None:
    events = [
        {"type": "incident", "day": 1, "injured": 9, "killed": 1},
        {"type": "incident", "day": 2, "injured": 9},
        {"type": "clash", "day": 4, "injured": 2, "killed": 8},
        {"type": "retaliation", "day": 7, "injured": 10},
        {"type": "backlash_incident", "day": 8, "injured": 10},
    ]
    assert happened(link("a", "mass_harm", 10), events) == [1, 4, 7]
    assert happened(link("a", "backlash", 10), events) == [8]


def test_threats_and_ultimatums_are_counted_by_the_day() -> None:
    events = [{"type": name, "day": day} for name in ("public_threat", "ultimatum") for day in (2, 6, 6)]
    for name in ("public_threat", "ultimatum"):
        assert happened(link("a", name), events) == [2, 6]
        assert happened(link("a", name, 2), events) == [6]


def test_vehicles_count_by_the_riot_in_which_they_were_burnt() -> None:
    riots = [{"type": "riot", "day": day, "event_id": day, "count": 50} for day in (3, 4)]
    burnt = [{"type": "vehicle_burnt", "day": 4, "caused_by": 4}] * 2 + [
        {"type": "vehicle_burnt", "day": 3, "caused_by": 3}
    ]
    assert happened(link("a", "vehicles_burnt"), riots + burnt) == [3, 4]
    assert happened(link("a", "vehicles_burnt", 2), riots + burnt) == [4]


def test_policies_count_by_the_districts_in_which_they_start_dated_or_by_rule() -> None:
    policies = (
        PolicySpec("state_of_emergency", {}, None, "", ""),
        PolicySpec("triggered", {"policy": "state_of_emergency"}, None, "", ""),
        PolicySpec("triggered", {"policy": "mega_operation"}, None, "", ""),
    )
    events = [
        {"type": "policy_start", "day": day, "count": place, "district": district}
        for day, place, districts in ((2, 0, 1), (5, 1, 2), (7, 2, 3))
        for district in range(districts)
    ] + [{"type": "policy_end", "day": 9, "count": 1}]
    assert happened(link("a", "state_of_emergency"), events, policies=policies) == [2, 5]
    assert happened(link("a", "state_of_emergency", 2), events, policies=policies) == [5]
    assert happened(link("a", "mega_operation"), events, policies=policies) == [7]
    assert happened(link("a", "truce"), events, policies=policies) == []


def test_claims_contradict_by_name_sponsor_or_number_on_the_day_of_the_second_version() -> None:
    one = link("a", "contradictory_claims", 2)
    same = {"event_id": 1, "injured": 3, "group": 0}
    assert happened(one, claims=[{**same, "day": 1}, {**same, "day": 2}]) == []
    assert happened(one, claims=[{**same, "day": 1}, {**same, "day": 2, "group": -1}]) == [], "silence is no claim"
    for other in ({"group": 1}, {"injured": 4}, {"killed": 1}, {"vehicles": 2}, {"people": 400}):
        assert happened(one, claims=[{**same, "day": 9, **other}, {**same, "day": 4}]) == [9]
    sponsors = [{**same, "day": day, "sponsor": sponsor} for day, sponsor in ((1, -1), (2, 0), (3, 1))]
    assert happened(one, claims=sponsors) == [3]
    assert happened(link("a", "contradictory_claims", 3), claims=sponsors) == []
    apart = [{**same, "day": 1}, {**same, "day": 2, "event_id": 2, "injured": 7}]
    assert happened(one, claims=apart) == [], "two events are not two versions of one"


def test_claims_count_by_what_they_are_about_and_until_the_last_day() -> None:
    one = link("a", "contradictory_claims", 2)
    claims = [
        {"event_id": event, "day": day, "people": day, "type": name}
        for event, name in ((1, "riot"), (2, "arrest"))
        for day in (10 * event, 10 * event + 1)
    ]
    assert happened(one, claims=claims) == [11, 21]
    assert happened(about(one, "arrest", "protest"), claims=claims) == [21]
    late = [{"event_id": 1, "day": LAST, "people": 1}, {"event_id": 1, "day": LAST + 1, "people": 2}]
    assert happened(one, claims=late) == []


CHAIN = (link("a"), link("b", after=0, within=10), link("c", after=1, within=5))


def test_the_tightest_run_is_found_with_its_gaps() -> None:
    days: list[Days] = [np.array(day) for day in ([0, 50, 100], [8, 52, 104], [13, 57, 105])]
    assert tightest(CHAIN, days) == [100, 104, 105]
    assert gaps(CHAIN, [100, 104, 105]) == {"b": 4, "c": 1}


def test_a_first_choice_that_leads_nowhere_is_not_taken() -> None:
    """Day 1 of b is within reach of a, but no c follows it in time; day 6 leads on."""
    days: list[Days] = [np.array([0]), np.array([1, 6]), np.array([10])]
    assert tightest(CHAIN, days) == [0, 6, 10]


def test_links_out_of_order_or_too_late_leave_a_shorter_run() -> None:
    assert tightest(CHAIN, [np.array([5]), np.array([4]), np.array([6])]) == [5]
    assert tightest(CHAIN, [np.array([5]), np.array([15]), np.array([21])]) == [5, 15]
    assert tightest(CHAIN, [np.array([5]), np.array([16]), np.array([17])]) == [5]
    nothing: Days = np.array([], dtype=np.int64)
    assert tightest(CHAIN, [nothing, np.array([1]), np.array([2])]) == []
    assert gaps(CHAIN, [5]) == {}


def test_a_link_may_follow_an_earlier_one_than_that_before_it() -> None:
    chain = (link("a"), link("b", after=0, within=9), link("c", after=1, within=9), link("d", after=0, within=3))
    days: list[Days] = [np.array([10]), np.array([15]), np.array([20]), np.array([12])]
    assert tightest(chain, days) == [10, 15, 20, 12]
    assert gaps(chain, [10, 15, 20, 12]) == {"b": 5, "c": 5, "d": 2}


@pytest.mark.parametrize("seed", range(20))
def test_no_run_is_tighter_than_the_one_found(seed: int) -> None:
    """Against all choices of days, for chains that branch."""
    rng = np.random.default_rng(seed)
    chain = [link("0")] + [
        link(str(n), after=int(rng.integers(0, n)), within=float(rng.integers(0, 12))) for n in range(1, 4)
    ]
    days = [np.unique(rng.integers(0, 40, 6)) for _ in chain]
    spans = {}
    for run in product(*(day.tolist() for day in days)):
        waits = [(run[n] - run[one.after], one.within.value) for n, one in enumerate(chain) if one.after is not None
                 and one.within is not None]  # fmt: skip
        if all(0 <= wait <= within for wait, within in waits):
            spans[run] = max(run) - run[0]
    found = tightest(chain, days)
    if spans:
        assert len(found) == len(chain)
        assert spans[tuple(found)] == min(spans.values())
        assert found[0] == min(run[0] for run, span in spans.items() if span == min(spans.values()))
    else:
        assert len(found) < len(chain)
