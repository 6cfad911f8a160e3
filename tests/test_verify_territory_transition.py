"""V5: gangs that avoid each other's marks part into territories above the critical aversion, and only by that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from racketsim.mechanisms import territory
from racketsim.verification import territory_transition as case
from racketsim.verification.case import Row, passes

PUBLISHED = {0.5: 0.003, 0.8: 0.008, 0.9: 0.012, 1.0: 0.030, 1.1: 0.15, 1.2: 0.31, 1.5: 0.62, 2.0: 0.81}
"""Order parameter after 3,000 steps on 50 x 50 sites, by beta / beta*."""


@pytest.fixture(autouse=True)
def _small_torus(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """A torus of 20 x 20 sites shows the same transition in a sixth of the time."""
    if "slow" not in request.keywords:
        monkeypatch.setattr(case, "SIDE", 20)


def failed(rows: list[Row]) -> list[str]:
    return [row.name for row in rows if not row.passed and not row.soft]


def test_the_case_passes() -> None:
    rows = case.run(None, 1)
    assert failed(rows) == []
    assert passes(rows)


@pytest.mark.slow
def test_the_whole_torus_gives_the_order_parameters_of_the_reference() -> None:
    found = case.curve(list(PUBLISHED), [1], 3000)
    assert found == pytest.approx(list(PUBLISHED.values()), abs=0.02)


def test_the_same_seed_gives_the_same_walk() -> None:
    assert case.settle(1.2, 7, 50) == case.settle(1.2, 7, 50)
    assert case.settle(1.2, 7, 50) != case.settle(1.2, 8, 50)


def test_walkers_are_neither_lost_nor_found() -> None:
    around = case.torus(6)
    crowd = np.zeros((2, 36), dtype=np.int64)
    case.scatter(3, 500, crowd)
    after = np.zeros_like(crowd)
    case.walk(3, 1, around, np.full((2, 36, 4), 0.25), crowd, after)
    assert crowd.sum(axis=1).tolist() == after.sum(axis=1).tolist() == [500, 500]


def test_walkers_go_by_the_weights() -> None:
    around = case.torus(3)
    crowd = np.zeros((2, 9), dtype=np.int64)
    crowd[0, 4] = 100_000
    weights = np.zeros((2, 9, 4))
    weights[:, :] = (0.1, 0.2, 0.3, 0.4)
    after = np.zeros_like(crowd)
    case.walk(11, 1, around, weights, crowd, after)
    assert after[0, around[4]] / 100_000 == pytest.approx([0.1, 0.2, 0.3, 0.4], abs=0.006)


def test_the_order_parameter_is_one_for_halves_apart_and_zero_for_a_mix() -> None:
    around = case.torus(40)
    apart = np.zeros((2, 1600), dtype=np.int64)
    apart[0, :800], apart[1, 800:] = 10, 10
    assert case.order_parameter(apart, around) == pytest.approx(1.0, abs=0.06)
    assert case.order_parameter(np.full((2, 1600), 5), around) == 0.0


Broken = Callable[..., None]


def _ignores_rivals(offer: Any, rival_marks: Any, aversion: float, weights: Any) -> None:
    weights[:] = 1.0 / weights.shape[-1]


def _seeks_rivals(offer: Any, rival_marks: Any, aversion: float, weights: Any) -> None:
    _place_weights(offer, rival_marks, -aversion, weights)


def _avoids_twice_as_much(offer: Any, rival_marks: Any, aversion: float, weights: Any) -> None:
    _place_weights(offer, rival_marks, 2.0 * aversion, weights)


def _leaves_no_mark(presence: Any, fading: float, making: float, marks: Any) -> None:
    marks *= 1.0 - fading


def _fades_at_half_the_rate(presence: Any, fading: float, making: float, marks: Any) -> None:
    _renew_marks(presence, 0.5 * fading, making, marks)


_place_weights, _renew_marks = territory.place_weights, territory.renew_marks


@pytest.mark.parametrize(
    ("function", "broken"),
    [
        ("place_weights", _ignores_rivals),
        ("place_weights", _seeks_rivals),
        ("place_weights", _avoids_twice_as_much),
        ("renew_marks", _leaves_no_mark),
        ("renew_marks", _fades_at_half_the_rate),
    ],
)
def test_a_broken_mechanism_fails_the_case(monkeypatch: pytest.MonkeyPatch, function: str, broken: Broken) -> None:
    monkeypatch.setattr(territory, function, broken)
    assert not passes(case.run(None, 1))
