"""The chain of events: what counts as a link, and the tightest run of links in order, by dates and by causes."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from racketsim.engine.log import CLAIM_COLUMNS, EVENT_COLUMNS, event_id
from racketsim.engine.streams import Stream
from racketsim.results.chain import BY_CAUSE, BY_PLACE, by_cause, by_date, gaps, joins
from racketsim.results.happenings import Happening, Ran, happenings
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


def ran(
    events: list[dict[str, Any]] | None = None,
    claims: list[dict[str, Any]] | None = None,
    policies: tuple[PolicySpec, ...] = (),
    seed: int = 1,
) -> Ran:
    rows = [{**event, "type": EVENT_CODE[event["type"]]} for event in events or []]
    said = [{**claim, "type": EVENT_CODE[claim.get("type", "riot")]} for claim in claims or []]
    return Ran(EventLog(table(EVENT_COLUMNS, rows), city(), []), table(CLAIM_COLUMNS, said), policies, LAST, seed)


def happened(one: ChainLink, *given: Any, **more: Any) -> list[int]:
    return sorted({each.day for each in happenings(one, ran(*given, **more))})


def on(*days: int) -> list[Happening]:
    return [Happening(day, frozenset(), frozenset(), frozenset({0})) for day in days]


def test_protests_riots_and_arrests_count_by_their_people() -> None:
    events = [
        {"type": name, "day": day, "count": count}
        for name in ("protest", "riot", "arrest")
        for day, count in ((3, 99), (5, 100), (9, 500), (9, 200))
    ]
    for name in ("protest", "riot", "arrest"):
        assert happened(link("a", name, 100), events) == [5, 9]


def test_mass_harm_is_what_the_rule_of_the_state_looks_at() -> None:
    """Attacks that became public, by all who were hurt; no fights between groups. Where somebody died all know."""
    events = [
        {"type": "incident", "day": 1, "injured": 9, "killed": 1, "method": 0, "target": 5},
        {"type": "incident", "day": 2, "injured": 8, "killed": 1, "method": 0, "target": 5},
        {"type": "clash", "day": 4, "injured": 2, "killed": 8},
        {"type": "retaliation", "day": 7, "injured": 10},
        {"type": "backlash_incident", "day": 8, "injured": 10},
    ]
    assert happened(link("a", "mass_harm", 10), events) == [1]
    assert happened(link("a", "backlash", 10), events) == [8]


def test_attacks_that_killed_nobody_count_as_often_as_their_method_becomes_public() -> None:
    """2,000 attacks by each method; a share that is off by 4.5 standard errors is a false alarm once in 10^5."""
    attacks = 2000
    for method, quantities in enumerate(city().methods):
        events = [
            {"type": "incident", "day": n % LAST, "injured": 20, "method": method, "target": n,
             "event_id": int(event_id(int(Stream.PUNISHMENT), n, n + 1))} for n in range(attacks)
        ]  # fmt: skip
        share = quantities["publicity"]
        found = len(happenings(link("a", "mass_harm", 10), ran(events))) / attacks
        assert abs(found - share) <= 4.5 * (share * (1 - share) / attacks) ** 0.5


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
    assert by_date(CHAIN, [on(0, 50, 100), on(8, 52, 104), on(13, 57, 105)]) == [100, 104, 105]
    assert gaps(CHAIN, [100, 104, 105]) == {"b": 4, "c": 1}


def test_a_first_choice_that_leads_nowhere_is_not_taken() -> None:
    """Day 1 of b is within reach of a, but no c follows it in time; day 6 leads on."""
    assert by_date(CHAIN, [on(0), on(1, 6), on(10)]) == [0, 6, 10]


def test_links_out_of_order_or_too_late_leave_a_shorter_run() -> None:
    assert by_date(CHAIN, [on(5), on(4), on(6)]) == [5]
    assert by_date(CHAIN, [on(5), on(15), on(21)]) == [5, 15]
    assert by_date(CHAIN, [on(5), on(16), on(17)]) == [5]
    assert by_date(CHAIN, [on(), on(1), on(2)]) == []
    assert gaps(CHAIN, [5]) == {}


def test_a_link_may_follow_an_earlier_one_than_that_before_it() -> None:
    chain = (link("a"), link("b", after=0, within=9), link("c", after=1, within=9), link("d", after=0, within=3))
    assert by_date(chain, [on(10), on(15), on(20), on(12)]) == [10, 15, 20, 12]
    assert gaps(chain, [10, 15, 20, 12]) == {"b": 5, "c": 5, "d": 2}


RULES = (
    PolicySpec("triggered", {"policy": "state_of_emergency", "when": "mass_harm"}, None, "", ""),
    PolicySpec("triggered", {"policy": "mega_operation", "when": "public_threat"}, None, "", ""),
)
STORY = (
    link("protest"),
    link("attack", "mass_harm", 10, 0, 90),
    link("emergency", "state_of_emergency", 1, 1, 30),
    link("burnt", "vehicles_burnt", 1, 2, 90),
    link("threat", "public_threat", 1, 3, 7),
    link("operation", "mega_operation", 1, 4, 30),
    link("arrests", "arrest", 4, 5, 30),
    link("claims", "contradictory_claims", 2, 3, 30),
)
"""The chain of Lima, in a row of three districts: 0 borders on 1, 1 on 2."""


def story() -> dict[str, dict[str, Any]]:
    """Return a log in which every link of the story leads to the next, by name of the event."""
    named: dict[str, dict[str, Any]] = {
        "protest": {"type": "protest", "day": 1, "district": 0, "count": 300},
        "attack": {"type": "incident", "day": 5, "district": 1, "killed": 10, "method": 0, "target": 3},
        "rule": {"type": "trigger", "day": 5, "district": 1, "caused_by": "attack"},
        "emergency": {"type": "policy_start", "day": 10, "district": 1, "count": 0, "caused_by": "rule"},
        "riot": {"type": "riot", "day": 40, "district": 2, "count": 200},
        "burnt": {"type": "vehicle_burnt", "day": 40, "district": 2, "caused_by": "riot"},
        "threat": {"type": "public_threat", "day": 42, "district": 2, "caused_by": "riot"},
        "second rule": {"type": "trigger", "day": 42, "district": 2, "caused_by": "threat"},
        "operation": {"type": "policy_start", "day": 43, "district": 0, "count": 1, "caused_by": "second rule"},
        "arrests": {"type": "arrest", "day": 45, "district": 0, "count": 4, "caused_by": "operation"},
    }
    return named


def found_in(named: dict[str, dict[str, Any]], about: str = "riot", chain: tuple[ChainLink, ...] = STORY) -> list[int]:
    """Return the length of the best run by dates and by causes, where claims contradict each other `about` an event."""
    number_of = {name: n for n, name in enumerate(named, start=1)}
    events = [
        {**event, "event_id": number_of[name], "caused_by": number_of.get(event.get("caused_by", ""), 0)}
        for name, event in named.items()
    ]
    claims = [{"event_id": number_of[about], "day": 44, "vehicles": n, "district": 2} for n in (1, 2)]
    run = ran(events, claims, RULES)
    times = [happenings(one, run) for one in chain]
    by_dates, by_causes = by_date(chain, times), by_cause(chain, times, run)
    assert len(by_causes) <= len(by_dates)
    return [len(by_dates), len(by_causes)]


def test_each_pair_of_links_is_joined_by_what_the_model_has_between_them() -> None:
    assert joins(STORY, RULES) == [
        None, BY_PLACE, BY_CAUSE, BY_PLACE, BY_CAUSE, BY_CAUSE, BY_CAUSE, BY_CAUSE,
    ]  # fmt: skip
    assert joins(STORY, ())[2] == BY_PLACE, "no rule sets the emergency off"


def test_a_log_whose_links_lead_to_each_other_holds_by_cause() -> None:
    assert found_in(story()) == [8, 8]
    assert found_in(story(), about="burnt") == [8, 8], "the vehicle leads back to the riot"
    assert found_in(story(), about="operation") == [8, 8], "through the threat, to the riot"


@pytest.mark.parametrize(
    ("event", "kept"), [("emergency", 2), ("threat", 4), ("operation", 5), ("arrests", 6), ("second rule", 5)]
)
def test_a_cause_that_is_missing_or_leads_elsewhere_ends_the_run_by_cause(event: str, kept: int) -> None:
    """Also where the place fits: what has a direct cause in the model is not joined by place."""
    missing, elsewhere = story(), story()
    missing[event]["caused_by"] = ""
    elsewhere[event]["caused_by"] = "protest"
    assert found_in(missing) == found_in(elsewhere) == [8, kept]


def test_claims_about_something_else_end_the_run_by_cause() -> None:
    assert found_in({**story(), "other": {"type": "protest", "day": 41, "district": 2}}, about="other") == [8, 7]


@pytest.mark.parametrize(("event", "district", "kept"), [("attack", 2, 1), ("riot", 0, 8), ("riot", 2, 8)])
def test_where_the_model_has_no_direct_cause_the_place_decides(event: str, district: int, kept: int) -> None:
    moved = story()
    moved[event]["district"] = district
    if event == "attack":
        assert found_in(moved) == [8, kept], "two districts from the protest"
    assert found_in(moved)[1] == kept


def test_a_policy_of_the_whole_city_is_near_everything() -> None:
    everywhere = story()
    everywhere["emergency"]["district"] = -1
    assert found_in(everywhere) == [8, 8]


def test_a_run_by_cause_may_be_another_one_than_by_dates() -> None:
    """A protest next to the attack stands 20 days before it; by dates one at the other end of the city is tighter."""
    named = {"early": {"type": "protest", "day": 0, "district": 1, "count": 9}, **story()}
    named["protest"] |= {"day": 4, "district": 2}
    named["attack"] |= {"day": 5, "district": 0}
    assert found_in(named, chain=STORY[:2]) == [2, 2]
    del named["early"]
    assert found_in(named, chain=STORY[:2]) == [2, 1]


@pytest.mark.parametrize("seed", range(20))
def test_by_cause_is_never_more_than_by_dates(seed: int) -> None:
    """In logs with causes and places at random; `found_in` compares. Both kinds of joins succeed in some of them."""
    rng, lengths = np.random.default_rng(seed), []
    for _ in range(20):
        named = story()
        copies = {f"{name} {n}": {**event} for name, event in named.items() for n in range(2)}
        everything = {**named, **copies}
        for event in everything.values():
            event["day"] = max(0, int(event["day"] + rng.integers(-3, 4)))
            event["district"] = int(rng.integers(0, 3))
            if event.get("caused_by") and rng.random() < 0.7:
                event["caused_by"] = rng.choice([event["caused_by"], *(f"{event['caused_by']} {n}" for n in range(2))])
        lengths.append(found_in(everything)[1])
    assert max(lengths) > 2


@pytest.mark.parametrize("seed", range(20))
def test_no_run_is_tighter_than_the_one_found(seed: int) -> None:
    """Against all choices of days, for chains that branch."""
    rng = np.random.default_rng(seed)
    chain = [link("0")] + [
        link(str(n), after=int(rng.integers(0, n)), within=float(rng.integers(0, 12))) for n in range(1, 4)
    ]
    days = [np.unique(rng.integers(0, 40, 6)).tolist() for _ in chain]
    spans = {}
    for run in product(*days):
        waits = [(run[n] - run[one.after], one.within.value) for n, one in enumerate(chain) if one.after is not None
                 and one.within is not None]  # fmt: skip
        if all(0 <= wait <= within for wait, within in waits):
            spans[run] = max(run) - run[0]
    found = by_date(chain, [on(*each) for each in days])
    if spans:
        assert len(found) == len(chain)
        assert spans[tuple(found)] == min(spans.values())
        assert found[0] == min(run[0] for run, span in spans.items() if span == min(spans.values()))
    else:
        assert len(found) < len(chain)
