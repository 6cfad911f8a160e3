"""V4: the analytic results of Smith and Varese come out of the functions that the city runs, and only of those."""

from __future__ import annotations

from typing import Any

import pytest

from racketsim.mechanisms import posing, senders
from racketsim.mechanisms.decision import PAY, REFUSE, choose
from racketsim.verification.case import passes
from racketsim.verification.smith_varese import CASE, play, switch


def test_every_published_result_comes_out_exactly() -> None:
    rows = CASE.run(None, 1)
    assert [row.name for row in rows if not row.passed] == []
    assert passes(rows)
    assert len(rows) >= 15


def test_the_switch_of_the_case_that_was_checked_by_enumeration_is_at_two_fifths() -> None:
    assert switch(1.0, 4.0, periods=2) == 0.4
    costs = {i / 100: (2.0, i / 100 * 5.0) for i in range(101)}  # paying twice; being punished once, then paying
    assert all((refusing < paying) == (i < 0.4) for i, (paying, refusing) in costs.items())


def test_a_policing_shock_means_one_more_period_of_violence_each_time() -> None:
    played, _ = play(0.3, 1.0, 4.0, 30, {10: 0.3, 20: 0.3})
    assert [period for period, count in enumerate(played) if count] == [0, 10, 20]
    assert [played[0], played[10], played[20]] == [300, 90, 27]


def _one_period(harm_ratio: float, periods: float) -> float:
    return harm_ratio


def _never_learns(prior: float, chance: float, refusals: int) -> float:
    return prior


def _anywhere(*given: Any) -> None:
    given[-2][:] = 1.0


def _contrary(draw: float, belief: float, harm: float, closing: float, payable: bool, noise: float) -> int:
    return int(PAY if choose(draw, belief, harm, closing, payable, noise) == REFUSE else REFUSE)


def _takes_nothing(*given: Any) -> None:
    given[-1][:] = 0.0


@pytest.mark.parametrize(
    ("module", "function", "broken", "caught"),
    [
        (posing, "repeated_harm", _one_period, "two periods"),
        (posing, "choose", _contrary, "one period"),
        (senders, "filters", lambda i, m, D: i < m / (m + D), "rule of filtering"),
        (senders, "genuine_posterior", _never_learns, "who know"),
        (posing, "set_hazards", _anywhere, "fakers enter"),
        (posing, "expected_take", _takes_nothing, "fakers enter"),
    ],
)
def test_the_case_fails_where_a_mechanism_is_broken(
    monkeypatch: pytest.MonkeyPatch, module: Any, function: str, broken: Any, caught: str
) -> None:
    monkeypatch.setattr(module, function, broken)
    rows = CASE.run(None, 1)
    assert not passes(rows)
    assert any(caught in row.name for row in rows if not row.passed)
