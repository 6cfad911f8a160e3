"""The crowd: grievance, outbreaks, petitions and their answers, refusal in company, and sponsors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from racketsim.engine.bound import bind
from racketsim.engine.log import event_id
from racketsim.engine.streams import Stream
from racketsim.mechanisms import crowd as module
from racketsim.mechanisms.asking import TEST
from racketsim.mechanisms.crowd import CAPTURE, Crowd
from tests.crowd_city import ANGRY, CALM, ENTRANT, GROUPS, INCUMBENT, A, Alone, B, C, three_districts


def _city(parameters: dict[str, float] = CALM, **changes: Any) -> Alone:
    return Alone(Crowd, parameters, **changes)


def _protests(city: Alone) -> list[dict[str, Any]]:
    return city.log.of("protest", "riot")


def test_nothing_to_resent_is_no_grievance() -> None:
    assert _city().live(30).v.grievance.tolist() == [0.0, 0.0, 0.0]


def test_demands_payments_public_violence_and_threats_make_grievance_where_they_are() -> None:
    def after(cause: str) -> np.ndarray:
        city = _city()
        if cause == "demands":
            city.demand(100, B)
        elif cause == "payments":
            city.v.payments_kind[B] = 500
        elif cause == "incidents":
            city.incident(B)
        elif cause == "people hurt":
            city.incident(B, hurt=15)
        elif cause == "clashes":
            city.v.clashes[B] = 1
        elif cause == "killed in retaliation":
            city.v.avenged[:2, B] = 1
        elif cause == "threats":
            city.v.threat_alarm[B] = 1.0
        grievance: np.ndarray = city.live().v.grievance.copy()
        return grievance

    for cause in ("demands", "payments", "incidents", "people hurt", "clashes", "killed in retaliation", "threats"):
        grievance = after(cause)
        assert grievance[B] > 0.0, cause
        assert grievance[A] == grievance[C] == 0.0, cause
    assert after("people hurt")[B] > 10 * after("incidents")[B]
    assert after("threats")[B] > 4 * after("incidents")[B]


def test_what_is_not_public_and_what_is_forgotten_makes_no_grievance() -> None:
    city = _city()
    city.incident(A, hurt=5, public=False)
    assert city.live().v.grievance[A] == 0.0
    city.incident(A, hurt=5)
    first = city.live().v.grievance[A]
    city.v.incident_count[0] = 0
    seen = city.v.violence_seen[A]
    city.live(90)
    assert city.v.violence_seen[A] == pytest.approx(seen / 2)
    assert city.v.grievance[A] < first


def test_trust_and_cleared_cases_take_grievance_away() -> None:
    city = _city()
    city.demand(200, A)
    resented = city.live(10).v.grievance[A]
    city.v.trust[:] = 0.8
    assert city.live().v.grievance[A] == pytest.approx(0.4 * resented, rel=0.15)
    city.v.distrust[:] = 1.0  # whoever sees the police collude trusts as if there were none
    assert city.live().v.grievance[A] == pytest.approx(2.0 * resented, rel=0.15)
    city.v.trust[:], city.v.distrust[:] = 0.5, 0.0
    city.v.cases_opened[0, A], city.v.cases_cleared[0, A] = 20, 19
    assert city.live(5).v.grievance[A] < 0.7 * resented


def test_outbreaks_come_at_the_stated_rate() -> None:
    """Everybody would begin, so a district has rate * assemblies a day; 4 sigma and 2%."""
    cities = [
        _city(ANGRY, seed=seed, outbreak_rate=0.0005, threshold_mean=0.0, threshold_spread=0.01, grievance_weight=5.0)
        for seed in range(8)
    ]
    for city in cities:
        city.demand(400, A)
        city.v.demand_class[:400] = np.arange(400) % 3 * city.city.kinds
        city.live(200)
    expected = 0.0005 * cities[0].mechanism._assemblies.sum() * 200 * 8  # type: ignore[attr-defined]
    happened = sum(int(city.v.outbreaks.sum()) for city in cities)
    assert happened == pytest.approx(expected, abs=4 * np.sqrt(expected) + 0.02 * expected)


def test_demands_on_payers_who_united_do_not_feed_grievance() -> None:
    city = _city(ANGRY)
    city.demand(400, A)
    city.v.demand_reason[:300] = TEST
    city.live(1)
    assert city.v.victims_seen[A] == 100


def test_grievance_sets_off_outbreaks_and_officers_and_empty_streets_prevent_them() -> None:
    def outbreaks(grievance: bool = True, patrols: float = 100.0, mobility: float = 1.0) -> int:
        city = _city(outbreak_rate=0.01, fear=0.5)
        if grievance:
            city.demand(400, A)
        city.v.patrols[:] = patrols
        city.v.mobility[:] = mobility
        return int(city.live(120).v.outbreaks[0, A])

    angry = outbreaks()
    assert angry > 10
    assert outbreaks(grievance=False) < angry / 3
    assert outbreaks(patrols=2000.0) < angry / 2
    assert outbreaks(mobility=0.0) == 0


def test_a_protest_has_a_size_a_place_and_an_id_and_is_gone_the_next_day() -> None:
    city = _city(ANGRY)
    while not _protests(city):
        city.live()
    row = _protests(city)[0]
    d = int(row["district"])
    assert city.v.protest_size[d] == row["count"] >= 10
    assert row["event_id"] == event_id(int(Stream.OUTBREAK), d, int(city.v.protest_nth[d]))
    assert city.v.crowd_acted[0] == 1
    city.v.mobility[:] = 0.0
    city.live()
    for today in ("protest_size", "protest_violent", "protest_nth", "protest_actors", "sponsor_paid", "crowd_acted"):
        assert not getattr(city.v, today).any()
    assert (city.v.protest_sponsor == -1).all()


def test_fewer_than_ten_people_are_no_protest() -> None:
    city = _city(CALM, outbreak_rate=0.05, threshold_mean=0.6, threshold_spread=0.3, fear=0.0).live(300)
    assert city.v.outbreaks.sum() > len(_protests(city))
    assert min(row["count"] for row in _protests(city)) >= 10


def test_protests_are_peaceful_until_one_is_ignored() -> None:
    city = _city(ANGRY)
    while not city.log.of("protest_unanswered"):
        assert not city.log.of("riot")
        city.live()
    city.live(300)
    assert city.log.of("riot")
    without = Alone(Crowd, ANGRY, off=("A14",)).live(300)
    assert without.log.of("protest_unanswered")
    assert not without.log.of("riot")


def test_an_ignored_petition_makes_the_place_more_violent_and_less_so_the_districts_around() -> None:
    city = _city(CALM, repertoire_memory=1e5)
    city.v.petition_until[A], city.v.petition_nth[A] = 21, 7
    city.live(21)
    assert city.v.repertoire.tolist() == [0.0, 0.0, 0.0]
    city.live()
    np.testing.assert_allclose(city.v.repertoire, [0.25, 0.1, 0.0])
    row = city.log.of("protest_unanswered")[0]
    assert row["caused_by"] == event_id(int(Stream.OUTBREAK), A, 7)
    assert city.v.petition_until[A] == -1


@pytest.mark.parametrize("answer", ["surge", "emergency", "relief"])
@pytest.mark.parametrize(("response", "expected"), [(-0.5, 0.2), (0.0, 0.4), (0.5, 0.7)])
def test_an_answer_of_the_state_calms_or_provokes_by_its_sign(answer: str, response: float, expected: float) -> None:
    city = _city(CALM, response=response, repertoire_memory=1e5)
    city.v.repertoire[:] = 0.4
    city.v.petition_until[A], city.v.petition_victims[A] = 21, 100.0
    city.v.victims_seen[A] = 100.0
    if answer == "surge":
        city.v.surge[A] = 50.0
    elif answer == "emergency":
        city.v.emergency[A] = 1
    else:
        city.v.victims_seen[A] = 89.0
    city.live()
    assert city.log.of("protest_answered")
    assert city.v.repertoire[A] == pytest.approx(expected, abs=1e-3)
    assert city.v.repertoire[B] == pytest.approx(0.4, abs=1e-3)


def test_officers_who_were_there_already_are_no_answer() -> None:
    city = _city()
    city.v.surge[A] = 50.0
    city.v.petition_until[A], city.v.petition_state[A] = 3, 50.0
    city.live(5)
    assert not city.log.of("protest_answered")
    assert city.log.of("protest_unanswered")


def test_a_repertoire_is_forgotten_by_half_in_its_half_life() -> None:
    city = _city(CALM, violent_first=0.1, repertoire_memory=50.0)
    city.v.repertoire[:] = 0.5
    assert city.live(50).v.repertoire[A] == pytest.approx(0.3)


def test_an_ultimatum_that_the_crowd_carries_out_adds_to_its_violence() -> None:
    city = Alone(Crowd, ANGRY, off=("A14",))
    city.v.crowd_resolve[:] = 1.0
    city.live(60)
    assert city.log.of("riot")
    assert not city.log.of("protest")


def test_merchants_refuse_together_after_a_large_peaceful_protest_for_a_time() -> None:
    city = _city(ANGRY, association=1.0, association_size=50.0, association_days=20.0)
    while not city.log.of("collective_refusal"):
        city.live()
    row = city.log.of("collective_refusal")[0]
    d = int(row["district"])
    cause = next(p for p in _protests(city) if p["event_id"] == row["caused_by"])
    assert cause["count"] >= 50
    targets = city.city.counts[d].sum()
    assert city.v.collective_refusal[d] == pytest.approx(min(2.0 * cause["count"] / targets, 1.0))
    assert row["count"] == round(city.v.collective_refusal[d] * targets)
    assert city.v.refusal_begins[d] == 1
    city.v.mobility[:] = 0.0
    city.live(int(city.v.refusal_until[d]) - city.day)
    assert city.v.collective_refusal[d] > 0.0
    assert city.live().v.collective_refusal[d] == 0.0


def test_small_or_unbelieved_protests_unite_nobody() -> None:
    small = _city(ANGRY, association=1.0, association_size=1e6).live(200)
    assert _protests(small)
    assert not small.log.of("collective_refusal")
    doubted = _city(ANGRY, association=1.0, association_size=10.0)
    doubted.v.crowd_credibility[:] = 0.0
    doubted.live(100)
    assert _protests(doubted)
    assert not doubted.v.collective_refusal.any()


def _contested(setting: float, days: int = 150, off: tuple[str, ...] = (), **changes: Any) -> Alone:
    """Return a city in which an entrant collects in A, and an incumbent could steer protests against it."""
    city = Alone(Crowd, CALM, off=off, outbreak_rate=0.005, fear=0.0, capture=setting, **changes)
    city.v.members[ENTRANT, A] = 10
    city.v.relations_group[A, ENTRANT] = 100
    city.v.income_group[:, INCUMBENT] = 1_000_000
    return city.live(days)


def test_the_stronger_the_capture_the_more_protests_have_a_sponsor() -> None:
    shares, numbers = [], []
    for setting in CAPTURE.values():
        rows = [row for row in _protests(_contested(setting, 600)) if row["district"] == A]
        shares.append(np.mean([row["group"] == INCUMBENT for row in rows]))
        numbers.append(len(rows))
        assert {row["group"] for row in rows} <= {INCUMBENT, -1}
    assert shares[0] == 0.0
    assert 0.2 < shares[1] < 0.8
    assert shares[2] == 1.0
    assert numbers[0] < numbers[1] < numbers[2]


def test_sponsors_pay_what_they_can_and_only_where_an_entrant_collects() -> None:
    rows = [row for row in _protests(_contested(1.0)) if row["group"] != -1]
    assert rows
    assert {row["district"] for row in rows} == {A}
    assert all(row["amount"] > 0 and row["amount"] % 5000 == 0 for row in rows)
    assert max(row["amount"] for row in rows) <= 5 * 3_000_000
    poor = Alone(Crowd, CALM, outbreak_rate=0.005, fear=0.0, capture=1.0)
    poor.v.relations_group[A, ENTRANT] = 100
    poor.live(150)
    assert {row["group"] for row in _protests(poor)} <= {-1}


def test_a_sponsored_day_says_who_pays_whom_against_whom() -> None:
    city = _contested(1.0, 0)
    while not city.v.protest_actors.any():
        city.live()
    assert city.v.protest_sponsor[A] == INCUMBENT
    assert city.v.protest_rival[A] == ENTRANT
    assert city.v.sponsor_paid[INCUMBENT] == 5000 * city.v.protest_actors[A]
    assert city.v.protest_size[A] >= city.v.protest_actors[A]


def test_without_the_element_or_without_an_incumbent_nobody_steers() -> None:
    assert {row["group"] for row in _protests(_contested(1.0, off=("A20",)))} <= {-1}
    alone = Alone(Crowd, CALM, outbreak_rate=0.005, fear=0.0, capture=1.0)
    alone.v.members[:] = 0
    alone.v.members[ENTRANT, A] = 10
    alone.v.relations_group[A, ENTRANT] = 100
    alone.v.income_group[:] = 1_000_000
    assert {row["group"] for row in _protests(alone.live(150))} <= {-1}


def test_a_group_that_broke_away_is_an_entrant_or_incumbent_as_its_parent() -> None:
    city = _contested(1.0, 0)
    child = len(GROUPS)
    city.v.parent[child] = ENTRANT
    city.v.relations_group[A, child] = 500
    city.live()
    assert city.mechanism._rival[A] == child  # type: ignore[attr-defined]
    city.v.parent[child] = INCUMBENT
    city.v.members[child] = 500
    city.live()
    assert city.mechanism._rival[A] == ENTRANT  # type: ignore[attr-defined]
    assert city.mechanism._sponsor[A] == child  # type: ignore[attr-defined]


def test_labels_of_origin_move_nothing() -> None:
    scenario = three_districts()
    swapped = replace(
        scenario,
        groups=tuple(
            replace(g, origin_label=h.origin_label) for g, h in zip(scenario.groups, scenario.groups[::-1], strict=True)
        ),
    )
    rows = []
    for given in (scenario, swapped):
        city = Alone(Crowd, {**ANGRY, "capture": 1.0}, scenario=given)
        city.v.relations_group[A, ENTRANT] = 100
        city.v.income_group[:] = 1_000_000
        rows.append(city.live(100).log.rows)
    assert rows[0] == rows[1]
    assert rows[0]


def test_the_same_seed_gives_the_same_crowds_and_another_seed_others() -> None:
    one, same, other = (Alone(Crowd, ANGRY, seed=seed).live(100).log.rows for seed in (1, 1, 2))
    assert one == same != other


@pytest.mark.parametrize(
    ("function", "broken", "test"),
    [
        (
            "more_violent",
            lambda share, step: share,
            test_an_ignored_petition_makes_the_place_more_violent_and_less_so_the_districts_around,
        ),
        ("crowd_size", lambda *_: 0, test_fewer_than_ten_people_are_no_protest),
        ("find_sponsors", lambda *_: None, test_a_sponsored_day_says_who_pays_whom_against_whom),
        ("resent", lambda *_: None, test_trust_and_cleared_cases_take_grievance_away),
        ("stir", lambda *_: None, test_outbreaks_come_at_the_stated_rate),
    ],
)
def test_a_rule_that_does_nothing_is_noticed(
    function: str, broken: object, test: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = getattr(module, function)
    monkeypatch.setattr(module, "bind", lambda kernel, *held: broken if kernel is rule else bind(kernel, *held))
    if function in _CALLED:
        monkeypatch.setattr(module, function, broken)
    monkeypatch.setattr(Alone, "live", _for_a_while)
    with pytest.raises((AssertionError, TimeoutError, ValueError)):
        test()  # type: ignore[operator]


_CALLED = ("more_violent", "crowd_size")
"""Rules that the crowd calls by name; the others are bound to its arrays."""
_LIVE = Alone.live


def _for_a_while(city: Alone, days: int = 1) -> Alone:
    if city.day > 500:
        raise TimeoutError
    return _LIVE(city, days)
