"""Merchants who refuse together are punished for it; with the state beside them, fewer demands are made (as in V6)."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from racketsim import Sim
from tests.mechanism_city import row_of_three

SEEDS = (1, 2)
GATHERING = {
    "outbreak_rate": 0.02,
    "threshold_mean": 0.1,
    "fear": 0.0,
    "violent_first": 0.0,
    "escalation": 0.0,
    "association_size": 100.0,
    "association_pull": 20.0,
    "association_days": 400.0,
}
"""A city in which peaceful protests are large, and merchants who unite after one are nearly all of them."""


STRONG_STATE = {"opening_report": 0.8, "opening_incident": 0.8, "clearance": 0.04, "cold": 0.01, "caseload": 5.0}
"""Police who open and clear four cases of five, as the strong state of case V6, within a season and for all."""


@cache
def monthly(seed: int, association: float, protected: bool = False) -> dict[str, np.ndarray]:
    """Return incidents, demands and payments by month of a year, with or without refusal in company and protection."""
    overrides = {f"parameters.crowd.{name}": value for name, value in GATHERING.items()}
    overrides["parameters.crowd.association"] = association
    if protected:
        overrides |= {f"parameters.policing.{name}": value for name, value in STRONG_STATE.items()}
    sim = Sim(row_of_three(overrides, groups=("local_norte", "gallegos")), seed=seed).run(until="2018-12-31")
    return {name: sim.records[name].reshape(12, -1).sum(axis=1) for name in ("incidents", "demands", "paid")}


@pytest.mark.parametrize("seed", SEEDS)
def test_refusal_in_company_raises_punishment(seed: int) -> None:
    alone, together = monthly(seed, 0.0), monthly(seed, 1.0)
    assert together["paid"].sum() < 0.1 * alone["paid"].sum()
    assert together["incidents"].sum() > 1.4 * alone["incidents"].sum()


@pytest.mark.parametrize("seed", SEEDS)
def test_refusal_with_protection_lowers_demands_more_than_either(seed: int) -> None:
    later = slice(6, None)
    alone, together = monthly(seed, 0.0)["demands"][later].sum(), monthly(seed, 1.0)["demands"][later].sum()
    protected = monthly(seed, 0.0, True)["demands"][later].sum()
    both = monthly(seed, 1.0, True)
    assert both["demands"][later].sum() < 0.8 * min(together, protected)
    assert both["demands"][later].sum() < 0.5 * alone
    assert both["incidents"].sum() < monthly(seed, 1.0)["incidents"].sum()
