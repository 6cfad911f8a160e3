"""Demands: who is asked, by whom, and for how much."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from racketsim.mechanisms.asking import frailty_weights, traits
from tests.mechanism_city import REMOTE, TERRITORIAL, events, lima, row_of_three, run, small_lima, whole_lima, without


def _new(sim_events: dict[str, np.ndarray], channel: int) -> dict[str, np.ndarray]:
    chosen = sim_events["channel"] == channel
    return {name: column[chosen] for name, column in sim_events.items()}


def test_frailty_has_mean_one_and_the_stated_spread() -> None:
    for sigma in (0.0, 0.5, 1.2):
        weights = frailty_weights(sigma)
        assert weights.mean() == pytest.approx(1.0, abs=1e-12)
        assert np.log(weights[0]).std() == pytest.approx(sigma, abs=0.01)


def test_traits_of_a_target_are_its_own_for_ever_and_lognormal() -> None:
    drawn = np.array([traits(np.uint64(5), target, 1.2) for target in range(20_000)])
    again = np.array([traits(np.uint64(5), target, 1.2) for target in range(100)])
    np.testing.assert_array_equal(drawn[:100], again)
    assert np.log(drawn[:, 0]).mean() == pytest.approx(0.0, abs=0.033)  # 4 sigma
    assert np.log(drawn[:, 0]).std() == pytest.approx(1.2, abs=0.024)
    assert drawn[:, 1].std() == pytest.approx(1.0, abs=0.02)
    assert abs(np.corrcoef(np.log(drawn[:, 0]), drawn[:, 1])[0, 1]) < 0.03


def test_the_sum_asked_is_the_concave_tariff_of_the_kind() -> None:
    scenario = without(lima(share=20), "remote", "entrant")
    asked = events(run(scenario, "2018-03-31", seed=4), "demand")
    sigma, scale, exponent = (
        np.array([kind[name] for kind in scenario.kinds])
        for name in ("size_sigma", "tribute_scale", "tribute_exponent")
    )
    size = np.array([traits(np.uint64(4), t, sigma[k])[0] for t, k in zip(asked["target"], asked["kind"], strict=True)])
    kind = asked["kind"]
    np.testing.assert_allclose(asked["amount"], 100.0 * scale[kind] * size ** exponent[kind], atol=0.501)


def test_the_smallest_pay_the_largest_share_of_their_profit() -> None:
    """Sicily: 40% of profit for the smallest firms, falling to 2% for large ones."""
    asked = _new(events(small_lima(), "demand"), TERRITORIAL)
    shop = asked["kind"] == 0
    amount, kind = asked["amount"][shop], small_lima().scenario.kinds[0]
    size = (amount / 100.0 / kind["tribute_scale"]) ** (1.0 / kind["tribute_exponent"])
    burden = amount / 100.0 / (kind["size_median"] * size)
    order = np.argsort(size)
    deciles = [burden[part].mean() for part in np.array_split(order, 10)]
    assert all(a > b for a, b in pairwise(deciles))
    assert 0.2 <= deciles[0] <= 0.6
    assert deciles[-1] <= 0.1


def test_demands_in_person_follow_members_and_remote_ones_follow_exposure() -> None:
    sim = whole_lima()
    records = sim.records
    demands = records["demands"].sum(axis=2)
    members = records["members"].sum(axis=2)
    first = demands[:12, :, TERRITORIAL].sum(axis=0)
    assert np.corrcoef(first, members[:12].mean(axis=0))[0, 1] > 0.9
    kinds = np.array([kind["remote_attraction"] for kind in sim.scenario.kinds])
    weight = (sim.scenario.targets * kinds).sum(axis=1) * sim.scenario.districts.exposure**0.6
    remote = demands[..., REMOTE].sum(axis=0)
    expected = weight / weight.sum() * remote.sum()
    chi_square = ((remote - expected) ** 2 / expected)[expected > 5].sum()
    assert chi_square < 1.5 * 50 + 60  # repeated demands on frail targets spread counts somewhat beyond Poisson


def test_targets_fire_at_the_rate_of_the_members() -> None:
    """Firings in person (before it is seen who pays already) are Poisson with mean r x member-days."""
    sim = run(row_of_three(groups=["local_norte"]), "2018-01-31")
    mean = 0.04 * 31 * sim._state["members"].sum()  # members change by about a hundredth in the month
    assert sim._state["fired"][TERRITORIAL].sum() == pytest.approx(mean, abs=4 * np.sqrt(mean) + 0.02 * mean)


def test_more_than_half_of_the_demands_in_person_fall_on_repeat_victims() -> None:
    asked = _new(events(whole_lima(), "demand"), TERRITORIAL)
    times = np.unique(asked["target"], return_counts=True)[1]
    assert times[times > 1].sum() / times.sum() > 0.5


def test_repeats_come_from_frailty() -> None:
    share = {}
    for sigma in (0.0, 2.0):
        scenario = row_of_three({"parameters.demand.frailty_sigma": sigma}, groups=["local_norte"])
        asked = events(run(scenario, "2018-06-30"), "demand")
        times = np.unique(asked["target"], return_counts=True)[1]
        share[sigma] = (times - 1).sum() / times.sum()
    assert share[2.0] > 1.3 * share[0.0]


def test_nobody_who_pays_a_group_is_asked_anew_by_it_and_nobody_who_has_closed_is_asked() -> None:
    sim = run(without(lima(share=20), "entrant", "remote"), "2018-01-01")
    for day in range(2, 30):
        payee, closed = sim._state["payee"].copy(), sim._state["closed"].copy()
        sim.run(f"2018-01-{day:02}")
        n = int(sim._state["demand_count"][0])
        target, new = sim._state["demand_target"][:n], sim._state["demand_reason"][:n] == 0
        assert (payee[target[new]] != sim._state["demand_group"][:n][new]).all()
        assert (closed[target] == 0).all()


def test_senders_in_person_are_groups_that_are_there() -> None:
    """Looked at without A7: with it, groups that hold territory also ask by phone where they have nobody."""
    sim = run(lima(share=20), without=("A7",))
    by_group = sim.records["demands_by_group"]
    absent = np.zeros(by_group.shape, dtype=bool)
    members = sim.records["members"].copy()
    members[..., [group.role for group in sim.groups].index("impostor")] = sim.records["impostors"]
    absent[1:] = (members[1:] == 0) & (members[:-1] == 0)
    in_person = [place for place, group in enumerate(sim.groups) if group.role != "remote"]
    stray = by_group[..., in_person][absent[..., in_person]].sum()
    assert stray <= 0.001 * by_group.sum()  # displaced by a surge, or a cell that came and went within a month
