"""V10: clashes lie at the boundaries of territories, by the rules of marks and contest, and not where one is broken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from racketsim.mechanisms import contest_field, territory
from racketsim.verification import boundary_violence as case
from racketsim.verification.case import passes


@pytest.mark.slow
def test_the_whole_case_passes() -> None:
    assert passes(case.run(None, 1))


def test_the_case_passes_with_two_layouts() -> None:
    assert passes(case.run(2, 1))


def test_the_ground_is_the_square_and_its_edges_hold() -> None:
    ground = case.lay_out(3, 29)
    sites = ground.around.shape[0]
    assert sites * case.SITE**2 == pytest.approx(case.SQUARE_MILES, rel=0.01)
    assert ground.miles.shape == (29, sites)
    assert ground.around[0].tolist() == [0, 39, 0, 1]
    assert ground.around[sites - 1].tolist() == [sites - 40, sites - 1, sites - 2, sites - 1]
    assert ground.miles.min(axis=1).max() < case.SITE


def test_members_are_neither_lost_nor_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case, "STEPS", 20)
    members, marks = case.spread(case.lay_out(1, 13))
    assert members.sum(axis=1) == pytest.approx(np.full(13, case.MEMBERS))
    assert marks.min() >= 0.0


def test_shares_are_measured_from_the_line_between_the_anchors() -> None:
    """Two gangs a mile apart that meet at one place alone: all violence lies at its distance from the middle."""
    anchors = np.array([[0.0, 0.0], [1.0, 0.0]])
    for place, expected in ((0.5, [100, 100, 100]), (0.2, [0, 100, 100]), (0.0, [0, 0, 100])):
        miles = np.array([[place], [1.0 - place]])
        ground, members = case.Ground(np.zeros((1, 4), np.int64), anchors, miles), np.array([[4.0], [2.0]])
        found = case.shares(ground, members, case.clashes(members))
        assert found == pytest.approx(expected)


def test_the_distance_to_a_boundary_is_that_to_the_nearest_line_midway_between_anchors() -> None:
    anchors = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 3.0]])
    places = np.array([[0.2, 0.0], [0.5, 0.0], [0.0, 1.4], [1.0, 0.0]])
    miles = np.linalg.norm(places[None] - anchors[:, None], axis=2)
    found = case.to_boundary(case.Ground(np.zeros((4, 4), np.int64), anchors, miles))
    assert found == pytest.approx([0.3, 0.0, 0.1, 0.5])


def test_of_even_violence_half_is_on_the_half_of_the_ground_nearest_to_boundaries() -> None:
    ground = case.lay_out(2, 13)
    even = np.ones_like(ground.miles)
    assert case.at_boundaries(ground, even) == pytest.approx(50.0, abs=0.1)


def test_no_share_decides_that_follows_the_scale_and_is_no_more_than_that_of_even_violence() -> None:
    rows = case.run(1, 1)
    assert all(row.soft for row in rows if "mile" in row.name)
    assert [row.name.partition(":")[0] for row in rows if not row.soft] == ["13 gangs"] * 2 + ["29 gangs"] * 2 + [
        "13 gangs"
    ]


_place_weights = territory.place_weights


def _no_home(offer: Any, rival_marks: Any, aversion: float, weights: Any) -> None:
    _place_weights(np.zeros_like(offer), rival_marks, 0.0, weights)


def _seeks_rivals(offer: Any, rival_marks: Any, aversion: float, weights: Any) -> None:
    _place_weights(offer, rival_marks, -aversion, weights)


def _deaf_to_marks(offer: Any, rival_marks: Any, aversion: float, weights: Any) -> None:
    _place_weights(offer, rival_marks, 0.0, weights)


def _without_rivals(settings: Any, day: int, here: Any, *given: Any) -> float:
    """Violence wherever members are, whether or not they meet others."""
    given[-1][:] = here * (here.sum(axis=0) - here > 0.0)
    return float(here.sum())


def _never(*given: Any) -> float:
    given[-1][:] = 0.0
    return 0.0


@pytest.mark.parametrize(
    ("module", "function", "broken"),
    [
        (territory, "place_weights", _no_home),
        (territory, "place_weights", _seeks_rivals),
        (territory, "place_weights", _deaf_to_marks),
        (contest_field, "clash_hazards", _without_rivals),
        (contest_field, "clash_hazards", _never),
    ],
)
def test_the_case_fails_where_a_rule_is_broken(
    monkeypatch: pytest.MonkeyPatch, module: Any, function: str, broken: Callable[..., Any]
) -> None:
    monkeypatch.setattr(module, function, broken)
    assert not passes(case.run(1, 1))
