"""Impostors: entry while it pays, names that follow fame, unmasking, dilution, and doubt."""

from __future__ import annotations

import inspect
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from racketsim.city.city import City
from racketsim.mechanisms import impostors, posing, senders
from racketsim.mechanisms.decision import PAY, REFUSE
from racketsim.mechanisms.impostors import Impostors
from racketsim.mechanisms.posing import enters, expected_take, known_names, pays, set_hazards
from racketsim.scenario.model import Scenario
from tests.lone_mechanism import alone
from tests.mechanism_city import lima

VALUES = {
    "pool": 10.0,
    "entry": 0.01,
    "exit": 0.05,
    "collecting": 60.0,
    "police_risk": 20.0,
    "owner_risk": 2.0,
    "owner_exit": 0.0,
    "name_weight": 1.0,
    "news_half": 5.0,
    "unmasking": 1.0,
    "unmasking_delay": 10.0,
    "dilution": 3.0,
    "memory": 180.0,
    "face_value": 50.0,
}
LOCAL, FAMOUS, SIBLING, REMOTE = 0, 1, 2, 3
IMPOSTOR = 4
FAR_FROM_CLOSING = 1e9


@cache
def _city() -> Scenario:
    """Return Lima with a band, two groups of one brand, and remote operators."""
    city = lima(policies=False)
    chosen = ("local_sur", "gallegos", "dinastia_alayon", "remote_operators")
    return replace(city, groups=tuple(g for g in city.groups if g.id in chosen))


def _impostors(seed: int = 1, city: Scenario | None = None, **values: float) -> Impostors:
    city = city or _city()
    plain = City(city, seed)
    assert plain.impostor == IMPOSTOR
    groups, districts, room = plain.groups, plain.districts, 64
    brand_of = np.full(groups, -1)
    brand_of[: IMPOSTOR + 1] = [LOCAL, FAMOUS, FAMOUS, REMOTE, -1]
    read: dict[str, Any] = {
        "members": np.zeros((groups, districts), dtype=np.int64),
        "arrested": np.zeros((groups, districts), dtype=np.int64),
        "returned": np.zeros((groups, districts), dtype=np.int64),
        "patrols": np.full(districts, 100.0),
        "base_patrols": np.full(districts, 100.0),
        "credibility": np.full((districts, groups), 0.08),
        "refused_seen": np.zeros((districts, groups)),
        "utility": np.array([7.5, 4.5, 1.0, 0.25, 0.3, 365.0, 120.0, 1.0]),
        "alive": (np.arange(groups) < IMPOSTOR).astype(np.uint8),
        "brand_of": brand_of,
        "fame": np.zeros(groups),
        "demand_count": np.zeros(1, dtype=np.int64),
        "demand_target": np.arange(room, dtype=np.int32),
        "demand_class": np.zeros(room, dtype=np.int32),
        "demand_group": np.full(room, IMPOSTOR, dtype=np.int16),
        "demand_claim": np.full(room, FAMOUS, dtype=np.int16),
        "demand_ordinal": np.ones(room, dtype=np.int32),
        "action": np.full(room, REFUSE, dtype=np.int8),
    }
    read["members"][:3, :10] = 5
    mechanism = alone(Impostors, city, {**VALUES, **values}, seed, (), **read)
    mechanism.prepare()
    return mechanism


def _live(mechanism: Impostors, first: int, last: int) -> None:
    for day in range(first, last):
        mechanism.step(day)
        assert (mechanism.v.impostors >= 0).all()


def _make_famous(mechanism: Impostors, group: int = FAMOUS, claims: int = 20, credibility: float = 0.3) -> None:
    mechanism.v.fame[group] += claims
    mechanism.v.credibility[:, group] = credibility


def test_without_news_nobody_poses_as_anybody() -> None:
    mechanism = _impostors()
    mechanism.v.credibility[:] = 0.9
    _live(mechanism, 0, 100)
    assert mechanism.v.entries.sum() == 0
    assert mechanism.v.claim_running.sum() == 0.0


def test_impostors_enter_while_it_pays_and_leave_when_it_does_not() -> None:
    mechanism = _impostors(owner_risk=0.0)
    _make_famous(mechanism)
    _live(mechanism, 0, 100)
    v = mechanism.v
    expected = (1.0 - np.exp(-0.01 * 100 * 20 / 25)) * mechanism._pool.sum()
    entered = int(v.impostors.sum())
    assert entered == pytest.approx(expected, rel=0.1)
    assert (v.take > v.risk).all()
    v.credibility[:] = 0.01
    _live(mechanism, 105, 305)
    assert (v.take <= v.risk).all()
    assert v.impostors.sum() < 0.01 * entered
    assert v.exits.sum() >= entered - v.impostors.sum()


@pytest.mark.parametrize("claims", [0, 5, 50])
def test_entry_follows_presence_in_the_news(claims: int) -> None:
    mechanism = _impostors()
    _make_famous(mechanism, claims=claims)
    _live(mechanism, 0, 21)
    expected = (1.0 - np.exp(-0.01 * 21 * claims / (claims + 5))) * mechanism._pool.sum()
    assert mechanism.v.entries.sum() == pytest.approx(expected, rel=0.15)


def test_names_are_weighed_by_credibility_times_the_news_of_their_brand() -> None:
    credibility = np.array([[0.1, 0.2, 0.4, 0.9, 0.9]])
    news = np.array([6.0, 1.0, 2.0, 50.0, 0.0])
    brand_of, genuine = np.array([0, 1, 1, 3, 4]), np.array([True, True, True, False, False])
    running, best, presence = np.empty((1, 5)), np.empty(1, np.int64), np.empty(1)
    known_names(credibility, news, brand_of, genuine, 1.0, running, best, presence)
    np.testing.assert_allclose(np.diff(running[0], prepend=0.0), [0.6, 0.6, 1.2, 0.0, 0.0])
    assert (best[0], presence[0]) == (2, 3.0)
    known_names(credibility, news, brand_of, genuine, 2.0, running, best, presence)
    np.testing.assert_allclose(np.diff(running[0], prepend=0.0), [0.06, 0.12, 0.48, 0.0, 0.0])


def test_nobody_claims_to_be_a_remote_operator_or_a_group_that_nobody_has_seen() -> None:
    mechanism = _impostors()
    _make_famous(mechanism, REMOTE, claims=100)
    _make_famous(mechanism, LOCAL, claims=1)
    mechanism.v.members[[FAMOUS, SIBLING]] = 0
    _live(mechanism, 0, 8)
    weights = np.diff(mechanism.v.claim_running[0], prepend=0.0)
    assert np.flatnonzero(weights).tolist() == [LOCAL]


def test_the_take_is_what_targets_pay_by_their_own_decision() -> None:
    belief, take = np.array([0.0, 0.1, 0.3, 1.0]), np.empty(4)
    shares, asked = np.tile([0.25, 0.75], (4, 1)), np.array([100, 400])
    closing = np.full(2, FAR_FROM_CLOSING)
    expected_take(shares, asked, np.full(2, 1e6), closing, belief, 7.5, 365.0, 0.25, 60.0, take)
    chance = 1.0 / (1.0 + np.exp((1.0 - 7.5 * belief) / 0.25))
    np.testing.assert_allclose(take, 60.0 * chance * (0.25 * 100 + 0.75 * 400), rtol=1e-6)


def test_it_pays_only_where_the_take_exceeds_the_risk() -> None:
    assert enters(1.0, 0.999)
    assert not enters(1.0, 1.0)
    zeros, ones = np.zeros(2), np.ones(2)
    entry, leaving = np.empty((2, 2))
    present, settings = np.array([4, 4]), (0.1, 0.2, 0.01, 1.0)
    set_hazards(np.array([2.0, 0.5]), ones, ones, 3 * ones, 10 * ones, present, settings, entry, leaving)
    np.testing.assert_allclose(entry, [0.1 * 0.5 * 6, 0.0])
    np.testing.assert_allclose(leaving, [0.01 * 3 * 4, 0.01 * 3 * 4 + 0.2 * 4])
    set_hazards(2 * ones, ones, zeros, zeros, 10 * ones, present, settings, entry, leaving)
    assert entry.sum() == 0.0


def test_police_and_owners_deter() -> None:
    mechanism = _impostors()
    _make_famous(mechanism)
    _live(mechanism, 0, 1)
    v, free = mechanism.v, mechanism.v.risk.copy()
    held = v.members[[FAMOUS, SIBLING]].sum(axis=0) / mechanism._ten_thousands
    np.testing.assert_allclose(free, 20.0 + 2.0 * held)
    v.patrols[3] = 300.0
    mechanism._weigh()
    assert v.risk[3] == pytest.approx(free[3] + 40.0)


def test_owners_drive_impostors_out() -> None:
    mechanism = _impostors(owner_exit=0.01, entry=0.0)
    _make_famous(mechanism, credibility=0.9)
    mechanism.v.impostors[:] = 40
    mechanism.v.members[FAMOUS, 10:] = mechanism.v.members[SIBLING, 10:] = 0
    _live(mechanism, 0, 60)
    left = mechanism.v.impostors
    assert (left[10:] == 40).all()
    assert left[:10].sum() < 300


def test_refused_impostors_are_unmasked_after_a_while_and_dilute_the_name_they_used() -> None:
    mechanism = _impostors(entry=0.0)
    v = mechanism.v
    _make_famous(mechanism, credibility=0.9)
    v.impostors[0] = 40
    v.demand_count[0] = 40
    found, charged = 0, 0.0
    for day in range(15):
        before = v.impostors.sum()
        mechanism.step(day)
        v.demand_count[0] = 0
        assert before - v.impostors.sum() == v.unmasked.sum()
        found += int(v.unmasked[FAMOUS, 0])
        charged += v.diluted[0, FAMOUS]
        assert v.diluted.sum() == v.diluted[0, FAMOUS] == 3.0 * v.unmasked.sum()
    expected = 40 * (1.0 - np.exp(-15 / 10))
    assert found == pytest.approx(expected, abs=4 * np.sqrt(40 * 0.25))
    assert charged == 3.0 * found
    assert v.impostors[0] == 40 - found


@pytest.mark.parametrize(("chance", "action"), [(0.0, REFUSE), (1.0, PAY)])
def test_who_is_paid_or_lucky_is_not_unmasked(chance: float, action: int) -> None:
    mechanism = _impostors(entry=0.0, unmasking=chance)
    _make_famous(mechanism, credibility=0.9)
    mechanism.v.impostors[0] = 40
    mechanism.v.demand_count[0] = 40
    mechanism.v.action[:] = action
    _live(mechanism, 0, 50)
    assert mechanism.v.unmaskings.sum() == 0
    assert mechanism.v.doubt.sum() == 0.0


def test_members_of_a_group_are_never_unmasked() -> None:
    mechanism = _impostors(entry=0.0)
    _make_famous(mechanism, credibility=0.9)
    mechanism.v.impostors[0] = 40
    mechanism.v.demand_count[0] = 40
    mechanism.v.demand_group[:] = FAMOUS
    _live(mechanism, 0, 20)
    assert mechanism.v.exposed.sum() == 0.0


def test_exposures_leave_with_those_who_are_arrested() -> None:
    mechanism = _impostors(entry=0.0, unmasking_delay=1e4)
    _make_famous(mechanism, credibility=0.9)
    mechanism.v.impostors[0] = 40
    mechanism.v.demand_count[0] = 40
    mechanism.v.arrested[IMPOSTOR, 0] = 30
    mechanism.step(0)
    assert mechanism.v.exposed[FAMOUS, 0] == pytest.approx(10.0)
    assert mechanism.v.impostors.tolist() == [10] + [0] * (mechanism.city.districts - 1)
    mechanism.v.arrested[:] = 0
    mechanism.v.returned[IMPOSTOR, 0] = 7
    mechanism.v.demand_count[0] = 0
    mechanism.step(1)
    assert mechanism.v.impostors[0] == 17


def test_doubt_is_the_share_of_remembered_refusals_that_were_impostors() -> None:
    mechanism = _impostors(entry=0.0, unmasking_delay=0.001, memory=1e5)
    _make_famous(mechanism, credibility=0.9)
    v = mechanism.v
    v.impostors[0] = 10
    v.refused_seen[0, FAMOUS] = 120.0
    v.demand_count[0] = 10
    mechanism.step(0)
    assert v.unmasked[FAMOUS, 0] == 10
    assert v.doubt[0, FAMOUS] == pytest.approx(30.0 / (50.0 + 120.0 + 30.0), rel=1e-3)
    assert v.doubt.sum() == v.doubt[0, FAMOUS]


def test_targets_pay_by_the_rules_of_smith_and_varese() -> None:
    assert [pays(i, 1.0, 4.0) for i in (0.24, 0.25, 0.3)] == [False, True, True]
    assert [pays(i, 1.0, 4.0, 2) for i in (0.39, 0.4, 0.5)] == [False, True, True]


def test_labels_of_origin_change_nothing() -> None:
    assert "origin" not in inspect.getsource(impostors) + inspect.getsource(posing) + inspect.getsource(senders)
    city = _city()
    relabelled = replace(city, groups=tuple(replace(g, origin_label=f"label {n}") for n, g in enumerate(city.groups)))
    runs = []
    for given in (city, relabelled):
        mechanism = _impostors(city=given)
        _make_famous(mechanism)
        mechanism.v.demand_count[0] = 30
        _live(mechanism, 0, 60)
        runs.append({name: mechanism.v.__dict__[name].tobytes() for name in Impostors.writes})
    assert runs[0] == runs[1]
