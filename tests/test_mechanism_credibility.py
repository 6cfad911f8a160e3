"""Credibility: what people believe about punishment, from what they have seen."""

from __future__ import annotations

import numpy as np
import pytest

from racketsim.mechanisms.credibility import believe, witness
from racketsim.simulation import Sim
from tests.mechanism_city import row_of_three, run, whole_lima, with_group

STARTS, NEIGHBOURS = np.array([0, 1, 3, 4]), np.array([1, 0, 2, 1])  # A - B - C


def _believe(refused: list[float], punished: list[float], weight: float = 0.3) -> np.ndarray:
    credibility = np.zeros((3, 1))
    seen, unknown = (np.array([refused]).T, np.array([punished]).T), np.zeros((3, 1))
    believe(STARTS, NEIGHBOURS, weight, 0.08, 50.0, *seen, unknown, unknown, credibility)
    return credibility[:, 0]


def test_belief_is_the_prior_where_nothing_was_seen() -> None:
    np.testing.assert_allclose(_believe([0, 0, 0], [0, 0, 0]), 0.08)


def test_belief_is_the_mean_of_the_beta_distribution() -> None:
    np.testing.assert_allclose(_believe([100, 0, 0], [30, 0, 0], 0.0), [34 / 150, 0.08, 0.08])


def test_punishments_raise_belief_and_refusals_without_punishment_lower_it() -> None:
    assert _believe([10, 0, 0], [5, 0, 0])[0] > 0.08 > _believe([10, 0, 0], [0, 0, 0])[0]


def test_what_neighbours_see_counts_at_its_weight_and_no_further() -> None:
    seen = _believe([100, 0, 0], [30, 0, 0], 0.3)
    half = 0.3 / 2  # B has two neighbours, who share the weight
    np.testing.assert_allclose(seen, [34 / 150, (4 + half * 30) / (50 + half * 100), 0.08])


def test_belief_never_exceeds_certainty() -> None:
    np.testing.assert_allclose(_believe([0, 0, 0], [1e6, 0, 0])[0], 1.0)


def test_with_much_seen_belief_is_what_happens() -> None:
    assert _believe([1e6, 0, 0], [2e5, 0, 0], 0.0)[0] == pytest.approx(0.2, abs=1e-4)


def test_refusals_in_person_and_changes_are_witnessed_remote_refusals_are_not() -> None:
    refused, punished = np.zeros((2, 3)), np.zeros((2, 3))
    cell = np.array([0, 0, 1, 1, 0], np.int32)
    witness(
        1,
        5,
        cell,
        np.array([0, 1, 1, 2, 0], np.int16),
        np.array([0, 0, 0, 1, 0], np.int8),
        np.array([-1, -1, 0, -1, -1], np.int16),
        np.array([0, 1, 3, 0, 2], np.int8),  # refuse, pay, change, refuse by remote, close
        2,
        np.array([1, 1], np.int32),
        np.array([1, 1], np.int16),
        refused,
        punished,
    )
    np.testing.assert_array_equal(refused, [[1, 0, 0], [1, 0, 0]])  # who changes refuses the old group
    np.testing.assert_array_equal(punished, [[0, 0, 0], [0, 2, 0]])


def test_memory_halves_in_the_half_life() -> None:
    sim = Sim(row_of_three({"parameters.allocation.rate_per_member": 0.0}, groups=["local_norte"]))
    sim._state["punished_seen"][:, 0] = 64.0
    sim.run("2018-06-29")  # 180 days
    np.testing.assert_allclose(sim._state["punished_seen"][:, 0], 32.0, rtol=1e-9)


def test_a_group_that_punishes_more_is_believed_and_paid_more() -> None:
    believed, paid = [], []
    for violence in (0.2, 5.0):
        sim = run(with_group(row_of_three(groups=["local_norte"]), "local_norte", violence=violence), "2019-12-31")
        believed.append(sim.records["credibility"][-1, :, 0].mean())
        paid.append(sim.records["paid"].sum() / sim.records["demands"].sum())
    assert believed[0] < 0.08 < believed[1]
    assert believed[1] > 2 * believed[0]
    assert paid[1] > 1.15 * paid[0]


def test_a_threat_never_carried_out_loses_credibility() -> None:
    sim = run(row_of_three({"parameters.punishment.propensity": 0.0}, groups=["local_norte"]), "2019-12-31")
    series = sim.records["credibility"][:, :, 0].mean(axis=1)
    assert series[0] < 0.08
    assert series[-1] < 0.03


def test_remote_operators_borrow_the_fear_of_the_groups_on_the_spot() -> None:
    sim = whole_lima()
    remote = [g.id for g in sim.groups].index("remote_operators")
    credibility, members = sim._state["credibility"], sim._state["members"].T
    fear = np.where(members > 0, credibility, 0.0)
    fear[:, remote] = 0.0
    np.testing.assert_allclose(credibility[:, remote], 0.03 + 0.35 * fear.max(axis=1))


def test_entrants_with_a_violent_method_are_feared_more_than_incumbents() -> None:
    sim = whole_lima()
    credibility, members = sim.records["credibility"], sim.records["members"]
    ids = [g.id for g in sim.groups]

    def mean(*names: str) -> float:
        places = [ids.index(name) for name in names]
        return float(np.average(credibility[36:, :, places], weights=members[36:, :, places]))

    assert mean("gallegos") > 1.2 * mean("local_norte", "local_sur", "local_callao")
