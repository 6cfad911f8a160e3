"""V1, RebelGroups: the published numbers come out of `rivalry`, and do not when one of its rules is broken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from racketsim.mechanisms import rivalry
from racketsim.verification import rebel_groups
from racketsim.verification.case import passes
from racketsim.verification.rebel_groups import CASE, RebelGroups, compare, simulate


@pytest.mark.parametrize("place", range(rebel_groups.DECIDING))
def test_published_means_are_reproduced(place: int) -> None:
    rows = compare(place, 200, seed=1)
    assert not [row for row in rows if not row.soft and not row.passed]
    spread = [row for row in rows if row.name.endswith("SD")]
    assert np.mean([abs(row.difference) for row in spread]) < 0.15


def test_the_repaired_code_gives_what_an_independent_version_gave() -> None:
    assert passes(rebel_groups.as_intended(200, seed=1))


@pytest.mark.slow
def test_the_whole_case_passes() -> None:
    assert passes(CASE.run(None, 1))


def test_a_run_depends_on_its_seed_alone() -> None:
    first, again, other = (RebelGroups(seed, (300, 150, 75), (1 / 3,) * 3).run() for seed in (4, 4, 5))
    assert first == again != other


def test_counts_hang_together() -> None:
    for outcome, members in [(o, (300, 300, 300)) for o in simulate("{300,300,300}", 20, 1)]:
        assert sum(members) + outcome.recruits - outcome.expelled - outcome.deaths == sum(outcome.members)
        assert outcome.fled <= rebel_groups.ENTERPRISES
        assert outcome.fights <= outcome.expansions
        assert min(outcome.members) >= 0


def test_only_the_repaired_code_fights_over_reports() -> None:
    published = np.mean([o.fights for o in simulate("{300,300,300}", 60, 1)])
    intended = np.mean([o.fights for o in simulate("{300,300,300}", 60, 1, defects=False)])
    assert intended > published + 1


BROKEN: dict[str, Callable[..., Any]] = {
    "casualties": lambda members, share, draw: min(int(members * share * 0.5), members),
    "roving_share": lambda strength, contestedness, led, scale: strength,
    "expansion_chance": lambda strength, since: 0.5,
    "fight_chance": lambda owner, comer: 0.3,
    "victor": lambda first, second, mu, draw, other: rivalry.NOBODY,
    "relative_strength": lambda own, other: 0.5,
    "alliance_chance": lambda attacker, defender: 1.0,
    "ceded": lambda limit, held: held,
    "payroll": lambda members, wealth, takings, *rest: rivalry.Payday(wealth, 0, 0),
}


def test_the_case_passes_with_few_runs_when_nothing_is_broken() -> None:
    assert passes(compare(0, 60, seed=1))


@pytest.mark.parametrize("rule", BROKEN)
def test_the_case_fails_when_a_rule_is_broken(monkeypatch: pytest.MonkeyPatch, rule: str) -> None:
    monkeypatch.setattr(rivalry, rule, BROKEN[rule])
    assert not passes(compare(0, 60, seed=1))


def test_the_repaired_code_differs_where_reports_lead_to_no_fights(monkeypatch: pytest.MonkeyPatch) -> None:
    def flawed(scenario: str, runs: int, seed: int, defects: bool = True) -> list[rebel_groups.Outcome]:
        return simulate(scenario, runs, seed)

    monkeypatch.setattr(rebel_groups, "simulate", flawed)
    failed = [row.name for row in rebel_groups.as_intended(60, seed=1) if not row.passed and not row.soft]
    assert "as intended {300,300,300} fights" in failed
