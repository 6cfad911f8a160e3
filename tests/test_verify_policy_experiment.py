"""V6, legal and social policies against a mafia: the table comes out, and does not when a rule is broken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from racketsim.mechanisms import norms
from racketsim.verification import palermo, policy_experiment
from racketsim.verification.case import Row, passes
from racketsim.verification.palermo_agents import (
    CITIZENS,
    ENTREPRENEURS,
    LINKS,
    MAFIOSI,
    NOT_PAYING,
    PAYING,
    Rules,
    empty_tally,
    enlist,
    gather,
)
from tests.rebuilt_kernels import rebuilt

FEW = 6


def failed(rows: list[Row]) -> list[str]:
    return [row.name for row in rows if not row.passed and not row.soft]


@pytest.mark.slow
def test_the_whole_case_passes() -> None:
    assert not failed(policy_experiment.run(None, 1))


def test_the_case_passes_with_few_runs_when_nothing_is_broken() -> None:
    rows = policy_experiment.run(FEW, 1)
    assert not failed(rows)
    assert passes(rows)


def test_no_figure_of_the_baseline_decides_since_rules_were_set_by_it() -> None:
    rows = policy_experiment.table(policy_experiment.PUBLISHED, policy_experiment.RUNS)
    baseline = [row for row in rows if row.name.startswith("B ")]
    assert len(baseline) == len(rows) // 4
    assert all(row.soft for row in baseline)
    assert sum(not row.soft for row in rows) == 18


def test_demands_of_two_mafiosi_on_one_entrepreneur_are_told_apart() -> None:
    """All make a demand before anyone collects, some of the same entrepreneur: each is noted as the one it is."""
    key, rules, tally = np.uint64(1), Rules(), empty_tally()
    people, (mafia, _) = gather(key), enlist(key, rules, 4)
    noted = np.zeros((MAFIOSI, 5), np.int64)
    for m in range(MAFIOSI):
        palermo.demand(key, rules, people, mafia, m, 0, tally)
    for m in range(MAFIOSI):
        palermo.note(mafia, m, noted[m])
    assert len(set(noted[:, 0].tolist())) < MAFIOSI
    assert len({(who, ordinal) for who, _, _, ordinal, _ in noted.tolist()}) == MAFIOSI


def test_social_refusal_alone_raises_punishment_and_with_protection_lowers_demands() -> None:
    found = policy_experiment.experiment(FEW, 50)
    base, social, both = (found[name][0] for name in ("B", "SA", "CA"))
    assert social.paid < base.paid - 10.0
    assert social.punishments > 1.5 * base.punishments
    assert both.demands < 0.2 * base.demands
    assert both.punishments < base.punishments


def test_a_run_depends_on_its_seed_and_policies_alone() -> None:
    first, again, other = (palermo.run_scenario(seed, True, True, 4_000) for seed in (3, 3, 4))
    assert all((a == b).all() for a, b in zip(first, again, strict=True))
    assert (first.demands != other.demands).any()


def test_scenarios_are_one_until_their_policies_differ() -> None:
    """Mafiosi meet the same entrepreneurs at the same time until the first is arrested or the first campaign heard."""
    weak, strong = (palermo.run_scenario(5, legal, False, 8) for legal in (False, True))
    assert weak.demands.sum() == strong.demands.sum() > 0


def test_counts_hang_together() -> None:
    tally = palermo.run_scenario(1, False, True, 6_000)
    assert (tally.paid <= tally.demands).all()
    refused = tally.demands - tally.paid
    assert (tally.punishments <= refused).all()
    assert tally.punishments.sum() / refused.sum() == pytest.approx(0.5, abs=0.03)
    assert (tally.denounced <= refused).all()
    assert (tally.jailed <= 20 * 3_000).all()


def test_the_citizens_know_each_other_by_a_network_with_hubs() -> None:
    people = gather(np.uint64(2))
    degree = np.diff(people.starts)
    assert degree.sum() == people.friends.size == pytest.approx(2 * LINKS * CITIZENS, rel=0.02)
    assert degree.min() >= 1
    assert degree.max() > 4 * degree.mean()
    for person in range(CITIZENS):
        known = people.friends[people.starts[person] : people.starts[person + 1]]
        assert person not in known


def test_entrepreneurs_start_with_the_published_salience() -> None:
    people = gather(np.uint64(1))
    for person in (0, ENTREPRENEURS - 1):
        assert round(norms.salience(people.counts[person, PAYING]), 2) == 0.95
        assert round(norms.salience(people.counts[person, NOT_PAYING]), 2) == 0.06


def _free(*given: Any) -> float:
    return 0.0


def _certain(prior: float, weight: float, kept: float, put_to_test: float) -> float:
    return 0.0


def _half(counts: Any) -> float:
    return 0.5


def _idle(
    cases: Any,
    factor: Any,
    pursuit: Any,
    assigned: Any,
    room: Any,
    special_room: Any,
    clearance: float,
    unit_caseload: float,
    wanted: Any,
    hazard: Any,
    waiting: Any,
) -> None:
    hazard[:] = 0.0


def _at_once(
    seed: int,
    day: int,
    settings: Any,
    arrested: Any,
    admitted: Any,
    held: Any,
    head: Any,
    link: Any,
    free: Any,
    cell: Any,
    returns: Any,
) -> None:
    admitted += arrested


def _deaf(draw: float, share: float, counts: Any, norm: int, against: int) -> bool:
    return False


def _own_interest(interest: float, norm: float, weight: float) -> float:
    return interest


def _always(
    settings: Any, remote: bool, trust: float, belief: float, cover: float, paid: bool, harmed: bool, noise: float
) -> float:
    return 0.9


BROKEN: dict[str, tuple[Callable[..., Any], str]] = {
    "pay_chance": (_free, "LA on: paid, %"),
    "reputation": (_certain, "LA on: paid, %"),
    "salience": (_half, "SA: not paying less paying in salience, policies on"),
    "invoke": (_deaf, "punishments under SA, times those of B"),
    "act_chance": (_own_interest, "paid under SA less that under B, points"),
    "clearance_hazard": (_idle, "demands under LA against B, %"),
    "admit": (_at_once, "demands under LA against B, %"),
    "report_chance": (_always, "denounced under SA, times those of B"),
}


@pytest.mark.parametrize(
    "rule",
    ["pay_chance", "clearance_hazard"]
    + [pytest.param(rule, marks=pytest.mark.slow) for rule in BROKEN if rule not in ("pay_chance", "clearance_hazard")],
)
def test_the_case_fails_when_a_rule_is_broken(monkeypatch: pytest.MonkeyPatch, rule: str) -> None:
    broken, caught = BROKEN[rule]
    monkeypatch.setattr(palermo, "simulate", rebuilt(palermo.simulate, rule, broken))
    assert caught in failed(policy_experiment.run(2, 1))
