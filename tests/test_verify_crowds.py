"""V3 Granovetter and V8 Epstein pass, and fail where a rule of crowds is broken."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from racketsim.mechanisms import crowd_rules
from racketsim.verification import civil_violence, granovetter
from racketsim.verification.case import passes
from tests.rebuilt_kernels import rebuilt


def _failed(rows: list[Any]) -> list[str]:
    return [row.name for row in rows if not row.passed]


def test_granovetter_passes_exactly() -> None:
    rows = granovetter.CASE.run(None, 1)
    assert passes(rows)
    assert not _failed(rows)


@pytest.mark.parametrize(
    ("rule", "broken", "fails"),
    [
        ("riot_size", lambda thresholds, *_: thresholds.size, "rioters, threshold 1 made 2"),
        ("riot_size", lambda thresholds, *_: int((thresholds <= 0).sum()), "rioters, thresholds 0 to 99"),
        ("riot_share", lambda mean, spread, *_: crowd_rules.normal_share(-mean / spread), "critical sigma"),
        ("riot_share", lambda *_: 1.0, "rioters, normal thresholds, sigma 12.20"),
    ],
)
def test_granovetter_fails_where_thresholds_do_not_work(
    rule: str, broken: object, fails: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crowd_rules, rule, broken)
    rows = granovetter.CASE.run(None, 1)
    assert not passes(rows)
    assert fails in _failed(rows)


def test_epstein_passes_in_every_run() -> None:
    rows = civil_violence.CASE.run(2, 1)
    assert passes(rows)
    assert not _failed(rows)


def test_sites_in_sight_are_a_disk_on_a_torus() -> None:
    around = civil_violence.within_vision(40, 7)
    assert around.shape == (1600, 148)
    assert (np.bincount(around.ravel(), minlength=1600) == 148).all()
    assert {7, 33, 7 * 40, 33 * 40} <= set(around[0].tolist())
    assert not (around == np.arange(1600)[:, None]).any()


def test_an_outburst_begins_where_actives_rise_above_fifty() -> None:
    assert civil_violence.outbursts(np.array([60, 70, 10, 50, 51, 0, 51])) == 3
    assert civil_violence.outbursts(np.zeros(5, dtype=np.int64)) == 0


def test_the_lattice_is_the_same_for_the_same_seed_and_keeps_its_agents() -> None:
    one, same, other = (civil_violence.actives_by_step(seed, True, 60) for seed in (1, 1, 2))
    assert (one == same).all()
    assert (one != other).any()
    assert one.max() <= civil_violence.CITIZENS


def _never_floored(officers: int, active: int, factor: float, floored: bool) -> float:
    return float(1.0 - np.exp(-factor * officers / active))


def _always_floored(officers: int, active: int, factor: float, floored: bool) -> float:
    return float(1.0 - np.exp(-factor * (officers // active)))


@pytest.mark.parametrize(
    ("broken", "fails"),
    [
        (_never_floored, "fewest outbursts in a run, ratio rounded down"),
        (_always_floored, "most outbursts in a run, ratio as printed"),
    ],
)
def test_epstein_fails_where_the_two_readings_of_the_ratio_are_one(
    broken: Any, fails: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(civil_violence, "simulate", rebuilt(civil_violence.simulate, "arrest_risk", broken))
    rows = civil_violence.CASE.run(1, 1)
    assert not passes(rows)
    assert fails in _failed(rows)


def _nobody_acts(grievance: float, net_risk: float, threshold: float) -> bool:
    return False


def test_epstein_fails_where_nobody_acts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(civil_violence, "simulate", rebuilt(civil_violence.simulate, "activates", _nobody_acts))
    assert not passes(civil_violence.CASE.run(1, 1))
