"""Contest for territory: clashes, threats, cessions, expulsion and submission."""

from __future__ import annotations

import numpy as np
import pytest

from racketsim.engine.log import event_id
from racketsim.engine.streams import Stream
from racketsim.errors import InputError
from racketsim.mechanisms.contest_field import ceded_targets, contested, poisson
from racketsim.policies.truce import Truce
from tests.rival_ground import Ground


def _duel(seed: int = 1, members: tuple[int, int] = (40, 20), **contest: float) -> Ground:
    ground = Ground(seed, contest)
    ground.put(0, 1, members[0], relations=200)
    ground.put(1, 1, members[1], relations=30)
    return ground


def test_poisson_by_inversion() -> None:
    draws = (np.arange(20_000) + 0.5) / 20_000
    for mean in (0.0, 0.3, 2.0, 9.0):
        counts = np.array([poisson(draw, mean) for draw in draws])
        assert counts.mean() == pytest.approx(mean, abs=0.01)
        assert counts.var() == pytest.approx(mean, abs=0.03)


def test_contestedness_is_one_minus_the_herfindahl_index() -> None:
    members, none = np.array([50, 30, 20]), np.zeros(3)
    assert contested(members, none, 0.0, 0.0) == pytest.approx(1 - 0.25 - 0.09 - 0.04)
    assert contested(members, none, 0.0, 0.5) == pytest.approx(0.5 * 0.62)
    assert contested(members, none, 50.0, 0.5) == pytest.approx(0.62)
    assert contested(members, np.ones(3), 0.0, 0.0) == 0.0
    assert contested(members, np.array([1.0, 1.0, 0.0]), 0.0, 0.0) == pytest.approx(2 * (50 * 20 + 30 * 20) / 1e4)
    assert contested(np.array([7, 0, 0]), none, 3.0, 0.5) == 0.0


def test_nobody_fights_alone() -> None:
    ground = Ground(contest={"clash_rate": 1.0})
    ground.put(0, 0, 50)
    ground.put(1, 2, 50)
    ground.live(200)
    assert not ground.log.rows
    assert (ground.state["contestedness"] == 0).all()
    assert (ground.state["tribute_level"] == 1).all()
    assert (ground.state["roving"] == 0).all()


def test_clashes_come_at_the_stated_rate_from_both_sides() -> None:
    ground = _duel(clash_rate=0.01).live(2000, lasting=True)
    mean = 0.01 * 2000 * 40 * 20 / 60
    clashes = ground.log.of("clash")
    for group in (0, 1):
        assert sum(row["group"] == group for row in clashes) == pytest.approx(mean, abs=4 * mean**0.5)
    assert all(row["rival"] == 1 - row["group"] for row in clashes)


def test_clashes_concentrate_where_control_is_contested() -> None:
    ground = Ground(contest={"clash_rate": 0.005, "contested_weight": 4.0})
    for district, weaker in enumerate((1, 10, 30)):
        ground.put(0, district, 60 - weaker)
        ground.put(1, district, weaker)
    ground.live(2000, lasting=True)
    where = np.bincount([row["district"] for row in ground.log.of("clash")], minlength=3)
    assert 10 * where[0] < where[1]
    assert 1.5 * where[1] < where[2]


def test_the_winner_follows_the_contest_success_function_and_the_loser_cedes() -> None:
    ceded = {0: 0, 1: 0}
    ground = _duel(clash_rate=0.02, mu=2.0)
    for _ in range(1500):
        ground.live(1, lasting=True)
        s = ground.state
        for n in range(int(s["ceded_count"][0])):
            loser = int(s["ceded_from"][n])
            assert s["ceded_to"][n] == 1 - loser
            assert s["ceded_district"][n] == 1
            assert s["ceded_number"][n] == (50 if loser == 0 else 30)  # the limit, or all that it holds
            ceded[loser] += 1
    total = len(ground.log.of("clash"))
    assert total > 300
    assert ceded[1] / total == pytest.approx(0.8, abs=4 * (0.16 / total) ** 0.5)
    assert ceded[0] / total == pytest.approx(0.2 * 0.2, abs=4 * (0.04 / total) ** 0.5)


def test_members_are_conserved() -> None:
    total, lost = 0, 0
    for seed in range(4):
        ground = Ground(
            seed, {"lethality": 0.3, "clash_rate": 0.01, "yield_ratio": 0.5}, {"branching": 0.6, "lethality": 0.8}
        )
        for district in range(3):
            for group in range(3):
                ground.put(group, district, 10 * (1 + (group + district) % 3))
        before = ground.v.members.sum()
        for _ in range(400):
            ground.live(1)
            assert ground.state["displaced"].sum() == 0
            lost += sum(ground.state[name].sum() for name in ("fallen", "disbanded", "avenged"))
        total += before - ground.v.members.sum()
    assert total == lost > 100


def test_both_sides_lose_more_the_closer_they_are() -> None:
    killed = {}
    for weaker in (5, 40):
        ground = _duel(members=(40, weaker), clash_rate=0.02, lethality=0.2).live(800, lasting=True)
        clashes = ground.log.of("clash")
        killed[weaker] = np.mean([row["count"] for row in clashes])
        assert all(row["killed"] >= row["count"] for row in clashes)
    share = 0.2 * 5 / 45
    assert killed[5] == pytest.approx(45 * share, rel=0.15)
    assert killed[40] == pytest.approx(80 * 0.2 * 0.5, rel=0.05)


def test_who_is_too_weak_leaves_to_where_its_group_is_strongest_or_disbands() -> None:
    ground = _duel(members=(90, 8), clash_rate=0.05, yield_ratio=0.2, submission=0.0)
    ground.put(1, 0, 3)
    ground.put(1, 2, 6)
    ground.live(60)
    left = [row for row in ground.log.of("expulsion") if row["group"] == 1]
    assert left[0]["count"] == 8
    assert left[0]["rival"] == 0
    assert left[0]["caused_by"] in {row["event_id"] for row in ground.log.of("clash")}
    assert ground.v.members[1].tolist() == [3, 0, 14]
    alone = _duel(members=(90, 8), clash_rate=0.05, yield_ratio=0.2, submission=0.0).live(60)
    assert alone.v.members[1].sum() == 0
    assert alone.v.members.sum() == 90


def test_who_submits_joins_in_part_and_cedes_all() -> None:
    ground = _duel(members=(90, 8), clash_rate=0.05, yield_ratio=0.2, submission=1.0, joining=0.5, ceded_limit=10)
    while not ground.log.of("submission"):
        ground.live(1)
    assert ground.v.members[:2, 1].tolist() == [94, 0]
    assert ground.state["ceded_number"][0] == 30
    assert ground.state["yields"][1] == 1


def test_losers_stay_without_a18_and_nobody_fights_without_a11() -> None:
    stays = Ground(1, {"clash_rate": 0.05, "yield_ratio": 0.2}, off=("A18",))
    calm = Ground(1, {"clash_rate": 0.05, "yield_ratio": 0.2}, off=("A11",))
    for ground in (stays, calm):
        ground.put(0, 1, 90)
        ground.put(1, 1, 8)
        ground.live(60)
        assert ground.v.members.sum() == 98
    assert stays.log.of("clash")
    assert not calm.log.rows
    assert (calm.state["tribute_level"] == 1).all()


def test_a_threat_keeps_the_rival_quiet_for_a_while() -> None:
    def attacks(effect: float) -> int:
        ground = _duel(clash_rate=0.02, threat_share=0.7, threat_effect=effect, threat_half_life=40.0)
        return len(ground.live(1500, lasting=True).log.of("clash"))

    assert attacks(0.9) < 0.6 * attacks(0.0)


def test_a_threat_weighs_as_much_as_the_strength_and_the_word_behind_it() -> None:
    ground = _duel(members=(60, 20), threat_effect=0.8, threat_prior=2.0)
    ground.live(1)
    ground.contest._threaten(0, 0, 1, 1, 1)
    assert ground.state["dread"][1, 1] == pytest.approx(0.8 * 0.75)
    ground.state["threats_made"][1] = 6.0  # eight in all with the prior, two of them kept
    ground.contest._threaten(0, 1, 0, 1, 1)
    assert ground.state["dread"][0, 1] == pytest.approx(0.8 * 0.25 * 2 / 8)


def test_empty_threats_lose_their_force_and_clashes_redeem_them() -> None:
    def word(threat_share: float) -> float:
        ground = _duel(clash_rate=0.02, threat_share=threat_share, threat_effect=0.0).live(1500, lasting=True)
        made, kept = ground.state["threats_made"][0], ground.state["threats_kept"][0]
        assert made > 50
        return float((2 + kept) / (2 + made))

    assert word(0.3) > 0.9
    assert word(1.0) < 0.05


def test_nobody_threatens_without_a21() -> None:
    ground = Ground(1, {"clash_rate": 0.02, "threat_share": 0.7}, off=("A21",))
    ground.put(0, 1, 40)
    ground.put(1, 1, 20)
    ground.live(300, lasting=True)
    assert ground.log.of("clash")
    assert not ground.log.of("inter_group_threat")


def test_a_truce_stops_clashes_and_raises_tribute_by_15_to_20_percent() -> None:
    war, peace = (_duel(members=(40, 40), clash_rate=0.01, quiet=0.0) for _ in range(2))
    peace.v.truce[:] = 1.0
    for ground in (war, peace):
        ground.live(500, lasting=True)
    assert len(war.log.of("clash")) > 50
    assert not peace.log.rows
    rise = peace.state["tribute_level"][1] / war.state["tribute_level"][1]
    assert 1.15 <= rise <= 1.20
    assert (peace.state["roving"] <= war.state["roving"]).all()


def test_a_truce_binds_those_who_keep_it_and_as_far_as_they_do() -> None:
    ground = Ground(1, {"clash_rate": 0.02})
    for group in range(3):
        ground.put(group, 1, 30)
    ground.v.truce[:2] = 1.0
    ground.live(1000, lasting=True)
    pairs = {frozenset((row["group"], row["rival"])) for row in ground.log.of("clash")}
    assert pairs == {frozenset((0, 2)), frozenset((1, 2))}
    half = _duel(members=(40, 40), clash_rate=0.02)
    half.v.truce[:] = 0.5
    mean = 0.02 * 1500 * 20
    assert len(half.live(1500, lasting=True).log.of("clash")) == pytest.approx(mean, abs=4 * mean**0.5)


def test_a_truce_policy_checks_its_arguments() -> None:
    assert Truce(start="2022-01-01", days=30).describe()["kept"] == 1.0
    with pytest.raises(InputError, match="between 0 and 1"):
        Truce(kept=1.5, start="2022-01-01")


def test_a_group_without_a_leader_is_attacked_more_and_roves() -> None:
    ground = _duel(members=(40, 40), clash_rate=0.01, vacuum=3.0)
    ground.v.leaderless_until[1] = 10_000
    ground.live(1000, lasting=True)
    by = np.bincount([row["group"] for row in ground.log.of("clash")], minlength=2)
    assert by[0] / by[1] == pytest.approx(4.0, rel=0.35)
    assert ground.state["roving"][1, 1] == 1.0
    assert ground.state["roving"][0, 1] < 1.0


def test_a_weak_defender_finds_an_ally_who_bleeds_too() -> None:
    ground = Ground(1, {"clash_rate": 0.02, "lethality": 0.5})
    for group, members in enumerate((50, 20, 40)):
        ground.put(group, 1, members)
    joined = 0
    for _ in range(1500):
        before = len(ground.log.rows)
        ground.live(1, lasting=True)
        today = [row for row in ground.log.rows[before:] if row["what"] == "clash"]
        if len(today) == 1 and today[0]["group"] == 0 and today[0]["rival"] == 1:
            joined += bool(ground.state["fallen"][2, 1])
    assert joined > 5


def test_who_is_arrested_or_leaves_today_does_not_fight() -> None:
    ground = _duel(clash_rate=1.0)
    ground.v.arrested[1, 1], ground.v.moving[1, 1] = 15, -5
    assert not ground.live(30, lasting=True).log.rows
    ground.v.arrested[1, 1] = 0
    ground.v.heir[0, 1] = 3
    assert not ground.live(30, lasting=True).log.rows


def test_ids_of_clashes_are_unique_and_name_their_cause() -> None:
    clashes = _duel(clash_rate=0.05).live(500, lasting=True).log.of("clash")
    ids = [int(row["event_id"]) for row in clashes]
    assert len(set(ids)) == len(ids) > 100
    cells = {int(event_id(int(Stream.CLASH), group * 65536 + 1, 0)) >> 24 for group in (0, 1)}
    assert {i >> 24 for i in ids} == cells


def test_a_run_can_be_interrupted_anywhere() -> None:
    busy = {"lethality": 0.1, "clash_rate": 0.01, "yield_ratio": 0.1, "threat_share": 0.4}
    whole, part = (Ground(5, busy, {"branching": 0.6, "lethality": 0.5}) for _ in range(2))
    for ground in (whole, part):
        for group in range(3):
            ground.put(group, 1, 30 + group, relations=100)
    whole.live(400)
    part.live(151)
    twin = Ground(5, busy, {"branching": 0.6, "lethality": 0.5})
    for name, array in part.state.items():
        twin.state[name][...] = array
    twin.day = part.day
    twin.live(400 - 151)
    for name, array in whole.state.items():
        np.testing.assert_array_equal(array, twin.state[name], err_msg=name)


def test_ceded_targets_are_the_losers_and_each_is_as_likely() -> None:
    kinds, starts = 2, np.array([0, 500, 1000, 1400, 2000])
    payee = np.where(np.arange(2000) % 3 == 0, 4, 2).astype(np.int8)
    second = np.full(2000, -1, np.int8)
    pays = payee, second, np.packbits(payee >= 0, bitorder="little")
    held = int((payee[1000:] == 4).sum())
    seen = np.zeros(2000)
    target, cell = np.empty(60, dtype=np.int32), np.empty(60, dtype=np.int32)
    for day in range(600):
        count = ceded_targets(np.uint64(1), day, 1, 4, 50, held, kinds, starts, *pays, target, cell, 10)
        assert count == 60
        assert (payee[target[10:]] == 4).all()
        assert (target[10:] >= 1000).all()
        np.testing.assert_array_equal(cell[10:], np.where(target[10:] < 1400, 2, 3))
        seen[target[10:]] += 1
    share = seen[1000:][payee[1000:] == 4] / 600
    assert share.mean() == pytest.approx(50 / held)
    assert share.std() == pytest.approx((50 / held * (1 - 50 / held) / 600) ** 0.5, rel=0.15)
    assert ceded_targets(np.uint64(1), 1, 1, 4, 10_000, held, kinds, starts, *pays, target, cell, 0) == 60
