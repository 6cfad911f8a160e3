"""A random but realistic process that makes the dictionaries of a finished simulation, for tests of results only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from racketsim.results.replicate import GroupLabel
from racketsim.results.vocabulary import EVENT_CODE
from racketsim.scenario.model import (
    Districts,
    Evidence,
    Group,
    Headline,
    Method,
    Outlet,
    PolicySpec,
    Prior,
    Quantity,
    Records,
    Scenario,
    TargetKind,
)

Columns = dict[str, npt.NDArray[Any]]

LIMA = (
    "ANC:Ancón SRO:Santa_Rosa CAR:Carabayllo VEN:Ventanilla MPE:Mi_Perú PPI:Puente_Piedra COM:Comas "
    "SMP:San_Martín_de_Porres LOL:Los_Olivos IND:Independencia RIM:Rímac SJL:San_Juan_de_Lurigancho CHA:Chaclacayo "
    "LUR:Lurigancho CAL:Callao CLR:Carmen_de_la_Legua_Reynoso BRE:Breña LIM:Cercado_de_Lima EAG:El_Agustino ATE:Ate "
    "LPE:La_Perla BEL:Bellavista PLI:Pueblo_Libre LVI:La_Victoria SLU:San_Luis SAN:Santa_Anita LPU:La_Punta "
    "SMI:San_Miguel JMA:Jesús_María LIN:Lince SBO:San_Borja LMO:La_Molina CIE:Cieneguilla MAG:Magdalena_del_Mar "
    "SIS:San_Isidro SQL:Surquillo SUR:Santiago_de_Surco VMT:Villa_María_del_Triunfo PAC:Pachacámac MIR:Miraflores "
    "BAR:Barranco SJM:San_Juan_de_Miraflores VES:Villa_El_Salvador PHE:Punta_Hermosa CHO:Chorrillos LRN:Lurín "
    "PNE:Punta_Negra SBA:San_Bartolo SMM:Santa_María_del_Mar PUC:Pucusana"
)
GRID = """
ANC SRO ... CAR ... ... ... ...
VEN MPE PPI COM ... ... ... ...
SMP LOL IND RIM SJL ... CHA LUR
CAL CLR BRE LIM EAG ATE ... ...
LPE BEL PLI LVI SLU SAN ... ...
LPU SMI JMA LIN SBO LMO CIE ...
... MAG SIS SQL SUR VMT PAC ...
... ... MIR BAR SJM VES PHE ...
... ... ... CHO ... LRN PNE SBA
... ... ... ... ... ... SMM PUC
"""


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


def quantity(value: float, unit: str = "1", source: str | None = None) -> Quantity:
    prior = None if source else Prior("lognormal", value / 3, value * 3)
    return Quantity(value, unit, source, prior, "synthetic", "scenario.toml:1")


def _month(text: str) -> date:
    return date.fromisoformat(f"{text}-01")


def scenario(large: bool = False, end: date = date(2023, 12, 31)) -> Scenario:
    """Three districts over six years, or the 50 of Lima and Callao."""
    rng = np.random.default_rng(7)
    pairs = [word.split(":") for word in LIMA.split()]
    if not large:
        pairs = [pair for pair in pairs if pair[0] in ("SJL", "LVI", "CAL")]
    cells = {code: (r, c) for r, line in enumerate(GRID.split("\n")[1:-1]) for c, code in enumerate(line.split())}
    names = tuple(pair[1].replace("_", " ") for pair in pairs)
    count = len(names)
    exposure = rng.lognormal(0, 0.7, count)
    callao = {"Callao", "Bellavista", "La Perla", "La Punta", "Carmen de la Legua Reynoso", "Ventanilla", "Mi Perú"}
    tile = np.array([cells[pair[0]] for pair in pairs])
    near = np.abs(tile[:, None] - tile[None]).sum(axis=2) == 1
    districts = Districts(
        id=tuple(f"1501{i:02d}" for i in range(count)),
        name=names,
        region=tuple("Callao" if name in callao else "Lima Metropolitana" for name in names),
        zone=("x",) * count,
        population=rng.integers(20_000, 900_000, count),
        latitude=rng.uniform(-12.3, -11.7, count),
        longitude=rng.uniform(-77.2, -76.7, count),
        area_km2=rng.uniform(2, 200, count),
        officers=rng.integers(50, 600, count),
        exposure=exposure,
        tile=tile.astype(np.int64),
        adjacency=near,
        source=("L1",) * count,
    )
    groups = (
        _group("callao-north", "Barrio del Norte", "incumbent", (0,)),
        _group("old-guard", "La Vieja Guardia", "incumbent", tuple(range(0, count, 3))),
        _group("river", "Los del Río", "incumbent", tuple(range(1, count, 3))),
        _group(
            "entrant", "Los Nuevos", "entrant", (count - 1,), date(2019, 3, 1), brand="La Marca", signature="explosive"
        ),
        _group("remote", "Remote operators", "remote", (), date(2021, 6, 1)),
    )
    start = date(2018, 1, 1)
    months = tuple(date(2018 + m // 12, m % 12 + 1, 1) for m in range(71))
    truth = _intensity(71)[:, None] * (exposure / exposure.sum())[None]
    counts = rng.poisson(truth * 900).astype(np.int64)
    counts[3, 0] = -1
    headlines = (
        Headline(
            "lima-jan-aug-2022",
            "Recorded cases, January to August 2022",
            "sum",
            "recorded",
            "Lima Metropolitana",
            _month("2022-01"),
            _month("2022-08"),
            None,
            0,
            None,
            "reports.csv",
        ),
        Headline(
            "lima-jan-aug-2023",
            "Recorded cases, January to August 2023",
            "sum",
            "recorded",
            "Lima Metropolitana",
            _month("2023-01"),
            _month("2023-08"),
            None,
            0,
            None,
            "reports.csv",
        ),
        Headline(
            "lima-jan-aug-ratio",
            "Ratio of 2023 to 2022",
            "ratio",
            "recorded",
            None,
            None,
            None,
            ("lima-jan-aug-2023", "lima-jan-aug-2022"),
            0,
            None,
            None,
        ),
        Headline(
            "top-2022",
            "Recorded cases in 2022",
            "top-districts",
            "recorded",
            None,
            _month("2022-01"),
            _month("2022-12"),
            None,
            3,
            None,
            None,
        ),
        Headline(
            "true-2022",
            "True cases in 2022",
            "sum",
            "cases",
            None,
            _month("2022-01"),
            _month("2022-12"),
            None,
            0,
            None,
            None,
        ),
        Headline(
            "soles-2022",
            "Payments in 2022",
            "sum",
            "paid",
            None,
            _month("2022-01"),
            _month("2022-12"),
            None,
            0,
            None,
            None,
        ),
        Headline("killed", "People killed, 2018 to 2023", "sum", "killed", None, None, None, None, 0, 120.0, "L1"),
        Headline(
            "arrests-2023",
            "Arrests in 2023",
            "sum",
            "arrests",
            None,
            _month("2023-01"),
            _month("2023-12"),
            None,
            0,
            None,
            None,
        ),
    )
    lockdown = PolicySpec(
        "lockdown", {"start": date(2020, 3, 16), "end": date(2020, 6, 30)}, "L1", "first lockdown", "scenario.toml:9"
    )
    emergency = PolicySpec(
        "state_of_emergency",
        {"start": date(2023, 9, 20), "end": date(2023, 11, 18), "districts": (names[0],)},
        "L1",
        "emergency in one district",
        "scenario.toml:12",
    )
    return Scenario(
        id="lima-synthetic" if large else "three-districts",
        title="Extortion in Lima and Callao (synthetic numbers)",
        summary="A made-up process for tests of the results; nothing here is a finding.",
        currency="PEN",
        start=start,
        end=end,
        path=Path("scenario.toml"),
        digest="ab" * 32,
        districts=districts,
        kinds=tuple(
            TargetKind(k.replace(" ", "_"), k, {})
            for k in ("shop", "market stall", "street vendor", "mototaxi", "bus unit")
        ),
        methods=tuple(Method(m, m, {}) for m in ("threat", "beating", "arson", "explosive", "shooting")),
        outlets=(Outlet("broadsheet", "the broadsheet", {}), Outlet("tabloid", "the tabloid", {})),
        groups=groups,
        targets=(np.outer(districts.population, [0.06, 0.02, 0.03, 0.015, 0.002]) + 5).astype(np.int64),
        parameters={"demand": {"rate_per_member": quantity(0.12, "demands per member-day")}},
        policies=(lockdown, emergency),
        records=Records(months, counts, "reports.csv"),
        headlines=headlines,
        evidence=(
            Evidence(
                "L1",
                "reports",
                "Lima",
                "2018",
                "2023",
                "reports",
                1.0,
                "reports",
                None,
                None,
                "Ministry of the Interior, open data",
                "https://example.org",
                "2023-12-01",
                "",
            ),
        ),
    )


def _group(
    ident: str,
    name: str,
    role: Any,
    districts: tuple[int, ...],
    arrival: date | None = None,
    brand: str = "",
    signature: str | None = None,
) -> Group:
    return Group(ident, name, role, brand, "", arrival, districts, signature, {"members": quantity(20, "members")})


def _intensity(months: int) -> npt.NDArray[np.float64]:
    t = np.arange(months)
    logistic = 1 / (1 + np.exp(-(t - 50) / 3.0))
    lockdown = np.where((t >= 26) & (t <= 30), 0.35, 1.0)
    return (0.22 + 0.9 * logistic + 0.1 * np.sin(t)) * lockdown


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
    level = _intensity(months) * rng.lognormal(0, 0.12) * np.exp(np.cumsum(rng.normal(0, 0.03, months)))
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
        "payments": paid.sum(-1) * 9, "tribute_by_kind": tribute, "tribute_by_group": by_group * 30_000,
        "relations": np.cumsum(paid.sum(-1), 0) // 4, "relations_by_group": by_group // 3, "reported": reported,
        "recorded": rng.binomial(reported, 0.95), "recorded_on_time": rng.binomial(reported, 0.8),
        "incidents": incidents, "incidents_by_group": rng.poisson(incidents.sum(1)[:, None, :] / g, (months, g, m)),
        "injured": rng.poisson(incidents[:, :, 3:].sum(2) * 0.3), "killed": rng.poisson(incidents[:, :, 4] * 0.15),
        "cases_opened": reported // 3, "cases_cleared": arrests // 2, "arrests": arrests,
        "arrests_by_group": rng.multinomial(arrests.sum(1), np.full(g, 1 / g)),
        "held": np.cumsum(rng.poisson(2, (months, g)), 0), "members": members,
        "operators": (400 * late).astype(np.int64), "expansions": rng.poisson(0.02, (months, d)),
        "officer_days": np.full((months, d), 30) * given.districts.officers, "emergency_days": emergency,
        "emergency_person_days": emergency * given.districts.population, "displaced_demands": np.zeros((months, d), np.int64),
    }  # fmt: skip
    records = {name: np.asarray(value, dtype=np.int64) for name, value in records.items()}
    records["credibility"] = rng.uniform(0, 0.6, (months, d, g))
    log = _log(rng, given, g, months, demands)
    last = date(2018 + months // 12, months % 12 + 1, 1).toordinal() - 1
    timing = {"setup": 0.8, "run": 2.1, "target_days_per_second": 2.2e9}
    return SyntheticSim(
        given, seed, date.fromordinal(last), records, log, _claims(rng, log, g, len(given.outlets)), groups, timing
    )


def _log(rng: np.random.Generator, given: Scenario, g: int, months: int, demands: int) -> Columns:
    last = months * 30
    rows: list[tuple[int, ...]] = []

    def add(day: int, event: str, /, **what: int) -> int:
        ident = len(rows) + 1
        base = {
            "district": -1,
            "kind": -1,
            "group": -1,
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
        "target",
        "channel",
        "method",
        "amount",
        "count",
        "injured",
        "killed",
        "caused_by",
    )
    types = ("u8", "i4", "u1", "i2", "i1", "i2", "i8", "i1", "i1", "i8", "i4", "i4", "i4", "u8")
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
        "group": named.astype("i2"), "true_group": log["group"][at],
        "injured": (log["injured"][at] + rng.integers(0, 2, n)).astype("i4"), "killed": log["killed"][at],
        "label": np.zeros(n, "u1"),
    }  # fmt: skip
    return {name: value[order] if name != "claim_id" else value for name, value in claims.items()}
