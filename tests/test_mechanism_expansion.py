"""Arrival and spread of entrants."""

from __future__ import annotations

from collections import Counter
from datetime import date

import numpy as np
import pytest

from racketsim.mechanisms.expansion import largest_remainder
from tests.mechanism_city import events, lima, row_of_three, run, small_lima, whole_lima, with_group

FAST = {"parameters.expansion.rate": 0.01}


def _entrant(**overrides: float):
    numbers = {f"parameters.{name.replace('__', '.')}": value for name, value in overrides.items()}
    return with_group(
        row_of_three({**FAST, **numbers}, groups=["gallegos"]), "gallegos", arrival=date(2018, 2, 1), members=60.0
    )


def test_members_are_shared_out_whole() -> None:
    for total in (0, 1, 7, 1000):
        shares = largest_remainder(total, np.array([0.0, 1.0, 2.5, 0.3]))
        assert shares.sum() == total
        assert shares[0] == 0
        np.testing.assert_allclose(shares, total * np.array([0, 1, 2.5, 0.3]) / 3.8, atol=1)


def test_an_entrant_is_absent_before_its_arrival_and_present_after() -> None:
    sim = whole_lima()
    for name, month in [("gallegos", 14), ("dinastia_alayon", 41)]:
        group = [g.id for g in sim.groups].index(name)
        members, asked = sim.records["members"][:, :, group], sim.records["demands_by_group"][:, :, group]
        assert members[:month].sum() == asked[:month].sum() == 0
        where = list(sim.scenario.groups[group].districts)
        assert (members[month, where] > 0).all()
        around = np.asarray(sim.scenario.districts.adjacency[where].any(axis=0))
        around[where] = True
        assert members[month, ~around].sum() == 0
        assert asked[month : month + 3].sum() > 0


def test_an_entrant_spreads_to_neighbours_only_and_step_by_step() -> None:
    sim = run(_entrant(), "2019-12-31")
    expansions = events(sim, "expansion")
    assert expansions["district"][0] == 1  # from A only B is next door
    assert 2 in expansions["district"]
    members = sim.records["members"][:, :, 0]
    first = [int(np.flatnonzero(members[:, place])[0]) for place in range(3)]
    assert first[0] <= first[1] <= first[2]


def test_in_lima_every_expansion_goes_to_a_neighbour_of_a_district_that_is_held() -> None:
    sim = whole_lima()
    adjacency = sim.scenario.districts.adjacency
    held: dict[int, set[int]] = {}
    entered = 0
    log = sim.log
    names = {
        "arrival": events(sim, "arrival"),
        "expansion": events(sim, "expansion"),
        "break": events(sim, "fragmentation"),
    }
    assert log["day"].size
    broken = set(names["break"]["group"].tolist())
    for group, district in zip(names["arrival"]["group"], names["arrival"]["district"], strict=True):
        held.setdefault(int(group), set()).add(int(district))
    for group, district in zip(names["expansion"]["group"], names["expansion"]["district"], strict=True):
        if int(group) in broken:
            continue
        assert adjacency[list(held[int(group)]), district].any()
        held[int(group)].add(int(district))
        entered += 1
    assert entered > 3
    assert sim.records["expansions"].sum() == len(names["expansion"]["day"])


def test_members_who_move_are_taken_from_the_cell_they_leave() -> None:
    city = _entrant(membership__recruitment=0.0, membership__leaving=0.0, policing__clearance=0.0)
    sim = run(
        city, "2019-12-31", without=("A2", "A7")
    )  # the parent would send members, and who takes too little dismiss some
    totals = sim.records["members"].sum(axis=(1, 2))
    assert totals[0] == 0
    assert (totals[1:] == 60).all()
    assert len(events(sim, "expansion")["day"]) >= 2


def test_small_cells_do_not_expand() -> None:
    sim = run(_entrant(expansion__minimum=61.0, membership__recruitment=0.0), "2019-12-31")
    assert events(sim, "expansion")["day"].size == 0
    assert sim.records["members"][:, 1:].sum() == 0


def test_incumbents_hold_their_ground() -> None:
    sim = run(row_of_three(FAST, groups=["local_norte"]), "2018-12-31")
    assert events(sim, "expansion")["day"].size == 0


def _choices(**weights: float) -> Counter[int]:
    """Return where an entrant in the middle goes first, over 40 seeds: A is large and well defended, C is neither."""
    numbers = {f"parameters.expansion.{name}": value for name, value in weights.items()}
    city = row_of_three(
        {**FAST, "parameters.expansion.rate": 0.05, **numbers}, targets=3000, groups=["local_norte", "gallegos"]
    )
    city.targets[0] *= 4
    city = with_group(city, "local_norte", districts=(0,), members=200.0)
    city = with_group(city, "gallegos", districts=(1,), arrival=date(2018, 1, 1), members=60.0)
    chosen: Counter[int] = Counter()
    for seed in range(40):
        goals = events(run(city, "2018-01-12", seed=seed), "expansion")["district"]
        chosen.update(goals[:1].tolist())
    return chosen


def test_entrants_go_where_there_is_much_to_take_and_the_owner_is_weak() -> None:
    take = _choices(take_weight=3.0, resistance_weight=0.0)
    weak = _choices(take_weight=0.0, resistance_weight=1.0)
    assert take[0] > 0.9 * take.total()  # 4 ** 3 to 1
    assert weak[2] > 0.9 * weak.total()
    even = _choices(take_weight=0.0, resistance_weight=0.0)
    assert even[0] / even.total() == pytest.approx(0.5, abs=4 * np.sqrt(0.25 / even.total()))


def test_a_faster_rate_spreads_further() -> None:
    reached = []
    for rate in (0.00005, 0.002):
        sim = run(lima({"parameters.expansion.rate": rate}, share=50, policies=False), "2020-12-31", keep_events=False)
        group = [g.id for g in sim.groups].index("gallegos")
        reached.append((sim.records["members"][-1, :, group] > 0).sum())
    assert reached[1] > reached[0]


def test_the_records_count_expansions_by_district() -> None:
    sim = small_lima()
    expansions = events(sim, "expansion")
    counted = np.bincount(expansions["district"], minlength=50)
    np.testing.assert_array_equal(sim.records["expansions"].sum(axis=0), counted)
