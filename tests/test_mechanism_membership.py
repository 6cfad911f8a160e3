"""Members of each cell: recruits, leavers, competition, and the balance of all flows."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from racketsim.simulation import Sim
from tests.mechanism_city import events, lima, row_of_three, run, whole_lima, with_group

FLOWS = {
    "arriving": 1,
    "moving": 1,
    "supplied": 1,
    "returned": 1,
    "arrested": -1,
    "dismissed": -1,
    "displaced": 1,
    "fallen": -1,
    "disbanded": -1,
    "avenged": -1,
}
"""What changes members beside recruits and leavers, with its sign."""

NO_ARRESTS = {"parameters.policing.opening_report": 0.0, "parameters.policing.opening_incident": 0.0}


def _members(until: str, seeds: int = 1, groups: tuple[str, ...] = ("local_norte",), **overrides: float) -> np.ndarray:
    """Return members by month and group, averaged over seeds, without arrests."""
    numbers = {f"parameters.membership.{name}": value for name, value in overrides.items()}
    city = row_of_three({**NO_ARRESTS, **numbers}, targets=3000, groups=groups)
    tables = [run(city, until, seed=seed, keep_events=False).records["members"].sum(axis=1) for seed in range(seeds)]
    return np.asarray(np.mean(tables, axis=0))


def test_incumbents_hold_their_territory_at_the_start() -> None:
    sim = Sim(lima())
    members = sim._state["members"]
    for place, group in enumerate(sim.scenario.groups):
        if group.role == "incumbent":
            assert members[place].sum() == round(group["members"])
            assert set(np.flatnonzero(members[place]).tolist()) <= set(group.districts)
        else:
            assert members[place].sum() == 0


def test_members_are_shared_over_districts_by_targets_and_exposure() -> None:
    sim = Sim(lima())
    places = list(sim.scenario.groups[1].districts)
    weight = sim.scenario.targets.sum(axis=1)[places] * sim.scenario.districts.exposure[places]
    expected = 420 * weight / weight.sum()
    np.testing.assert_allclose(sim._state["members"][1, places], expected, atol=1.0)


def test_incumbents_alone_are_in_equilibrium() -> None:
    """Recruits equal leavers: 8 seeds of 420 members stay within 4 sigma of a birth-death process over two years."""
    members = _members("2019-12-31", seeds=8)[:, 0]
    sigma = np.sqrt(2 * 0.0006 * 730 * 420 / 8)
    assert members[-1] == pytest.approx(420, abs=4 * sigma)


def test_without_recruits_members_decay_exponentially() -> None:
    members = _members("2018-12-31", seeds=4, recruitment=0.0, leaving=0.003)[:, 0]
    share = np.exp(-0.003 * 365)
    assert members[-1] / 420 == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / 420 / 4))


def test_a_depleted_cell_regrows_along_the_logistic_curve() -> None:
    """From a tenth: m' = rho m (1 - m / K) - omega m, with K = 420 / (1 - omega / rho)."""
    city = row_of_three(NO_ARRESTS, targets=3000, groups=["local_norte"])
    reached = []
    for seed in range(6):
        sim = Sim(city, seed=seed, keep_events=False)
        sim._state["members"][0] = 14
        reached.append(sim.run("2018-12-31").records["members"][-1].sum())
    m, capacity = 42.0, 420 / (1 - 0.0006 / 0.004)
    for _ in range(365):
        m += 0.004 * m * (1 - m / capacity) - 0.0006 * m
    assert np.mean(reached) == pytest.approx(m, rel=0.2)
    assert np.mean(reached) > 2 * 42


def test_an_entrant_takes_room_from_the_incumbent_the_more_they_compete() -> None:
    left = []
    for alpha in (0.0, 1.0):
        numbers = {**NO_ARRESTS, "parameters.membership.competition": alpha, "parameters.membership.leaving": 0.003}
        city = row_of_three(numbers, targets=3000, groups=["local_norte", "gallegos"])
        city = with_group(city, "gallegos", arrival=date(2018, 1, 2), districts=(0, 1, 2), members=400.0)
        sim = run(city, "2019-12-31", keep_events=False, without=("A7", "A11"))  # neither payroll nor clashes
        left.append(sim.records["members"][-1, :, 0].sum())
    assert left[1] < 0.75 * left[0]
    assert left[0] == pytest.approx(420, rel=0.15)


def test_an_empty_district_has_room_for_the_floor() -> None:
    sim = Sim(row_of_three({"parameters.membership.floor": 10.0}, targets=30_000, groups=["gallegos"]))
    np.testing.assert_allclose(sim._state["capacity"], 10.0)


@pytest.mark.parametrize("seed", [1, 2])
def test_members_are_conserved_over_all_flows(seed: int) -> None:
    """Every day and in every district, members change by what the flows say, and by nothing else."""
    numbers = {
        "parameters.contest.clash_rate": 0.006,
        "parameters.contest.yield_ratio": 0.4,
        "parameters.recruitment.salary": 400.0,
        "parameters.retaliation.branching": 0.9,
        "parameters.retaliation.delay_mean": 10.0,
        "parameters.policing.clearance": 0.002,
        "parameters.expansion.rate": 0.002,
    }
    sim = Sim(lima(numbers, share=20), seed=seed)
    state, seen = sim._state, dict.fromkeys(FLOWS, 0)
    in_person = np.ones(sim._city.groups, dtype=bool)
    in_person[[[group.id for group in sim.scenario.groups].index("remote_operators"), sim._city.impostor]] = False
    for day in range(900):
        before = {name: state[name].copy() for name in ("members", "recruits", "leavers")}
        sim.run(until=sim.scenario.start + timedelta(days=day))
        change = state["members"] - before["members"]
        flows = {name: sign * state[name] for name, sign in FLOWS.items()}
        total = sum(flows.values()) + (state["recruits"] - before["recruits"]) - (state["leavers"] - before["leavers"])
        np.testing.assert_array_equal(change[in_person].sum(axis=0), total[in_person].sum(axis=0))
        for name in FLOWS:
            seen[name] += np.abs(state[name]).sum()
    assert all(seen.values()), seen


def test_a_cell_that_loses_its_last_member_withdraws() -> None:
    city = row_of_three(
        {**NO_ARRESTS, "parameters.membership.recruitment": 0.0, "parameters.membership.leaving": 0.05},
        targets=3000,
        groups=["local_norte"],
    )
    sim = run(city, "2018-12-31")
    assert sorted(events(sim, "withdrawal")["district"].tolist()) == [0, 1, 2]
    assert sim.records["members"][-1].sum() == 0


def test_no_cell_ever_has_fewer_than_no_members() -> None:
    assert (whole_lima().records["members"] >= 0).all()
