"""Derive the tables of the scenario lima-2023 from the collected figures for Lima and Callao.

    python scripts/build_lima.py FOLDER

FOLDER holds `districts.csv`, `reports_monthly.csv` and `facts.csv` as they were collected. The script writes
`districts.csv`, `targets.csv`, `reports.csv` and `evidence.csv` of the scenario; the same input gives the same bytes.
Every derived column is described by a row of `evidence.csv` (ids D001 onwards), which the rows cite.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from lima_city import (
    DISTRICT_COLUMNS,
    District,
    Susceptibility,
    district_rows,
    exposures,
    officers,
    read_city,
    target_counts,
)
from lima_evidence import EVIDENCE_COLUMNS, evidence_rows

OWN_EVIDENCE = Path(__file__).parent / "lima_evidence.csv"
SCENARIO = Path(__file__).resolve().parent.parent / "src" / "racketsim" / "scenarios" / "lima-2023"
LAST_MONTH = "2023-11"

TARGET_SOURCES = {
    "shop": "D003 L0560 L0561 L0551 L0565",
    "market_stall": "D004 L0565 L0563 L0564",
    "street_vendor": "D005 L0568",
    "mototaxi": "D006 L0573 L0574 L0575 L0576",
    "bus_unit": "D007 L0570",
}


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Write a CSV file with Unix line ends."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def target_rows(city: Sequence[District], counts: Mapping[str, Mapping[str, int]]) -> list[dict[str, object]]:
    """Return the rows of targets.csv, one for each district and kind."""
    return [
        {"district": d.id, "kind": kind, "count": counts[kind][d.id], "source": source}
        for d in city
        for kind, source in TARGET_SOURCES.items()
    ]


def report_rows(city: Sequence[District], reports: Sequence[Mapping[str, str]]) -> list[dict[str, object]]:
    """Return the rows of reports.csv: every month to the last of the record, in the order of the districts."""
    by_district: dict[str, list[Mapping[str, str]]] = {d.id: [] for d in city}
    for row in reports:
        if row["month"] <= LAST_MONTH:
            by_district[row["ubigeo"]].append(row)
    return [
        {"district": d.id, "month": row["month"], "count": int(row["reports"]), "source": "D008"}
        for d in city
        for row in sorted(by_district[d.id], key=lambda row: row["month"])
    ]


def found_numbers(
    city: Sequence[District],
    counts: Mapping[str, Mapping[str, int]],
    susceptibility: Susceptibility,
    reports: Sequence[Mapping[str, object]],
) -> dict[str, str]:
    """Return the numbers that the derivation finds, by the names that `lima_evidence.csv` gives them."""
    exposure = susceptibility.by_district.values()
    return {
        "shape": f"{susceptibility.shape:.3f}",
        "least_exposed": f"{min(exposure):.3f}",
        "most_exposed": f"{max(exposure):.3f}",
        "early_reports": str(susceptibility.reports),
        "officers": str(sum(officers(city).values())),
        "reports": str(sum(int(str(row["count"])) for row in reports)),
        "population": str(sum(d.population for d in city)),
        "districts": str(len(city)),
        **{kind: str(sum(by_district.values())) for kind, by_district in counts.items()},
    }


def main() -> None:
    """Read the collected figures and write the four tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of districts.csv, reports_monthly.csv and facts.csv")
    parser.add_argument("--to", type=Path, default=SCENARIO, help="folder to write to (default: the shipped scenario)")
    options = parser.parse_args()
    city = read_city(read_rows(options.folder / "districts.csv"))
    reports = read_rows(options.folder / "reports_monthly.csv")
    counts = target_counts(city)
    susceptibility = exposures(city, counts, reports)
    recorded = report_rows(city, reports)
    numbers = found_numbers(city, counts, susceptibility, recorded)
    evidence = evidence_rows(read_rows(options.folder / "facts.csv"), read_rows(OWN_EVIDENCE), numbers)
    options.to.mkdir(parents=True, exist_ok=True)
    write_rows(options.to / "districts.csv", DISTRICT_COLUMNS, district_rows(city, susceptibility))
    write_rows(options.to / "targets.csv", ("district", "kind", "count", "source"), target_rows(city, counts))
    write_rows(options.to / "reports.csv", ("district", "month", "count", "source"), recorded)
    write_rows(options.to / "evidence.csv", EVIDENCE_COLUMNS, evidence)
    total = sum(sum(by_district.values()) for by_district in counts.values())
    print(f"{len(city)} districts, {total:,} targets, {len(evidence)} rows of evidence -> {options.to}")


if __name__ == "__main__":
    main()
