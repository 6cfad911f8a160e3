"""A random but realistic process that makes the dictionaries of a finished simulation, for tests of results only."""

# ruff: noqa: E501

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from racketsim.mechanisms.street_records import StreetRecords
from racketsim.mechanisms.territory import herfindahl
from racketsim.results.replicate import GroupLabel
from racketsim.results.vocabulary import EVENT_CODE
from racketsim.scenario.model import Scenario
from tests.synthetic_scenario import intensity
from tests.synthetic_scenario import scenario as scenario

Columns = dict[str, npt.NDArray[Any]]


@dataclass
class SyntheticSim:
    """The attributes of a finished `Sim` that results read."""

    scenario: Scenario
    seed: int
    day: date
    records: Columns
    log: Columns
    claims: Columns
    groups: list[GroupLabel]
    timing: dict[str, float] = field(default_factory=dict)
    profile: dict[str, float] = field(default_factory=dict)


def sim(
    given: Scenario, seed: int = 1, months: int = 72, demands: int = 1500, splinters: int | None = None
) -> SyntheticSim:
    """Make the records, log and claims of one replicate; about `demands` demands a month in the log's process."""
    rng = np.random.default_rng(seed)
    d, k, m = len(given.districts), len(given.kinds), len(given.methods)
    born = int(rng.integers(0, 3)) if splinters is None else splinters
    groups = [GroupLabel(g.id, g.name, g.role, g.brand) for g in given.groups]
    groups += [GroupLabel(f"entrant-{i + 1}", f"Los Nuevos ({i + 1})", "splinter", "La Marca") for i in range(born)]
    g = len(groups)
    level = intensity(months) * rng.lognormal(0, 0.12) * np.exp(np.cumsum(rng.normal(0, 0.03, months)))
    weight = given.districts.exposure * given.districts.population
    mean = 18_000 * level[:, None, None, None] * (weight / weight.sum())[:, None, None]
    mean = mean * (given.targets / given.targets.sum(1, keepdims=True))[None, :, :, None]
    late = 1 / (1 + np.exp(-(np.arange(months) - 46) / 4.0))
    demand = rng.poisson(mean * np.stack([1 - 0.8 * late, 0.8 * late], axis=-1)[:, None, None, :] + 0.01)
    paid = rng.binomial(demand, 0.2)
    closed = rng.binomial((demand - paid).sum(-1), 0.01)
    cases = demand.sum((2, 3))
    reported = rng.binomial(cases, 0.07)
    members = rng.poisson(20 * np.linspace(0.4, 1.4, months)[:, None, None] * rng.gamma(0.6, 1, (d, g))[None])
    members[:14, :, 3] = 0
    members[:, :, 4] = 0
    members[:60, :, 5:] = 0
    incidents = rng.poisson((cases / 60)[:, :, None] * np.array([0.6, 0.2, 0.1, 0.06, 0.04]))
    by_group = rng.multinomial(1000, np.full(g, 1 / g), (months, d)) * cases[:, :, None] // 1000
    tribute = paid.sum(-1) * rng.integers(2_000, 90_000, (months, d, k))
    arrests = rng.poisson(cases / 250)
    emergency = np.zeros((months, d), np.int64)
    emergency[68:71, 0] = np.array([11, 31, 18])[: max(0, months - 68)]
    records: Columns = {
        "demands": demand, "paid": paid, "refused": demand - paid, "closed": closed, "demands_by_group": by_group,
        "demands_ceded": rng.binomial(demand.sum((2, 3)), 0.001), "demands_of_united": np.zeros((months, d), np.int64),
        "paid_both": rng.binomial(paid.sum((-1, -2)), 0.01),
        "payments": paid.sum(-1) * 9, "tribute_by_kind": tribute, "tribute_by_group": by_group * 30_000,
        "relations": np.cumsum(paid.sum(-1), 0) // 4, "relations_by_group": by_group // 3, "reported": reported,
        "recorded": rng.binomial(reported, 0.95), "recorded_on_time": rng.binomial(reported, 0.8),
        "incidents": incidents, "incidents_by_group": rng.poisson(incidents.sum(1)[:, None, :] / g, (months, g, m)),
        "injured": rng.poisson(incidents[:, :, 3:].sum(2) * 0.3), "killed": rng.poisson(incidents[:, :, 4] * 0.15),
        "cases_opened": reported // 3, "cases_cleared": arrests // 2, "arrests": arrests,
        "cases_found": reported // 40, "cases_given_up": reported // 4, "cases_open": reported // 2,
        "unit_days": np.zeros(months, np.int64), "collusion_days": np.zeros((months, d), np.int64),
        "leaks": np.zeros((months, d), np.int64),
        "arrests_by_group": rng.multinomial(arrests.sum(1), np.full(g, 1 / g)),
        "held": np.cumsum(rng.poisson(2, (months, g)), 0), "members": members,
        "operators": (400 * late).astype(np.int64), "expansions": rng.poisson(0.02, (months, d)),
        "officer_days": np.full((months, d), 30) * given.districts.officers, "emergency_days": emergency,
        "emergency_person_days": emergency * given.districts.population, "displaced_demands": np.zeros((months, d), np.int64),
        "takeovers": rng.poisson(0.02, (months, d)), "districts_held": rng.poisson(1, (months, g)),
        "clashes": (clashes := rng.poisson(0.1, (months, d))), "retaliations": rng.binomial(clashes, 0.4),
        "rival_threats": rng.poisson(0.1, (months, d)), "rival_killed": rng.poisson(clashes), "rival_injured": rng.poisson(clashes),
        "expulsions": rng.binomial(clashes, 0.1), "fallen": rng.poisson(0.2, (months, g)),
        "revenue": rng.integers(0, 10**9, (months, g, 5)), "debtors": members * 5, "harmed": rng.poisson(2, (months, g)),
        "dismissed": rng.poisson(0.1, (months, g)), "demands_by_claim": by_group,
        "impostors": rng.poisson(0.3, (months, d)), "unmasked": rng.poisson(0.05, (months, d, g)),
        "supplied": rng.poisson(0.05, (months, g)), "linked": np.ones((months, g)), "arms": rng.poisson(5, (months, g)),
    }  # fmt: skip
    records = {name: np.asarray(value, dtype=np.int64) for name, value in records.items()}
    records["credibility"] = rng.uniform(0, 0.6, (months, d, g))
    records["brand_credibility"] = rng.uniform(0, 0.3, (months, g))
    records["cases_waiting"] = 0.5 * records["cases_open"]
    records["deterred_demands"] = np.zeros((months, d))
    records["diffused_benefit"] = np.zeros((months, d))
    records["perceived_arrest"] = rng.uniform(0.0005, 0.002, (months, d))
    records["priority"] = rng.gamma(1.0, 0.2, (months, g))
    records["concentration"] = herfindahl(members)
    records |= _streets(rng, months, d, g)
    records["contestedness"] = 1.0 - records["concentration"]
    records["tribute_level"] = 1.0 - 0.4 * records["contestedness"]
    log = _log(rng, given, g, months, demands)
    last = date(2018 + months // 12, months % 12 + 1, 1).toordinal() - 1
    timing = {"setup": 0.8, "run": 2.1, "target_days_per_second": 2.2e9}
    return SyntheticSim(
        given, seed, date.fromordinal(last), records, log, _claims(rng, log, g, len(given.outlets)), groups, timing
    )


def _streets(rng: np.random.Generator, months: int, d: int, g: int) -> Columns:
    """Return the records of crowds, threats and backlash: rare counts, and shares."""
    shapes = {("district",): (months, d), ("group",): (months, g), ("district", "group"): (months, d, g)}
    found = {}
    for name, variable in StreetRecords.writes.items():
        shape = shapes[variable.dims[1:]]
        found[name.removeprefix("m_")] = (
            rng.poisson(0.05, shape).astype(np.int64) if variable.dtype == "i8" else rng.uniform(0, 1, shape)
        )
    return found


def _log(rng: np.random.Generator, given: Scenario, g: int, months: int, demands: int) -> Columns:
    last = months * 30
    rows: list[tuple[int, ...]] = []

    def add(day: int, event: str, /, **what: int) -> int:
        ident = len(rows) + 1
        base = {
            "district": -1,
            "kind": -1,
            "group": -1,
            "rival": -1,
            "claimed": -1,
            "target": -1,
            "channel": -1,
            "method": -1,
            "amount": 0,
            "count": 0,
            "injured": 0,
            "killed": 0,
            "caused_by": 0,
        }
        rows.append((ident, min(day, last), EVENT_CODE[event], *(base | what).values()))
        return ident

    add(424, "arrival", group=3, district=len(given.districts) - 1, count=12)
    add(805, "policy_start", count=0)
    add(911, "policy_end", count=0)
    add(2088, "policy_start", district=0, count=1)
    add(2147, "policy_end", district=0, count=1)
    gone = add(1700, "leader_removed", group=3, district=0, count=1)
    add(1720, "fragmentation", group=3, district=0, count=9, caused_by=gone)
    fight = {"group": 3, "rival": 1, "district": 0}
    add(1200, "inter_group_threat", **fight)
    clash = add(1210, "clash", **fight, killed=2, injured=1, count=2)
    add(1210, "expulsion", group=1, rival=3, district=0, count=14, caused_by=clash)
    add(1290, "retaliation", group=1, rival=3, district=0, killed=1, count=1, caused_by=clash)
    add(1250, "takeover", group=3, district=0, count=40)
    add(1400, "dismissal", group=1, district=1, count=3)
    add(1500, "supply", group=3, district=0, count=2)
    for _ in range(demands):
        day, district, group = (
            int(rng.integers(0, last)),
            int(rng.integers(len(given.districts))),
            int(rng.integers(0, 5)),
        )
        target, kind = int(rng.integers(0, min(demands // 3, given.targets.sum()))), int(rng.integers(len(given.kinds)))
        place = {"district": district, "group": group, "target": target, "kind": kind, "channel": int(group == 4)}
        ask = add(day, "demand", **place, amount=int(rng.integers(200, 4_000)))
        if rng.random() < 0.25:
            pays = add(day + 2, "payment_agreed", **place, amount=int(rng.integers(200, 4_000)), caused_by=ask)
            add(day + 200, "relation_end", **place, caused_by=pays)
            continue
        no = add(day + 2, "refusal", **place, caused_by=ask)
        if rng.random() < 0.12:
            method = int(rng.choice(len(given.methods), p=(0.5, 0.2, 0.15, 0.1, 0.05)))
            hurt = int(rng.pareto(1.5)) if method > 1 else 0
            dead = int(rng.binomial(hurt, 0.1))
            hit = add(day + 9, "incident", **place, method=method, injured=hurt - dead, killed=dead, caused_by=no)
            filed = add(day + 12, "report", **place, caused_by=hit)
            add(day + 20, "record", district=district, caused_by=filed)
            if rng.random() < 0.2:
                case = add(day + 25, "case_opened", **place, caused_by=filed)
                add(day + 90, "arrest", district=district, group=group, count=int(rng.integers(1, 7)), caused_by=case)
            elif rng.random() < 0.2:
                add(day + 40, "closure", **place, caused_by=hit)
    table = np.array(rows, dtype=np.int64)
    table = table[np.argsort(table[:, 1], kind="stable")]
    names = (
        "event_id",
        "day",
        "type",
        "district",
        "kind",
        "group",
        "rival",
        "claimed",
        "target",
        "channel",
        "method",
        "amount",
        "count",
        "injured",
        "killed",
        "caused_by",
    )
    types = ("u8", "i4", "u1", "i2", "i1", "i2", "i2", "i2", "i8", "i1", "i1", "i8", "i4", "i4", "i4", "u8")
    return {name: table[:, place].astype(types[place]) for place, name in enumerate(names)}


def _claims(rng: np.random.Generator, log: Columns, g: int, outlets: int) -> Columns:
    at = np.flatnonzero((log["type"] == EVENT_CODE["incident"]) & (log["method"] > 1))
    at = np.sort(rng.choice(at, size=int(len(at) * 1.2), replace=True)) if len(at) else at
    n = len(at)
    wrong = rng.random(n) < 0.2
    named = np.where(rng.random(n) < 0.4, -1, np.where(wrong, rng.integers(0, g, n), log["group"][at]))
    order = np.argsort(log["day"][at] + (delay := rng.integers(0, 5, n)), kind="stable")
    claims = {
        "claim_id": np.arange(1, n + 1).astype("u8"), "event_id": log["event_id"][at],
        "day": (log["day"][at] + delay).astype("i4"), "outlet": rng.integers(0, outlets, n).astype("i1"),
        "type": log["type"][at], "district": log["district"][at],
        "group": named.astype("i2"), "true_group": log["group"][at], "sponsor": np.full(n, -1, "i2"),
        "injured": (log["injured"][at] + rng.integers(0, 2, n)).astype("i4"), "killed": log["killed"][at],
        "vehicles": np.zeros(n, "i2"), "people": np.zeros(n, "i4"),
    }  # fmt: skip
    return {name: value[order] if name != "claim_id" else value for name, value in claims.items()}
