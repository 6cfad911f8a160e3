"""A small and a large scenario with made-up numbers, for tests of results only."""

# fmt: off

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

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
    truth = intensity(71)[:, None] * (exposure / exposure.sum())[None]
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
        "lockdown",
        {
            "start": date(2020, 3, 16),
            "end": date(2020, 6, 30),
            "mobility": quantity(0.35),
            "station_access": quantity(0.5),
        },
        "L1",
        "first lockdown",
        "scenario.toml:9",
    )
    emergency = PolicySpec(
        "state_of_emergency",
        {"start": date(2023, 9, 20), "end": date(2023, 11, 18), "districts": (0,)},
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


def intensity(months: int) -> npt.NDArray[np.float64]:
    t = np.arange(months)
    logistic = 1 / (1 + np.exp(-(t - 50) / 3.0))
    lockdown = np.where((t >= 26) & (t <= 30), 0.35, 1.0)
    return (0.22 + 0.9 * logistic + 0.1 * np.sin(t)) * lockdown
