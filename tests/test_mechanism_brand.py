"""Brands: shared credibility, supply of affiliates, signature weapons, and what it costs to be notorious."""

from __future__ import annotations

import inspect
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from racketsim.mechanisms import brand, brand_credit
from racketsim.mechanisms.brand import Brand, brands
from racketsim.mechanisms.brand_credit import brand_credibility, brand_prior, share_evidence
from racketsim.scenario.model import Scenario
from tests.lone_mechanism import alone
from tests.mechanism_city import lima

VALUES = {
    "city_weight": 0.1,
    "signature_weight": 4.0,
    "memory": 365.0,
    "kept_credit": 0.5,
    "supply": 0.05,
    "arms_stock": 10.0,
    "arms_parent": 0.2,
    "arms_local": 0.1,
    "priority_step": 0.1,
    "priority_most": 2.0,
    "priority_half_life": 100.0,
}
LOCAL, FIRST, SECOND, NEW = 0, 1, 2, 5
EXPLOSIVE = 3


@cache
def _city() -> Scenario:
    """Return Lima with one band of its own and two affiliates of one parent."""
    city = lima(policies=False)
    chosen = [g for g in city.groups if g.id in ("local_sur", "gallegos", "dinastia_alayon")]
    return replace(city, groups=tuple(chosen))


def _brand(off: tuple[str, ...] = (), seed: int = 1, city: Scenario | None = None, **values: float) -> Brand:
    city = city or _city()
    groups, districts = len(city.groups) + 17, len(city.districts)
    read: dict[str, Any] = {
        "members": np.zeros((groups, districts), dtype=np.int64),
        "alive": np.zeros(groups, dtype=np.uint8),
        "parent": np.full(groups, -1),
        "signature": np.full(groups, -1),
        "link_cut": np.zeros(groups, dtype=np.uint8),
        "refused_seen": np.zeros((districts, groups)),
        "punished_seen": np.zeros((districts, groups)),
        "incident_count": np.zeros(1, dtype=np.int64),
        "incident_group": np.zeros(8, dtype=np.int16),
        "incident_method": np.zeros(8, dtype=np.int8),
        "incident_public": np.ones(8, dtype=np.uint8),
    }
    read["alive"][:3] = 1
    read["signature"][[FIRST, SECOND]] = EXPLOSIVE
    read["members"][:3, 4] = 20
    read["members"][:3, 7] = 30
    mechanism = alone(Brand, city, {**VALUES, **values}, seed, off, **read)
    size = mechanism.city.groups  # the reads must fit a city with or without a place for impostors
    for name in ("members", "alive", "parent", "signature", "link_cut"):
        mechanism.v.__dict__[name] = read[name][:size]
    for name in ("refused_seen", "punished_seen"):
        mechanism.v.__dict__[name] = np.ascontiguousarray(read[name][:, :size])
    mechanism.prepare()
    return mechanism


def _explode(mechanism: Brand, group: int, times: int) -> None:
    mechanism.v.incident_count[0] = times
    mechanism.v.incident_group[:times] = group
    mechanism.v.incident_method[:times] = EXPLOSIVE


def test_groups_of_one_brand_share_a_place_and_others_are_their_own() -> None:
    assert brands(["", "x", "y", "x", ""]) == [0, 1, 2, 1, 4]
    v = _brand().v
    assert v.brand_of[:3].tolist() == [LOCAL, FIRST, FIRST]
    assert v.affiliate[:3].tolist() == [0, 1, 1]
    assert (v.brand_of[3:] == -1).all()


def test_the_table_of_affiliation_has_a_row_for_every_affiliate() -> None:
    mechanism = _brand()
    mechanism.v.link_cut[SECOND] = 1
    mechanism.step(0)
    rows = mechanism.affiliations()
    assert [(row.group, row.brand, row.linked) for row in rows] == [
        (FIRST, "Tren de Aragua", True),
        (SECOND, "Tren de Aragua", False),
    ]


def test_evidence_is_what_the_brand_was_seen_to_do_here_and_at_a_weight_elsewhere() -> None:
    brand_of = np.array([0, 1, 1, -1])
    refused, punished = np.zeros((2, 4)), np.zeros((2, 4))
    refused[0] = [40, 10, 20, 0]
    punished[0] = [4, 5, 6, 0]
    refused[1] = [8, 100, 0, 0]
    punished[1] = [1, 30, 0, 0]
    seen = np.array([0.0, 7.0, 0.0, 0.0])
    held_out, acted = np.empty((2, 4)), np.empty((2, 4))
    share_evidence(brand_of, np.ones(4), 0.1, 4.0, seen, refused, punished, held_out, acted)
    bonus = 0.1 * 4.0 * 7.0
    np.testing.assert_allclose(held_out[0], [0.1 * 8, 20 + 10, 10 + 10, 0])
    np.testing.assert_allclose(acted[0], [0.1 * 1, 6 + 3 + bonus, 5 + 3 + bonus, 0])
    np.testing.assert_allclose(held_out[1], [4, 0.1 * 30, 100 + 3, 0])


def test_belief_in_a_brand_starts_at_the_prior_and_ends_at_what_is_seen() -> None:
    assert brand_prior(0.08, 50.0, 0.0, 0.0) == pytest.approx(0.08)
    assert brand_prior(0.08, 50.0, 1e7, 2e6) == pytest.approx(0.2, abs=1e-5)
    assert brand_prior(0.08, 50.0, 0.0, 1e6) == 1.0


def test_one_affiliate_makes_the_other_credible_where_it_is_new_and_nobody_else() -> None:
    mechanism = _brand()
    mechanism.v.refused_seen[4, FIRST] = 100
    mechanism.v.punished_seen[4, FIRST] = 60
    mechanism.step(0)
    v = mechanism.v
    here = [brand_prior(0.08, 50.0, v.brand_refused[4, g], v.brand_punished[4, g]) for g in range(3)]
    away = [brand_prior(0.08, 50.0, v.brand_refused[20, g], v.brand_punished[20, g]) for g in range(3)]
    assert here[SECOND] > away[SECOND] > 0.09
    assert here[LOCAL] == away[LOCAL] == pytest.approx(0.08)
    assert here[FIRST] == pytest.approx(0.08)  # its own deeds here are known at first hand, by `credibility`
    assert away[FIRST] == away[SECOND]


def test_a_visible_signature_counts_more_than_an_ordinary_punishment_and_is_forgotten() -> None:
    mechanism = _brand()
    _explode(mechanism, FIRST, 3)
    mechanism.step(0)
    first = mechanism.v.brand_punished[20, SECOND]
    assert first == pytest.approx(0.1 * 4.0 * 3)
    mechanism.v.incident_count[0] = 0
    for day in range(1, 366):
        mechanism.step(day)
    assert mechanism.v.brand_punished[20, SECOND] == pytest.approx(first / 2, rel=1e-9)
    hidden = _brand()
    _explode(hidden, FIRST, 3)
    hidden.v.incident_public[:] = 0
    hidden.step(0)
    assert hidden.v.brand_punished[20, SECOND] == 0.0


def test_a_notorious_brand_has_priority_up_to_a_limit() -> None:
    mechanism = _brand()
    _explode(mechanism, FIRST, 5)
    mechanism.step(0)
    np.testing.assert_allclose(mechanism.v.priority[:3], [0.0, 0.5, 0.5])
    for day in range(1, 40):
        mechanism.step(day)
    np.testing.assert_allclose(mechanism.v.priority[:3], [0.0, 2.0, 2.0])
    mechanism.v.incident_count[0] = 0
    for day in range(40, 2000):
        mechanism.step(day)
    assert (mechanism.v.priority < 1e-3).all()


def test_the_signature_can_be_used_only_while_arms_last() -> None:
    mechanism = _brand(arms_parent=0.0, arms_local=0.0)
    _explode(mechanism, FIRST, 4)
    stock = []
    for day in range(4):
        mechanism.step(day)
        stock.append(int(mechanism.v.arms[FIRST]))
    assert stock == [6, 2, 0, 0]
    assert mechanism.v.disarmed[:3].tolist() == [0, 1, 0]  # the band has no signature to run out of


def test_a_linked_affiliate_is_armed_faster_than_one_that_was_cut_off() -> None:
    mechanism = _brand(arms_stock=100_000.0)
    mechanism.v.arms[:] = 0
    mechanism.v.link_cut[SECOND] = 1
    for day in range(4000):
        mechanism.step(day)
    assert mechanism.v.arms[FIRST] == pytest.approx(0.3 * 4000, abs=5 * np.sqrt(1200))
    assert mechanism.v.arms[SECOND] == pytest.approx(0.1 * 4000, abs=5 * np.sqrt(400))
    assert mechanism.v.arms[LOCAL] == 0


def test_members_come_from_the_parent_to_the_strongest_cell_until_the_link_is_cut() -> None:
    mechanism = _brand()
    came = np.zeros_like(mechanism.v.supplied)
    for day in range(4000):
        mechanism.v.link_cut[FIRST] = day >= 2000
        mechanism.step(day)
        came += mechanism.v.supplied
    by_group = came.sum(axis=1)
    np.testing.assert_array_equal(by_group, came[:, 7])
    np.testing.assert_array_equal(by_group, mechanism.v.supplied_so_far[:, 0])
    assert by_group[FIRST] == pytest.approx(100, abs=50)  # 5 sigma
    assert by_group[SECOND] == pytest.approx(200, abs=71)
    assert by_group[LOCAL] == 0


def test_nothing_comes_to_a_group_that_is_not_there() -> None:
    mechanism = _brand(supply=1.0)
    mechanism.v.members[FIRST] = 0
    for day in range(20):
        mechanism.step(day)
    assert mechanism.v.supplied_so_far[FIRST, 0] == 0
    assert mechanism.v.supplied_so_far[SECOND, 0] > 5


def test_who_is_cut_off_keeps_a_share_of_the_credit() -> None:
    mechanism = _brand()
    mechanism.v.refused_seen[4, FIRST] = 100
    mechanism.v.punished_seen[4, FIRST] = 60
    mechanism.step(0)
    linked = mechanism.v.brand_punished.copy()
    mechanism.v.link_cut[SECOND] = 1
    mechanism.step(1)
    np.testing.assert_allclose(mechanism.v.brand_punished[:, SECOND], 0.5 * linked[:, SECOND])
    np.testing.assert_array_equal(mechanism.v.brand_punished[:, FIRST], linked[:, FIRST])


def test_a_group_that_breaks_away_keeps_brand_and_link_and_takes_half_of_the_arms() -> None:
    mechanism = _brand(arms_parent=0.0, arms_local=0.0)
    v = mechanism.v
    v.alive[NEW], v.parent[NEW], v.signature[NEW] = 1, SECOND, EXPLOSIVE
    mechanism.step(0)
    assert (v.brand_of[NEW], v.affiliate[NEW], v.linked[NEW]) == (FIRST, 1, 1)
    assert (v.arms[SECOND], v.arms[NEW]) == (5, 5)


def test_credibility_of_a_brand_is_that_of_its_groups_by_members() -> None:
    credibility = np.array([[0.1, 0.2, 0.4, 0.0], [0.3, 0.6, 0.8, 0.0]])
    members = np.array([[1, 1], [2, 0], [0, 2], [0, 0]])
    result = brand_credibility(credibility, members, np.array([0, 1, 1, -1]))
    np.testing.assert_allclose(result, [0.2, 0.5, 0.0, 0.0])


def test_without_a2_nothing_is_received_and_each_group_is_known_for_itself() -> None:
    mechanism = _brand(off=("A2",), supply=1.0)
    mechanism.v.punished_seen[4, FIRST] = 60
    for day in range(20):
        mechanism.step(day)
    assert mechanism.v.supplied_so_far.sum() == 0
    assert mechanism.v.brand_punished[20, SECOND] == 0.0
    assert mechanism.v.brand_punished[20, FIRST] > 0.0
    assert mechanism.affiliations() == []


def test_without_a19_no_group_has_a_signature_weapon() -> None:
    mechanism = _brand(off=("A19",))
    assert mechanism.v.disarmed[:3].tolist() == [0, 1, 1]
    _explode(mechanism, FIRST, 5)
    for day in range(50):
        mechanism.step(day)
    assert mechanism.v.disarmed[:3].tolist() == [0, 1, 1]
    assert mechanism.v.priority.sum() == mechanism.v.signature_seen.sum() == 0.0


def test_labels_of_origin_change_nothing() -> None:
    assert "origin" not in inspect.getsource(brand) + inspect.getsource(brand_credit)
    city = _city()
    relabelled = replace(city, groups=tuple(replace(g, origin_label=f"label {n}") for n, g in enumerate(city.groups)))
    runs = []
    for given in (city, relabelled):
        mechanism = _brand(city=given)
        mechanism.v.punished_seen[4, FIRST] = 60
        _explode(mechanism, FIRST, 2)
        for day in range(300):
            mechanism.step(day)
        runs.append({name: mechanism.v.__dict__[name].tobytes() for name in Brand.writes})
    assert runs[0] == runs[1]
