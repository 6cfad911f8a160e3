"""Punishment: which refusals are punished, how hard, and what follows."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from racketsim import Sim
from racketsim.mechanisms.strikes import hurt, is_public, pick_method
from tests.mechanism_city import (
    events,
    lima,
    row_of_three,
    run,
    small_lima,
    whole_lima,
    with_group,
    with_methods,
    without,
)

SEED = np.uint64(7)
SHARES = np.array([70.0, 14.0, 6.0, 5.0, 10.0])


def _hurt(n: int, chance: float, tail: float, most: float, lethality: float) -> tuple[np.ndarray, np.ndarray]:
    drawn = np.array([hurt(SEED, target, 1, chance, tail, most, lethality) for target in range(n)])
    return drawn[:, 0], drawn[:, 1]


def test_nobody_is_hurt_by_a_method_that_hurts_nobody() -> None:
    injured, killed = _hurt(2000, 0.0, 1.4, 60.0, 0.5)
    assert injured.sum() == killed.sum() == 0


def test_the_number_hurt_is_a_cut_pareto() -> None:
    """P(N >= n) = n ** -tail up to the most; 4 sigma at each point, 20,000 uses."""
    injured, killed = _hurt(20_000, 1.0, 1.4, 60.0, 0.3)
    people = injured + killed
    assert people.min() == 1
    assert people.max() == 60
    for n in (2, 3, 5, 10, 30, 60):
        expected = n**-1.4
        assert (people >= n).mean() == pytest.approx(expected, abs=4 * np.sqrt(expected / 20_000))
    assert killed.sum() / people.sum() == pytest.approx(0.3, abs=0.01)


def test_somebody_is_hurt_with_the_stated_chance() -> None:
    injured, killed = _hurt(20_000, 0.12, 3.0, 10.0, 0.1)
    assert (injured + killed > 0).mean() == pytest.approx(0.12, abs=4 * np.sqrt(0.12 * 0.88 / 20_000))


def test_the_signature_is_used_with_its_share_and_the_ladder_otherwise() -> None:
    marks = (np.arange(1000) + 0.5) / 1000
    for mark in marks[::50]:
        assert pick_method(0.34, mark, 3, 0.35, SHARES, 1.0) == 3
        assert pick_method(0.34, mark, -1, 0.35, SHARES, 1.0) == pick_method(0.9, mark, 3, 0.35, SHARES, 1.0)
    picked = np.array([pick_method(0.9, mark, -1, 0.0, SHARES, 1.0) for mark in marks])
    np.testing.assert_allclose(np.bincount(picked, minlength=5) / 1000, SHARES / SHARES.sum(), atol=2e-3)


def test_earlier_refusals_move_punishment_up_the_ladder_as_stated() -> None:
    marks = (np.arange(4000) + 0.5) / 4000
    previous = -1.0
    for earlier in range(4):
        step = 1.3**earlier
        picked = np.array([pick_method(0.9, mark, -1, 0.0, SHARES, step) for mark in marks])
        weights = SHARES * step ** np.arange(5)
        np.testing.assert_allclose(np.bincount(picked, minlength=5) / 4000, weights / weights.sum(), atol=1e-3)
        assert picked.mean() > previous
        previous = picked.mean()


def _punished_share(overrides: dict[str, float], violence: float = 1.0, group: str = "local_norte") -> float:
    until = "2018-12-31" if group == "local_norte" else "2023-12-31"  # remote operators come late
    scenario = with_group(row_of_three(overrides, groups=[group]), group, violence=violence)
    sim = run(scenario, until)
    last = sim.next_day - 115
    refused = (events(sim, "refusal")["day"] < last).sum()
    assert refused > 900
    return float((events(sim, "incident")["day"] < last + 10).sum() / refused)


def test_refusals_are_punished_with_the_stated_chance() -> None:
    quick = {"parameters.punishment.delay_mean": 1.0}
    assert _punished_share({**quick, "parameters.punishment.propensity": 0.0}) == 0.0
    for propensity, violence in [(0.05, 1.0), (0.2, 1.0), (0.1, 2.0)]:
        share = _punished_share({**quick, "parameters.punishment.propensity": propensity}, violence)
        expected = propensity * violence
        # 900 refusals or more: 4 sigma, and 4% for the days at the edge of the window
        assert share == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / 900) + 0.04 * expected)


def test_every_incident_follows_a_refusal_of_its_target_after_the_stated_delay() -> None:
    sim = whole_lima()
    incidents, refused, changed = (events(sim, what) for what in ("incident", "refusal", "switch"))
    causes = {int(i): int(d) for e in (refused, changed) for i, d in zip(e["event_id"], e["day"], strict=True)}
    delay = np.array(
        [day - causes[int(cause)] for day, cause in zip(incidents["day"], incidents["caused_by"], strict=True)]
    )
    assert (delay >= 0).all()
    assert delay.mean() == pytest.approx(9.5, abs=0.5)  # whole days of an exponential with mean 10


def test_the_signature_shows_in_the_methods_of_a_group() -> None:
    sim = whole_lima()
    methods = sim.records["incidents_by_group"].sum(axis=0)
    explosive = [m.id for m in sim.scenario.methods].index("explosive")
    share = {
        group.id: methods[g, explosive] / methods[g].sum()
        for g, group in enumerate(sim.groups)
        if methods[g].sum() > 50
    }
    assert share["gallegos"] > 0.25
    assert share["gallegos"] > 3 * share["local_norte"]


def test_the_ladder_of_lima_is_mostly_threats_and_its_harm_heavy_tailed() -> None:
    incidents = events(whole_lima(), "incident")
    share = np.bincount(incidents["method"], minlength=5) / len(incidents["method"])
    assert share[0] > 0.5
    assert (share[1:] > 0.01).all()
    people = incidents["injured"] + incidents["killed"]
    assert people.max() >= 10
    assert (people == 0).mean() > 0.5


def test_harm_in_the_records_is_the_harm_of_the_incidents() -> None:
    records, incidents = small_lima().records, events(small_lima(), "incident")
    assert records["injured"].sum() == incidents["injured"].sum() > 0
    assert records["killed"].sum() == incidents["killed"].sum() > 0
    assert records["incidents"].sum() == len(incidents["day"])


def test_the_punished_are_asked_again() -> None:
    sim = run(without(lima(share=20), "entrant", "remote"), "2018-12-31")
    incidents, asked = events(sim, "incident"), events(sim, "demand")
    early = incidents["day"] < 200
    again = 0
    for target, day in zip(incidents["target"][early], incidents["day"][early], strict=True):
        later = asked["day"][asked["target"] == target]
        again += bool(((later > day) & (later <= day + 60)).any())
    assert early.sum() > 200
    assert again / early.sum() > 0.9  # mean wait of 14 days; who pays or closes meanwhile is left alone


def test_remote_groups_hire_and_punish_at_their_violence() -> None:
    quick = {"parameters.punishment.delay_mean": 1.0, "parameters.punishment.propensity": 0.5}
    for violence in (0.0, 0.2, 1.0):
        expected = 0.5 * violence
        share = _punished_share(quick, violence, "remote_operators")
        assert share == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / 900) + 0.04 * expected)


def test_in_lima_remote_operators_punish_a_few_refusals() -> None:
    """Their violence is a twentieth of that of local bands; everywhere, at the propensity of all."""
    sim = whole_lima()
    place = [g.id for g in sim.groups].index("remote_operators")
    refused, incidents = events(sim, "refusal"), events(sim, "incident")
    early = 2191 - 60
    expected = 0.08 * 0.05 * ((refused["group"] == place) & (refused["day"] < early)).sum()
    assert expected > 100
    seen = ((incidents["group"] == place) & (incidents["day"] < early + 10)).sum()
    assert seen == pytest.approx(expected, abs=4 * np.sqrt(expected) + 0.04 * expected)


def test_a_group_that_has_left_the_district_does_not_punish() -> None:
    numbers = {
        "parameters.membership.leaving": 0.2,
        "parameters.membership.recruitment": 0.0,
        "parameters.punishment.propensity": 1.0,
        "parameters.punishment.delay_mean": 30.0,
    }
    sim = run(row_of_three(numbers, groups=["local_norte"]), "2018-06-30")
    assert sim.records["members"][2:].sum() == 0
    incidents = events(sim, "incident")["day"]
    assert incidents.size > 20
    assert incidents.max() < 59  # those of March and later, due to refusals of January, do not happen
    assert sim._state["strike_free"][2] == 0


def test_lethality_decides_how_many_of_the_hurt_die() -> None:
    base = row_of_three({"parameters.punishment.propensity": 1.0}, groups=["local_norte"])
    for lethality in (0.0, 1.0):
        sim = run(with_methods(base, lethality=lethality), "2018-03-31")
        hurt_ = sim.records["injured"].sum() + sim.records["killed"].sum()
        assert hurt_ > 20
        assert sim.records["killed"].sum() == lethality * hurt_


def test_police_deter_punishment_as_stated() -> None:
    from racketsim.policies import MegaOperation

    surge = MegaOperation(districts=["A"], officers=810, start="2018-01-01")  # ten times the patrols: 10 ** -0.3 = 0.50
    scenario = row_of_three(
        {
            "parameters.allocation.officer_elasticity": 0.3,
            "parameters.allocation.city_elasticity": 0.3,
            "parameters.punishment.propensity": 0.5,
            "parameters.punishment.delay_mean": 1.0,
            "parameters.punishment.leaderless_violence": 1.0,
        },
        groups=["local_norte"],
    )
    sim = run(scenario, "2018-12-31", policies=[surge])
    refused = sim.records["refused"].sum(axis=(0, 2, 3))
    share = sim.records["incidents"].sum(axis=(0, 2)) / refused
    assert share[1:] == pytest.approx([0.5, 0.5], abs=0.09)
    assert share[0] == pytest.approx(0.25, abs=0.09)


def test_whether_an_attack_was_public_can_be_told_from_the_log() -> None:
    """What looks for attacks that the state's rules saw asks the keyed draw again (`results.happenings`)."""
    city = row_of_three(
        {"parameters.allocation.rate_per_member": 0.3, "parameters.punishment.propensity": 1.0}, groups=["local_norte"]
    )
    sim, seen = Sim(city, seed=5), []
    for day in range(120):
        sim.run(city.start + timedelta(days=day))
        v = sim._state
        for n in range(int(v["incident_count"][0])):
            target, ordinal = int(v["incident_target"][n]), int(v["incident_ordinal"][n])
            killed, publicity = int(v["incident_killed"][n]), city.methods[int(v["incident_method"][n])]["publicity"]
            assert is_public(sim.seed, target, ordinal, publicity, killed) == bool(v["incident_public"][n])
            seen.append(bool(v["incident_public"][n]))
    assert {True, False} == set(seen)
