"""The districts of Lima and Callao: names, tile map, officers, targets and exposure, derived from collected figures."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

DISTRICT_COLUMNS = (
    "id",
    "name",
    "region",
    "zone",
    "population",
    "latitude",
    "longitude",
    "area_km2",
    "officers",
    "exposure",
    "tile_row",
    "tile_column",
    "neighbours",
    "source",
)

NAMES = {
    "070101": "Cercado del Callao",
    "070103": "Carmen de la Legua Reynoso",
    "070107": "Mi Perú",
    "150101": "Cercado de Lima",
    "150102": "Ancón",
    "150113": "Jesús María",
    "150119": "Lurín",
    "150120": "Magdalena del Mar",
    "150123": "Pachacámac",
    "150128": "Rímac",
    "150132": "San Juan de Lurigancho",
    "150133": "San Juan de Miraflores",
    "150135": "San Martín de Porres",
    "150138": "Santa María del Mar",
    "150140": "Santiago de Surco",
    "150142": "Villa El Salvador",
    "150143": "Villa María del Triunfo",
}
"""Names that differ from the collected table: accents, small words, and the two districts called like their city."""

TILES = """
150102 150139 ...... 150106 ...... ...... ...... ......
070106 070107 150125 150110 ...... ...... ...... ......
150135 150117 150112 150128 150132 ...... 150107 150118
070101 070103 150105 150101 150111 150103 ...... ......
070104 070102 150121 150115 150134 150137 ...... ......
070105 150136 150113 150116 150130 150114 150109 ......
...... 150120 150131 150141 150140 150143 150123 ......
...... ...... 150122 150104 150133 150142 150126 ......
...... ...... ...... 150108 ...... 150119 150127 150129
...... ...... ...... ...... ...... ...... 150138 150124
"""
"""One square a district, north above, the sea at the left: centroids assigned to a grid, checked by eye."""

LIMA_OFFICERS = 9621
FEW_OFFICERS = ("150103", "150135", "150132", "150142", "150133")
MANY_OFFICERS = ("150134", "150131", "150104", "150122", "150101")
FEW_WEIGHT, MANY_WEIGHT = 0.8, 1.5

LIMA_FIRMS, CALLAO_FIRMS = 1_412_760, 105_333
FIRMS_OF_2025 = 1_425_000
LIMA_STALLS, CALLAO_STALLS = 141_000, 171 * 126
LIMA_VENDORS, CENTRAL_VENDORS = 300_000, 210_000
VENDOR_CENTRES = ("150101", "150115", "150132")
LIMA_MOTOTAXIS = 212_000
MOTOTAXIS_OF = {"150132": 19_000, "150133": 11_500, "150110": 12_000}
WITHOUT_MOTOTAXIS = (
    "070105",
    "150104",
    "150105",
    "150113",
    "150116",
    "150120",
    "150121",
    "150122",
    "150130",
    "150131",
    "150136",
    "150141",
)
BUS_UNITS = 27_415
EXPOSURE_YEARS = ("2018", "2019", "2020", "2021")


@dataclass(frozen=True)
class District:
    """One district as collected."""

    id: str
    name: str
    zone: str
    population: int
    population_2018: int
    poverty: float
    firms_2025: int
    latitude: str
    longitude: str
    area_km2: str
    neighbours: str

    @property
    def in_callao(self) -> bool:
        """Whether the district belongs to Callao and not to Lima Metropolitana."""
        return self.id.startswith("07")


def read_city(rows: Sequence[Mapping[str, str]]) -> list[District]:
    """Return the districts in the order of their codes."""
    city = [
        District(
            id=row["ubigeo"],
            name=NAMES.get(row["ubigeo"], row["district"]),
            zone=row["zone"],
            population=int(row["population"]),
            population_2018=int(row["population_2018"]),
            poverty=float(row["poverty_pct"]),
            firms_2025=int(row["establishments"] or 0),
            latitude=row["lat"],
            longitude=row["lon"],
            area_km2=row["area_km2"],
            neighbours=row["neighbours"],
        )
        for row in rows
    ]
    return sorted(city, key=lambda district: district.id)


def spread(total: float, weights: Mapping[str, float]) -> dict[str, int]:
    """Share a total by weights in whole numbers that add up to it (largest remainders, ties by code)."""
    whole = round(total)
    sum_of_weights = math.fsum(weights.values())
    exact = {key: whole * weight / sum_of_weights for key, weight in weights.items()}
    shares = {key: math.floor(value) for key, value in exact.items()}
    order = sorted(exact, key=lambda key: (shares[key] - exact[key], key))
    for key in order[: whole - sum(shares.values())]:
        shares[key] += 1
    return shares


def officers(city: Sequence[District]) -> dict[str, int]:
    """Return station officers by district: by population, tilted by the ranking, Callao at Lima's ratio."""
    lima = {d.id: d.population_2018 * _officer_weight(d.id) for d in city if not d.in_callao}
    callao = {d.id: float(d.population_2018) for d in city if d.in_callao}
    ratio = LIMA_OFFICERS / sum(d.population_2018 for d in city if not d.in_callao)
    return spread(LIMA_OFFICERS, lima) | spread(ratio * sum(callao.values()), callao)


def _officer_weight(district: str) -> float:
    if district in FEW_OFFICERS:
        return FEW_WEIGHT
    return MANY_WEIGHT if district in MANY_OFFICERS else 1.0


def target_counts(city: Sequence[District]) -> dict[str, dict[str, int]]:
    """Return the number of targets by kind and district code."""
    stalls = _spread_apart(city, LIMA_STALLS, CALLAO_STALLS, lambda d: d.population)
    firms = _firms(city)
    return {
        "shop": {key: firms[key] - stalls[key] for key in firms},
        "market_stall": stalls,
        "street_vendor": _vendors(city),
        "mototaxi": _mototaxis(city),
        "bus_unit": spread(BUS_UNITS, {d.id: float(d.population) for d in city}),
    }


def _spread_apart(
    city: Sequence[District], lima: float, callao: float, weight: Callable[[District], float]
) -> dict[str, int]:
    """Share one total over the districts of Lima and another over those of Callao."""
    shares = spread(lima, {d.id: weight(d) for d in city if not d.in_callao})
    return shares | spread(callao, {d.id: weight(d) for d in city if d.in_callao})


def _firms(city: Sequence[District]) -> dict[str, int]:
    scale = LIMA_FIRMS / FIRMS_OF_2025
    known = {d.id: round(d.firms_2025 * scale) for d in city if d.firms_2025}
    others = {d.id: float(d.population) for d in city if not d.in_callao and not d.firms_2025}
    callao = {d.id: float(d.population) for d in city if d.in_callao}
    return known | spread(LIMA_FIRMS - sum(known.values()), others) | spread(CALLAO_FIRMS, callao)


def _vendors(city: Sequence[District]) -> dict[str, int]:
    central = spread(CENTRAL_VENDORS, dict.fromkeys(VENDOR_CENTRES, 1.0))
    others = {d.id: float(d.population) for d in city if not d.in_callao and d.id not in VENDOR_CENTRES}
    callao = {d.id: float(d.population) for d in city if d.in_callao}
    elsewhere = LIMA_VENDORS - CENTRAL_VENDORS
    rate = elsewhere / sum(others.values())
    return central | spread(elsewhere, others) | spread(rate * sum(callao.values()), callao)


def _mototaxis(city: Sequence[District]) -> dict[str, int]:
    def weight(d: District) -> float:
        return 0.0 if d.id in WITHOUT_MOTOTAXIS else d.population * d.poverty

    others = {d.id: weight(d) for d in city if not d.in_callao and d.id not in MOTOTAXIS_OF}
    callao = {d.id: weight(d) for d in city if d.in_callao}
    elsewhere = LIMA_MOTOTAXIS - sum(MOTOTAXIS_OF.values())
    rate = elsewhere / sum(others.values())
    return MOTOTAXIS_OF | spread(elsewhere, others) | spread(rate * sum(callao.values()), callao)


@dataclass(frozen=True)
class Susceptibility:
    """The exposure of each district, and the shape of the gamma prior that the shrinkage found."""

    by_district: Mapping[str, float]
    shape: float
    reports: int


def exposures(
    city: Sequence[District], counts: Mapping[str, Mapping[str, int]], reports: Sequence[Mapping[str, str]]
) -> Susceptibility:
    """Return reports per target of 2018-2021 relative to the city, shrunk towards 1 (gamma-Poisson, empirical Bayes).

    Reports R of a district with T targets are Poisson with mean rate * T * exposure, and exposure is gamma with mean 1
    and a shape k that maximises the likelihood of all districts. The estimate (k + R) / (k + rate * T) is divided by
    its mean over targets, so that the city's mean target has exposure 1.
    """
    targets = {d.id: sum(by_district[d.id] for by_district in counts.values()) for d in city}
    recorded = dict.fromkeys(targets, 0)
    for row in reports:
        if row["month"][:4] in EXPOSURE_YEARS:
            recorded[row["ubigeo"]] += int(row["reports"])
    rate = sum(recorded.values()) / sum(targets.values())
    pairs = [(recorded[key], rate * targets[key]) for key in targets]
    shape = _most_likely_shape(pairs)
    raw = {key: (shape + recorded[key]) / (shape + rate * targets[key]) for key in targets}
    mean = math.fsum(raw[key] * targets[key] for key in targets) / sum(targets.values())
    return Susceptibility({key: value / mean for key, value in raw.items()}, shape, sum(recorded.values()))


def _most_likely_shape(pairs: Sequence[tuple[int, float]]) -> float:
    """Return the shape of the gamma prior that maximises the negative-binomial likelihood (golden section)."""

    def loss(log_shape: float) -> float:
        k = math.exp(log_shape)
        return -math.fsum(
            math.lgamma(k + r) - math.lgamma(k) + k * math.log(k / (k + m)) + r * math.log(m / (k + m))
            for r, m in pairs
        )

    low, high, ratio = math.log(0.05), math.log(500.0), (math.sqrt(5) - 1) / 2
    for _ in range(200):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if loss(left) < loss(right):
            high = right
        else:
            low = left
    return math.exp((low + high) / 2)


def tiles() -> dict[str, tuple[int, int]]:
    """Return (row, column) of each district on the tile map."""
    grid = [line.split() for line in TILES.strip().splitlines()]
    return {code: (r, c) for r, row in enumerate(grid) for c, code in enumerate(row) if code.isdigit()}


def district_rows(city: Sequence[District], susceptibility: Susceptibility) -> list[dict[str, object]]:
    """Return the rows of districts.csv."""
    staff, squares = officers(city), tiles()
    return [
        {
            "id": d.id,
            "name": d.name,
            "region": "Callao" if d.in_callao else "Lima Metropolitana",
            "zone": d.zone,
            "population": d.population,
            "latitude": d.latitude,
            "longitude": d.longitude,
            "area_km2": d.area_km2,
            "officers": staff[d.id],
            "exposure": f"{susceptibility.by_district[d.id]:.3f}",
            "tile_row": squares[d.id][0],
            "tile_column": squares[d.id][1],
            "neighbours": d.neighbours,
            "source": "D009 D010 D011 D001 D002 L0724 L0727",
        }
        for d in city
    ]
