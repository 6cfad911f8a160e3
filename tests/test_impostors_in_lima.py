"""Brands and impostors in Lima: the true and the claimed sender differ, impostors follow fame, links can be cut."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from racketsim.policies.cut_affiliation import CutAffiliation
from racketsim.simulation import Sim
from tests.mechanism_city import CODE, events, lima, run, whole_lima


def _place(sim: Sim, name: str) -> int:
    return [group.id for group in sim.groups].index(name)


@cache
def _shares() -> tuple[np.ndarray, np.ndarray]:
    """Return demands by impostors by the group claimed, and what the weights of names lead one to expect.

    Over three seeds; weights are credibility squared times the claims of the press that name the brand, remembered.
    """
    falsely, expected, brand = np.zeros(8), np.zeros(8), slice(6, 8)
    for seed in (1, 2, 3):
        sim = whole_lima(seed)
        falsely += (sim.records["demands_by_claim"] - sim.records["demands_by_group"]).sum(axis=(0, 1))[:8]
        group, months = sim.claims["group"], sim._city.month_of_day
        kept = (group >= 0) & (group < 8) & (sim.claims["day"] < len(months))
        news = np.zeros((months[-1] + 1, 8))
        np.add.at(news, (months[sim.claims["day"][kept]], group[kept]), 1.0)
        news[:, brand] = news[:, brand].sum(axis=1, keepdims=True)
        for month in range(1, len(news)):
            news[month] += 0.79 * news[month - 1]  # half in three months
        weight = sim.records["credibility"][:, :, :8] ** 2 * news[:, None]
        share = weight / np.maximum(weight.sum(axis=2, keepdims=True), 1e-9)
        expected += (share * sim.records["impostors"][:, :, None]).sum(axis=(0, 1))
    return falsely, expected


def test_true_and_claimed_sender_differ_only_for_impostors() -> None:
    sim = whole_lima()
    impostor = _place(sim, "impostors")
    true, claimed = (sim.records[name].sum(axis=(0, 1)) for name in ("demands_by_group", "demands_by_claim"))
    assert true.sum() == claimed.sum()
    assert true[impostor] > 200
    assert claimed[impostor] == 0
    assert (np.delete(claimed - true, impostor) >= 0).all()
    log = sim.log
    false = log["claimed"] != log["group"]
    demands = np.isin(log["type"], [0, 1, 2, 3, 4])
    assert (log["group"][false & demands] == impostor).all()


def test_police_records_bear_the_name_that_was_used() -> None:
    """Reports name whom the demand named; after a punishment, who punished, which no impostor does."""
    sim = whole_lima()
    log, impostor = sim.log, _place(sim, "impostors")
    known = np.flatnonzero(log["event_id"])
    order = known[np.argsort(log["event_id"][known])]

    def cause(rows: np.ndarray) -> np.ndarray:
        found: np.ndarray = order[np.searchsorted(log["event_id"][order], log["caused_by"][rows])]
        return found

    for name in ("report", "record"):
        rows = np.flatnonzero(log["type"] == CODE[name])
        demands = cause(rows) if name == "report" else cause(cause(rows))
        asked = np.isin(log["type"][demands], [CODE["demand"]])
        np.testing.assert_array_equal(log["claimed"][rows[asked]], log["claimed"][demands[asked]])
        np.testing.assert_array_equal(log["claimed"][rows[~asked]], log["group"][rows[~asked]])
        false = log["group"][rows] == impostor
        assert false.sum() > 5
        assert (log["claimed"][rows[false]] != impostor).all()


def test_impostors_punish_nobody() -> None:
    sim = whole_lima()
    assert sim.records["incidents_by_group"][:, _place(sim, "impostors")].sum() == 0


def test_impostors_follow_fame() -> None:
    falsely, expected = _shares()
    assert np.corrcoef(falsely, expected)[0, 1] > 0.8
    brand = slice(6, 8)  # the two affiliates: few members, much fear
    members = whole_lima().records["members"].sum(axis=(0, 1))[:8]
    assert falsely[brand].sum() / members[brand].sum() > 3 * falsely[:6].sum() / members[:6].sum()


@pytest.mark.slow
def test_the_arrival_of_the_brand_brings_impostors() -> None:
    with_brand, counts = lima(policies=False), []
    others = tuple(group for group in with_brand.groups if group.brand != "Tren de Aragua")
    for city in (with_brand, replace(with_brand, groups=others)):
        sims = [run(city, seed=seed, keep_events=False) for seed in (1, 2, 3)]
        counts.append(sum(sim.records["impostors"][48:].sum() for sim in sims))
    assert counts[0] > 1.5 * counts[1]


def test_the_brand_is_believed_where_its_groups_are_new() -> None:
    records = whole_lima().records
    sim = whole_lima()
    new = _place(sim, "dinastia_alayon")
    prior = sim.scenario.parameters["credibility"]["prior"].value
    assert records["credibility"][40, :, new].min() > prior  # the month before it arrives


def test_a_cut_link_stops_members_and_arms_and_changes_nothing_before() -> None:
    cut = CutAffiliation("gallegos", start="2020-01-01")
    with_link, without = run(lima(policies=False)), run(lima(policies=False), policies=[cut])
    group = _place(with_link, "gallegos")
    linked, free = (sim.records for sim in (with_link, without))
    assert linked["supplied"][24:, group].sum() > 10
    assert free["supplied"][24:, group].sum() == 0
    assert free["linked"][:, group].tolist() == [1] * 24 + [0] * 48
    np.testing.assert_array_equal(free["demands"][:24], linked["demands"][:24])
    method = 3
    assert free["incidents_by_group"][36:, group, method].sum() < linked["incidents_by_group"][36:, group, method].sum()


def test_without_a5_nobody_poses_and_every_claim_is_true() -> None:
    sim = run(lima(), "2020-12-31", without=("A5",))
    assert sim.records["impostors"].sum() == 0
    np.testing.assert_array_equal(sim.records["demands_by_claim"], sim.records["demands_by_group"])


def test_every_impostor_entered_and_left_in_an_event() -> None:
    sim = whole_lima()
    impostor = _place(sim, "impostors")

    def people(what: str) -> int:
        chosen = events(sim, what)
        return int(chosen["count"][chosen["group"] == impostor].sum())

    left = people("impostor_exit") + people("impostor_unmasked") + people("arrest")
    stay = people("impostor_entry") - left
    assert stay <= sim._state["impostors"].sum() <= stay + people("release")
    assert people("impostor_unmasked") == sim.records["unmasked"].sum() > 200


@pytest.mark.slow
def test_a_group_that_runs_out_of_arms_uses_its_signature_less() -> None:
    shares = []
    for stock in (0.0, 10_000.0):
        sim = run(lima({"parameters.brand.arms_stock": stock}, policies=False))
        by_method = sim.records["incidents_by_group"][:, _place(sim, "gallegos")].sum(axis=0)
        shares.append(by_method[3] / by_method.sum())
    assert shares[0] < 0.15 < 0.3 < shares[1]
