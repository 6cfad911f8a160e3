"""Leadership: removal of leaders, violence without one, and the breaking up of groups."""

from __future__ import annotations

import numpy as np
import pytest

from racketsim.policies import Capture
from racketsim.simulation import Sim
from tests.mechanism_city import events, row_of_three, run, with_group

START = "2018-01-31"


def _city(**overrides: float):
    numbers = {f"parameters.{name.replace('__', '.')}": value for name, value in overrides.items()}
    return with_group(
        row_of_three(numbers, groups=["gallegos"]), "gallegos", role="incumbent", districts=(0, 1, 2), members=300.0
    )


def _headless(until: str, members: int = 1, leader: bool = True, **overrides: float) -> tuple[Sim, Sim]:
    """Return two runs that share January: one goes on, in the other a leader is captured on 1 February."""
    numbers = {"leadership__fragmentation": 0.0, "leadership__visibility": 0.0, **overrides}
    january = run(_city(**numbers), START)
    capture = Capture(group="gallegos", members=members, leader=leader, start="2018-02-01")
    return january.fork().run(until), january.fork(policies=[capture]).run(until)


def test_a_capture_of_the_leader_leaves_the_group_without_one_for_the_stated_time() -> None:
    waits = []
    for seed in range(12):
        city = _city(leadership__fragmentation=0.0, leadership__visibility=0.0)
        sim = run(city, "2018-02-01", seed=seed, policies=[Capture("gallegos", 1, True, start="2018-02-01")])
        removed = events(sim, "leader_removed")
        assert removed["group"].tolist() == [0]
        waits.append(int(sim._state["leaderless_until"][0]) - 31)
    assert np.mean(waits) == pytest.approx(180, abs=4 * 180 / np.sqrt(12))
    assert min(waits) >= 1


def test_a_capture_without_the_leader_leaves_it_in_place() -> None:
    _, captured = _headless("2018-02-28", members=10, leader=False)
    assert events(captured, "leader_removed")["day"].size == 0
    assert captured._state["removals"].sum() == 0


def test_losing_the_leader_raises_punishments_by_the_stated_factor() -> None:
    ledger = []
    for seed_factor in (1.0, 1.8):
        _, headless = _headless(
            "2018-12-31",
            leadership__succession_mean=10_000.0,
            punishment__leaderless_violence=seed_factor,
            punishment__propensity=0.2,
        )
        refused = headless.records["refused"][2:].sum()
        ledger.append(headless.records["incidents"][2:].sum() / refused)
    assert ledger[1] / ledger[0] == pytest.approx(1.8, rel=0.15)


def test_a_group_without_a_leader_recruits_nobody() -> None:
    free, headless = _headless("2018-12-31", leadership__succession_mean=10_000.0)
    february = run(_city(leadership__fragmentation=0.0, leadership__visibility=0.0), START)
    assert free._state["recruits"].sum() > february._state["recruits"].sum()
    gained = headless._state["recruits"].sum() - february._state["recruits"].sum()
    assert gained <= 3  # on the day of the capture itself
    assert headless._state["members"].sum() < free._state["members"].sum()


def test_visible_leaders_fall_in_ordinary_arrests() -> None:
    fallen = []
    for visibility in (0.0, 10.0):
        numbers = {"policing__clearance": 0.02, "policing__caseload": 100.0, "leadership__visibility": visibility}
        fallen.append(run(_city(**numbers, reporting__base=0.0), "2018-12-31")._state["removals"].sum())
    assert fallen[0] == 0
    assert fallen[1] > 0


def _broken() -> Sim:
    """Return a run in which the loss of the leader broke the group."""
    for seed in range(20):
        city = _city(leadership__fragmentation=1.0, leadership__visibility=0.0)
        capture = Capture("gallegos", 1, True, start="2018-02-01")
        sim = run(city, "2018-02-01", seed=seed, policies=[capture])
        if events(sim, "fragmentation")["day"].size:
            return sim
    raise AssertionError("no group broke in twenty runs")


def test_a_group_that_breaks_makes_a_new_one_that_keeps_its_traits() -> None:
    sim = _broken()
    assert len(sim.groups) == 3
    parent, _, child = sim.groups  # the second place is that of the impostors
    assert child.id == f"{parent.id}-1"
    assert child.brand == parent.brand
    state = sim._state
    for trait in ("violence", "signature", "signature_share"):
        assert state[trait][2] == state[trait][0]
    assert state["parent"][2] == 0
    broken, removed = events(sim, "fragmentation"), events(sim, "leader_removed")
    assert broken["caused_by"].tolist() == removed["event_id"].tolist()


def test_a_faction_divides_the_cells_of_its_group_and_takes_its_part_of_the_relations() -> None:
    """Both stay on the same ground; a relation goes with the collector, so with a chance of the faction's share."""
    sim = _broken()
    state = sim._state
    cells = np.flatnonzero(state["heir"][0] == 2)
    assert cells.size > 0
    left, stayed = state["defecting"][0, cells], state["members"][0, cells]
    assert (left > 0).all()
    assert (stayed > 0).all()
    np.testing.assert_allclose(state["members"][2, cells], left, atol=1)  # recruits of the day
    paid = state["relations_group"][cells, 0].copy()
    assert paid.min() > 100
    sim.run("2018-02-02")
    share = left / (left + stayed)
    sigma = np.sqrt(paid * share * (1.0 - share))
    passed = state["relations_group"][cells, 2]
    assert (np.abs(passed - share * paid) < 4 * sigma + 6).all()  # some six relations start or end on a day
    assert events(sim, "relation_end")["count"].sum() == 0


def test_factions_fight_over_the_ground_that_was_their_group_s() -> None:
    clashes = []
    for chance in (0.0, 1.0):
        city = _city(leadership__fragmentation=chance, leadership__visibility=0.0, contest__clash_rate=0.006)
        sim = run(city, "2018-12-31", policies=[Capture("gallegos", 1, True, start="2018-02-01")])
        clashes.append(int(sim.records["clashes"].sum()))
    assert clashes[0] == 0
    assert clashes[1] > 5


def test_without_fragmentation_no_group_is_born() -> None:
    _, headless = _headless("2018-06-30")
    assert [group.role for group in headless.groups] == ["incumbent", "impostor"]
    assert events(headless, "fragmentation")["day"].size == 0
