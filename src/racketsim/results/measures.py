"""The named series that headlines, fits and figures speak of, each computed from the records of one replicate."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from racketsim.results.records import Records

Array = npt.NDArray[np.float64]


class Measure(NamedTuple):
    """A series by month and district: its unit, what it is called, and how it is computed ([T, D])."""

    unit: str
    label: str
    compute: Callable[[Records], npt.NDArray[np.generic]]


def _plain(name: str) -> Callable[[Records], npt.NDArray[np.generic]]:
    return lambda records: records[name]


def _over(name: str, *axes: int) -> Callable[[Records], npt.NDArray[np.generic]]:
    return lambda records: np.sum(records[name], axis=axes)


def _together(*names: str) -> Callable[[Records], npt.NDArray[np.generic]]:
    return lambda records: np.sum([records[name] for name in names], axis=0)


def _evenly(name: str) -> Callable[[Records], npt.NDArray[np.generic]]:
    """Share what is recorded by group alone evenly over the districts, so that it adds up over the city."""

    def shares(records: Records) -> npt.NDArray[np.generic]:
        months, districts = np.shape(records["killed"])
        total = np.sum(records[name], axis=1, keepdims=True)
        return np.broadcast_to(total / districts, (months, districts))

    return shares


MEASURES: dict[str, Measure] = {
    "recorded": Measure("cases", "recorded cases", _plain("recorded")),
    "reported": Measure("cases", "reported cases", _plain("reported")),
    "cases": Measure("cases", "true cases (demands)", _over("demands", 2, 3)),
    "paid": Measure("currency", "tribute paid", lambda records: np.sum(records["tribute_by_kind"], axis=2) / 100),
    "agreed": Measure("cases", "demands paid", _over("paid", 2, 3)),
    "refused": Measure("cases", "demands refused", _over("refused", 2, 3)),
    "relations": Measure("relations", "paying relations at the month's end", _over("relations", 2)),
    "closed": Measure("targets", "closures", _over("closed", 2)),
    "incidents": Measure("incidents", "incidents", _over("incidents", 2)),
    "injured": Measure("people", "people injured", _plain("injured")),
    "killed": Measure("people", "people killed", _plain("killed")),
    "clashes": Measure("clashes", "clashes between groups", _plain("clashes")),
    "retaliations": Measure("acts", "acts of retaliation between groups", _plain("retaliations")),
    "rival_injured": Measure("people", "people injured between groups", _plain("rival_injured")),
    "rival_killed": Measure("people", "people killed between groups", _plain("rival_killed")),
    "killed_total": Measure(
        "people", "people killed in all", _together("killed", "rival_killed", "crowd_killed", "backlash_killed")
    ),
    "protests": Measure("protests", "peaceful protests", _plain("protests")),
    "riots": Measure("riots", "riots", _plain("riots")),
    "vehicles_burnt": Measure("vehicles", "vehicles burnt by crowds", _plain("vehicles_burnt")),
    "vehicles_innocent": Measure("vehicles", "vehicles burnt that were no group's", _plain("vehicles_innocent")),
    "vigilante_attacks": Measure("attacks", "attacks by vigilantes", _plain("vigilante_attacks")),
    "beaten": Measure("people", "people beaten by crowds and vigilantes", _plain("beaten")),
    "beaten_innocent": Measure("people", "innocents beaten by crowds and vigilantes", _plain("beaten_innocent")),
    "crowd_injured": Measure("people", "people injured by crowds and vigilantes", _plain("crowd_injured")),
    "crowd_killed": Measure("people", "people killed by crowds and vigilantes", _plain("crowd_killed")),
    "lynched": Measure("people", "members lynched by crowds and vigilantes", _evenly("lynched")),
    "trafficking_harm": Measure("people", "people harmed by trafficking", _evenly("harmed")),
    "backlash": Measure("incidents", "attacks on innocents who share a label", _plain("backlash_incidents")),
    "backlash_injured": Measure("people", "innocents injured in backlash", _plain("backlash_injured")),
    "backlash_killed": Measure("people", "innocents killed in backlash", _plain("backlash_killed")),
    "withheld": Measure("cases", "reports withheld out of fear of hostility", _plain("withheld")),
    "takeovers": Measure("districts", "districts that passed to another group", _plain("takeovers")),
    "arrests": Measure("people", "arrests", _plain("arrests")),
    "displaced": Measure("cases", "displaced demands", _plain("displaced_demands")),
    "deterred": Measure("cases", "demands deterred by surges", _plain("deterred_demands")),
    "emergency_days": Measure("district-days", "days of emergency", _plain("emergency_days")),
    "emergency_person_days": Measure("person-days", "person-days of emergency", _plain("emergency_person_days")),
}
"""`paid` is money (headline rows speak of payments in soles); `agreed` counts the demands that were paid.

`injured` and `killed` are of punishments, `rival_*` of clashes and retaliation between groups, `crowd_*` of crowds and
vigilantes, `backlash_*` of attacks on innocents; `killed_total` is all four, bystanders and `lynched` members included.
"""

UNPLACED = ("lynched", "trafficking_harm")
"""Measures that are known for the city alone; their series by district are even shares, of which only sums count."""


def monthly(records: Records, measure: str) -> Array:
    """Return the measure by month and district: float64 [T, D]."""
    return np.asarray(MEASURES[measure].compute(records), dtype=np.float64)
