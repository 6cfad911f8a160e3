"""A synthetic country: ten million targets in 196 provinces, written as a scenario folder like any other.

python -m benchmarks.national FOLDER     write it, for `racketsim check FOLDER` and `racketsim run FOLDER`
"""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path

import numpy as np

from racketsim.scenario.scaffold import scaffold

PROVINCES, REGIONS, TARGETS = 196, 25, 10_000_000
SIDE = 14  # the provinces lie on a square grid
KINDS = {"shop": 0.55, "market_stall": 0.15, "mototaxi": 0.30}
MEMBERS, OPERATORS = 7_500, 600
ENTRANTS = 6
_SEED = 196

_QUANTITIES = """\
members = {{ value = {members}, unit = "{unit}", prior = "lognormal", low = {low}, high = {high}, note = "invented" }}
violence = {{ value = {violence}, unit = "1", prior = "lognormal", low = 0.01, high = 5, note = "invented" }}
signature_share = {{ value = {share}, unit = "probability", prior = "uniform", low = 0, high = 0.6, note = "invented" }}
"""


def write(folder: Path, targets: int = TARGETS) -> Path:
    """Write the scenario into a new folder, and return it. Places and groups are invented, parameters are Lima's."""
    scaffold(folder)
    rng = np.random.default_rng(_SEED)
    population = np.sort(rng.lognormal(0.0, 1.2, PROVINCES))[::-1]
    share = population / population.sum()
    _write_districts(folder / "districts.csv", share, rng)
    _write_targets(folder / "targets.csv", share, targets)
    main = folder / "scenario.toml"
    text = main.read_text(encoding="utf-8")
    text = re.sub(r"title = .*", f'title = "An invented country of {PROVINCES} provinces"', text, count=1)
    text = re.sub(r"start = .*", "start = 2018-01-01", text, count=1)
    text = re.sub(r"end = .*", "end = 2023-12-31", text, count=1)
    before, rest = text.split("[groups.harbour_band]")
    after = rest[rest.index("# ---- Parameters of the mechanisms") :]
    after = after.replace('districts = ["Hills"]', 'districts = ["Region 01"]')
    main.write_text(before + "\n".join(_groups()) + "\n" + after, encoding="utf-8", newline="\n")
    return folder


def _write_districts(file: Path, share: np.ndarray, rng: np.random.Generator) -> None:
    columns = "id,name,region,zone,population,latitude,longitude,area_km2,officers,exposure,tile_row,tile_column"
    with file.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow([*columns.split(","), "neighbours", "source"])
        for n in range(PROVINCES):
            row, column = divmod(n, SIDE)
            near = [(row + a, column + b) for a, b in ((-1, 0), (1, 0), (0, -1), (0, 1))]
            neighbours = [f"p{r * SIDE + c + 1}" for r, c in near if 0 <= r < SIDE and 0 <= c < SIDE]
            people = max(2_000, round(33e6 * share[n]))
            writer.writerow(
                [
                    f"p{n + 1}",
                    f"Province {n + 1:03d}",
                    f"Region {_region(n):02d}",
                    f"Zone {_region(n):02d}",
                    people,
                    f"{-row - 1:.2f}",
                    f"{-70 - column:.2f}",
                    "1000.0",
                    max(10, round(people / 1000)),
                    f"{rng.lognormal(0.0, 0.5):.3f}",
                    row,
                    column,
                    " ".join(neighbours),
                    "E001",
                ]
            )


def _region(province: int) -> int:
    return province * REGIONS // PROVINCES + 1


def _write_targets(file: Path, share: np.ndarray, targets: int) -> None:
    with file.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(["district", "kind", "count", "source"])
        for kind, part in KINDS.items():
            edges = np.rint(np.concatenate([[0.0], np.cumsum(share)]) * round(targets * part)).astype(int)
            for n, count in enumerate(np.diff(edges)):
                writer.writerow([f"p{n + 1}", kind, count, "E001"])


def _groups() -> list[str]:
    """Return one band a region, entrants that arrive one after another, and remote operators."""
    parts = [
        f'[groups.band_{r:02d}]\nname = "Bands of region {r:02d}"\nrole = "incumbent"\ndistricts = ["Region {r:02d}"]\n'
        + _quantities(MEMBERS // REGIONS, "members", 1.0, 0.01)
        for r in range(1, REGIONS + 1)
    ]
    parts += [
        (
            f'[groups.entrant_{n}]\nname = "Entrant {n}"\nrole = "entrant"\nbrand = "The Brand"\n'
            f'arrival = {2018 + (n + 1) // 2}-0{3 + n}-01\ndistricts = ["Province {n * 30:03d}"]\n'
            f'signature = "explosive"\n' + _quantities(60, "members", 2.0, 0.3)
        )
        for n in range(1, ENTRANTS + 1)
    ]
    parts.append(
        '[groups.callers]\nname = "Callers"\nrole = "remote"\narrival = 2019-01-01\n'
        f'potential = {{ value = {OPERATORS}, unit = "operators", prior = "lognormal", low = {OPERATORS // 3}, '
        f'high = {OPERATORS * 3}, note = "invented" }}\n' + _quantities(20, "operators", 0.05, 0.01)
    )
    return parts


def _quantities(members: int, unit: str, violence: float, share: float) -> str:
    return _QUANTITIES.format(
        members=members, unit=unit, low=members / 3, high=members * 3, violence=violence, share=share
    )


if __name__ == "__main__":
    print(write(Path(sys.argv[1])))
