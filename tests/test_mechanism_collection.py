"""Collection: paying relations, their money, closures, and the equilibrium at the start."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from racketsim.mechanisms.activities import REMOTE_EXTORTION
from racketsim.policies import Lockdown
from racketsim.simulation import Sim
from tests.mechanism_city import events, lima, row_of_three, run, small_lima, whole_lima, without


def test_the_books_agree_with_the_targets() -> None:
    """What is kept in sums (relations and flows, by group and by kind) is what the targets say one by one."""
    sim = small_lima()
    first, second = sim._state["payee"], sim._state["second"]
    city = sim._city
    assert (second >= 0).sum() > 10
    assert not ((second >= 0) & (first < 0)).any()
    assert not ((second >= 0) & (first == second)).any()
    whom, to_second = np.flatnonzero(first >= 0), np.flatnonzero(second >= 0)
    paying = np.concatenate([whom, to_second])
    payee = np.concatenate([first[whom], second[to_second]])
    tribute = np.concatenate([sim._state["tribute"][whom], sim._state["second_tribute"][to_second]])
    cell = np.searchsorted(city.starts, paying, side="right") - 1
    for by, column in (("group", payee.astype(int)), ("kind", cell % city.kinds)):
        relations = np.zeros_like(sim._state[f"relations_{by}"])
        flow = np.zeros_like(relations)
        np.add.at(relations, (cell // city.kinds, column), 1)
        np.add.at(flow, (cell // city.kinds, column), tribute)
        np.testing.assert_array_equal(relations, sim._state[f"relations_{by}"])
        np.testing.assert_array_equal(flow, sim._state[f"flow_{by}"])


def test_no_closed_target_pays() -> None:
    sim = small_lima()
    assert not ((sim._state["payee"] >= 0) & (sim._state["closed"] == 1)).any()  # not even if asked twice in a day
    assert sim._state["closed"].sum() > 0


def test_tribute_by_kind_and_by_group_are_the_same_money() -> None:
    records = whole_lima().records
    by_kind, by_group = records["tribute_by_kind"].sum(axis=(1, 2)), records["tribute_by_group"].sum(axis=(1, 2))
    np.testing.assert_allclose(by_kind, by_group, rtol=1e-4)  # a lockdown's days cut to whole centimos


def test_only_sums_paid_by_remote_are_remote_income() -> None:
    """What a roving group takes at once in person is no remote extortion."""
    sim = whole_lima()
    paid = events(sim, "payment_agreed")
    remote = paid["amount"][paid["channel"] == 1].sum()
    assert remote > 0
    assert sim.records["revenue"][:, :, REMOTE_EXTORTION].sum() == remote


def test_a_relation_pays_its_sum_every_day() -> None:
    sim = run(without(lima(share=20), "entrant", "remote"), "2018-01-01")
    assert sim._state["relations_kind"].sum() > 1000
    for day in range(2, 12):
        sim.run(f"2018-01-{day:02}")
        for by in ("group", "kind"):  # newcomers of tomorrow have left the flow by the evening
            income, flow = sim._state[f"income_{by}"], sim._state[f"flow_{by}"]
            assert (income >= flow).all()
            assert flow.sum() > 0.995 * income.sum()
        assert sim._state["payments_kind"].sum() == pytest.approx(sim._state["relations_kind"].sum(), rel=0.005)


def _second_year_against_first(*names: str, off: tuple[str, ...]) -> list[float]:
    """Return by how much 2019 exceeds 2018 without entrants and remote demands, as shares; three seeds together."""
    scenario = without(lima(), "entrant", "remote")
    runs = [run(scenario, "2019-12-31", seed=seed, without=off, keep_events=False) for seed in (1, 2, 3)]

    def change(name: str) -> float:
        months = np.sum([sim.records[name].reshape(24, -1).sum(axis=1) for sim in runs], axis=0)
        return float(months[12:].sum() / months[:12].sum() - 1.0)

    return [change(name) for name in names]


def test_the_start_is_an_equilibrium_of_extortion() -> None:
    """Without loans 2019 is as 2018, within a few percent (A24)."""
    names = ("relations", "tribute_by_kind", "demands", "members", "incidents")
    relations, tribute, demands, members, incidents = _second_year_against_first(*names, off=("A7",))
    assert abs(relations) < 0.04
    assert abs(tribute) < 0.04
    assert abs(demands) < 0.03
    assert abs(members) < 0.06
    assert abs(incidents) < 0.10


def test_debtors_come_on_top_of_that_equilibrium() -> None:
    """Nobody is pressed for a loan before the first day; relations that begin so are added to those at the start."""
    names = ("relations", "demands")
    with_loans, without_loans = (_second_year_against_first(*names, off=off) for off in ((), ("A7",)))
    for more, fewer in zip(with_loans, without_loans, strict=True):
        assert 0.0 < more - fewer < 0.05


def _relations_from_nothing_and_from_the_start(numbers: dict[str, float], without: tuple[str, ...]) -> np.ndarray:
    """Return `[2, month]`, paying relations: of a city that starts without any, and of one that starts with them."""
    scenario = row_of_three(numbers, targets=160_000, groups=["local_norte"])
    empty, given = (Sim(scenario, without=without, keep_events=False) for _ in range(2))
    for name in ("payee", "flow_group", "flow_kind", "relations_group", "relations_kind"):
        empty._state[name][...] = -1 if name == "payee" else 0
    return np.array([sim.run("2021-12-31").records["relations"].sum(axis=(1, 2)) for sim in (empty, given)])


def test_relations_reach_the_same_level_from_nothing() -> None:
    """The stationary chance x / (1 + x) is right if a city that starts without payers grows to the same number.

    The formula is that of a target with a fixed chance to pay, so beliefs, members and what was suffered are held:
    no punishments (they add follow-up demands and histories: 15% more payers after six years), A22, A4 and A8 off
    (nothing is believed for being said in public, nobody riots), no turnover of members, and as many demands
    however few arrests are seen. Reviews are six times as frequent and so are demands, which leaves x as it is, and
    the longest relations last 300 days: little is left of the start after 30 months. Closed targets are back at
    once. Tolerance: 4 sigma of some 10,000 independent payers, and 1% for whole days and the day that a closure
    lasts.
    """
    steady = {
        "parameters.punishment.propensity": 0.0,
        "parameters.membership.leaving": 0.0,
        "parameters.membership.recruitment": 0.0,
        "parameters.policing.clearance": 0.0,
        "parameters.deterrence.elasticity": 0.0,
        "parameters.allocation.rate_per_member": 6 * 4 * 0.04,
        "parameters.collection.review_mean": 365.0 / 6,
        "parameters.collection.reopening_mean": 1.0,
    }
    empty, given = _relations_from_nothing_and_from_the_start(steady, ("A4", "A8", "A22"))
    start = given[0]
    assert empty[0] < 0.4 * start
    tolerance = 4 / np.sqrt(start) + 0.01
    assert start > 9000
    assert empty[30:].mean() == pytest.approx(start, rel=tolerance)
    assert given[30:].mean() == pytest.approx(start, rel=tolerance)


def test_the_chance_to_be_a_payer_rises_with_frailty() -> None:
    from racketsim.engine.thresholds import frailty_class

    sim = Sim(without(lima(share=20), "entrant", "remote"))
    classes = np.array([frailty_class(np.uint64(1), target, 0) for target in range(sim._city.targets)])
    pays = sim._state["payee"] >= 0
    thirds = [pays[(classes >= low) & (classes < low + 341)].mean() for low in (0, 341, 682)]
    assert thirds[0] < 0.7 * thirds[1] < 0.6 * thirds[2]


def test_relations_are_put_to_the_test_after_the_stated_time() -> None:
    counts = {}
    for mean in (100.0, 400.0):
        scenario = row_of_three({"parameters.collection.review_mean": mean}, groups=["local_norte"])
        sim = Sim(scenario)
        relations = int(sim._state["relations_kind"].sum())
        reviews = 0
        for day in range(1, 31):
            sim.run(date(2018, 1, day))
            n = int(sim._state["demand_count"][0])
            reviews += int((sim._state["demand_reason"][:n] == 1).sum())
        counts[mean] = reviews / relations
        expected = 0.8 * (1.0 - np.exp(-30.0 / mean))  # a fifth has been replaced by newcomers
        assert counts[mean] == pytest.approx(expected, rel=0.15)
    assert counts[100.0] > 2.5 * counts[400.0]


def test_all_newcomers_end_relations() -> None:
    left = {}
    for turnover in (0.01, 1.0):
        scenario = row_of_three(
            {"parameters.collection.turnover": turnover, "parameters.collection.review_mean": 60.0},
            groups=["local_norte"],
        )
        left[turnover] = run(scenario, "2018-12-31").records["relations"][-1].sum()
    assert left[1.0] < 0.5 * left[0.01]


def test_closed_targets_come_back_after_the_stated_time() -> None:
    sim = whole_lima()
    closed, back = events(sim, "closure"), events(sim, "reopening")
    year_one = (closed["day"] < 365).sum()
    assert year_one > 1000
    assert back["day"].min() > closed["day"].min()
    standing = np.cumsum(np.bincount(closed["day"], minlength=2191) - np.bincount(back["day"], minlength=2191)[:2191])
    assert (standing >= 0).all()
    rate = (closed["day"] > 1000).sum() / (2190 - 1000)
    assert standing[1200:].mean() == pytest.approx(180 * rate, rel=0.1)  # Little's law: stock = flow x mean stay


def test_a_lockdown_lowers_collection_to_the_street_activity_that_is_left() -> None:
    city = without(lima(share=20), "entrant", "remote")
    closed = Lockdown(start="2018-03-01", end="2018-03-31", mobility=0.25, station_access=1.0)
    free, shut = run(city, "2018-03-31"), run(city, "2018-03-31", policies=[closed])
    ratio = shut.records["tribute_by_kind"][2].sum() / free.records["tribute_by_kind"][2].sum()
    assert ratio == pytest.approx(0.25, abs=0.02)
    np.testing.assert_array_equal(shut.records["tribute_by_kind"][:2], free.records["tribute_by_kind"][:2])


def test_a_one_off_sum_by_remote_is_paid_once_and_makes_no_relation() -> None:
    scenario = row_of_three(groups=["remote_operators"])
    sim = run(scenario, "2023-12-31")
    paid, asked = events(sim, "payment_agreed"), events(sim, "demand")
    assert len(paid["day"]) > 50
    assert set(asked["channel"].tolist()) == {1}
    assert sim.records["tribute_by_kind"].sum() == paid["amount"].sum()
    assert sim.records["payments"].sum() == len(paid["day"])
    assert sim.records["relations"].sum() == 0


def test_a_cell_without_members_loses_its_relations() -> None:
    sim = small_lima()
    records = sim.records
    there = records["members"].copy()
    there[..., [group.role for group in sim.groups].index("impostor")] = records["impostors"]  # members of no group
    gone = there == 0
    gone[1:] &= there[:-1] == 0
    assert records["relations_by_group"][gone].sum() == 0
    emptied = {"parameters.membership.leaving": 0.2, "parameters.membership.recruitment": 0.0}
    ended = run(row_of_three(emptied, groups=["local_norte"]), "2018-06-30")
    assert ended.records["members"][-1].sum() == 0
    assert ended.records["relations"][-1].sum() == 0
    assert events(ended, "relation_end")["count"].sum() > 100
