"""Retaliation: chains of violence, each act with the act that caused it."""

from __future__ import annotations

import numpy as np
import pytest

from racketsim.mechanisms.retaliation import cascade, offspring_count, offspring_delay
from tests.rival_ground import Ground

SEED = np.uint64(3)


def _feud(seed: int = 1, members: int = 60, off: tuple[str, ...] = (), **retaliation: float) -> Ground:
    ground = Ground(seed, {"clash_rate": 0.002}, {"branching": 0.6, "delay_mean": 20.0, **retaliation}, off)
    ground.put(0, 1, members)
    ground.put(1, 1, members)
    return ground


def test_offspring_are_poisson_and_delays_exponential() -> None:
    counts = np.array([offspring_count(SEED, entity, 1, 0.63) for entity in range(20_000)])
    assert counts.mean() == pytest.approx(0.63, abs=0.02)
    assert counts.var() == pytest.approx(0.63, abs=0.03)
    delays = np.array([offspring_delay(SEED, entity, 1, 0, 125.0) for entity in range(20_000)])
    assert delays.mean() == pytest.approx(125.0, abs=3.6)
    assert np.median(delays) == pytest.approx(86.6, abs=3.6)


def test_a_cascade_is_the_first_act_and_its_answers() -> None:
    chains = [cascade(1, entity, 0.5, 10.0) for entity in range(5000)]
    assert all(chain.size == 1 + len(chain.delays) for chain in chains)
    assert np.mean([chain.size for chain in chains]) == pytest.approx(2.0, abs=0.08)
    assert cascade(1, 7, 0.0, 10.0).size == 1


def test_acts_of_retaliation_are_as_many_as_the_branching_ratio_says() -> None:
    for branching in (0.3, 0.6):
        clashes = answers = 0
        for seed in range(4):
            log = _feud(seed, branching=branching).live(2000, lasting=True).log
            clashes += len(log.of("clash"))
            answers += len(log.of("retaliation"))
        assert clashes > 300
        share = answers / (clashes + answers)
        assert share == pytest.approx(branching, abs=0.05)


def test_a_chain_can_be_followed_and_attacker_and_victim_swap() -> None:
    log = _feud().live(2000, lasting=True).log
    acts = {int(row["event_id"]): row for row in (*log.of("clash"), *log.of("retaliation"))}
    assert len(acts) == len(log.of("clash")) + len(log.of("retaliation"))
    deepest = 0
    for row in log.of("retaliation"):
        cause = acts[int(row["caused_by"])]
        assert cause["day"] < row["day"]
        assert (row["group"], row["rival"]) == (cause["rival"], cause["group"])
        assert row["district"] == cause["district"]
        depth, link = 1, cause
        while link["what"] == "retaliation":
            depth, link = depth + 1, acts[int(link["caused_by"])]
        deepest = max(deepest, depth)
    assert deepest >= 3


def test_delays_in_a_city_have_the_stated_mean() -> None:
    log = _feud(delay_mean=30.0, branching=0.5).live(2100, lasting=True).log
    acts = {int(row["event_id"]): row["day"] for row in log.rows}
    waits = [row["day"] - acts[int(row["caused_by"])] for row in log.of("retaliation") if row["day"] < 1900]
    assert np.mean(waits) == pytest.approx(30.5, rel=0.2)


def test_an_answer_kills_or_injures() -> None:
    ground = _feud(lethality=1.0, bystander=0.0)
    killed = 0
    for _ in range(1000):
        ground.live(1, lasting=True)
        assert ground.state["avenged"].sum() == ground.state["retaliated"].sum()
        killed += ground.state["avenged"].sum()
    rows = ground.log.of("retaliation")
    assert killed == sum(row["killed"] for row in rows) == len(rows) > 20
    mild = _feud(lethality=0.0, bystander=1.0).live(1000, lasting=True).log.of("retaliation")
    assert all(row["injured"] == 2 and row["killed"] == 0 for row in mild)


def test_nobody_answers_who_is_gone_or_finds_nobody() -> None:
    for gone in (0, 1):
        ground = _feud(branching=0.9, delay_mean=300.0).live(300, lasting=True)
        ground.v.members[gone] = 0
        before = len(ground.log.of("retaliation"))
        ground.live(1500)
        assert len(ground.log.of("retaliation")) == before


def test_a_truce_calls_answers_off_and_without_a6_there_are_none() -> None:
    ground = _feud(branching=0.9, delay_mean=300.0).live(300, lasting=True)
    ground.v.truce[:] = 1.0
    before = len(ground.log.of("retaliation"))
    ground.live(1500)
    assert len(ground.log.of("retaliation")) == before
    calm = _feud(off=("A6",)).live(500, lasting=True)
    assert calm.log.of("clash")
    assert not calm.log.of("retaliation")


def test_retaliation_keeps_a_district_contested() -> None:
    ground = _feud(branching=0.9, delay_mean=5.0)
    while not ground.log.of("retaliation"):
        ground.live(1, lasting=True)
    recent = ground.state["recent_clashes"][1]
    acts = int(ground.state["retaliated"][1] + ground.state["clashes"][1])
    ground.live(1, lasting=True)
    assert ground.state["recent_clashes"][1] == pytest.approx(recent * 0.5 ** (1 / 90) + acts)
