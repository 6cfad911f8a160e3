"""Reading `targets.csv` and `reports.csv`: how many targets there are, and how many cases the police recorded."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt

from racketsim.errors import did_you_mean
from racketsim.scenario.model import Districts, Records
from racketsim.scenario.problems import Problems
from racketsim.scenario.sources import cited
from racketsim.scenario.tables import Row, read_table

TARGETS_FILE, REPORTS_FILE = "targets.csv", "reports.csv"
TARGET_COLUMNS = ("district", "kind", "count", "source")
REPORT_COLUMNS = ("district", "month", "count", "source")
NOTHING_RECORDED = -1
MOST_TARGETS = 100_000_000
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


def parse_month(text: str) -> date | None:
    """Return the first day of a month written 2018-01, or None where it is not one."""
    match = _MONTH.fullmatch(text)
    return date(int(match[1]), int(match[2]), 1) if match and int(match[1]) else None


def read_targets(
    path: Path, districts: Districts, kinds: Sequence[str], evidence: Collection[str]
) -> npt.NDArray[np.int64]:
    """Read the number of targets `[district, kind]`; a pair without a row is 0, a district without any is refused."""
    problems = Problems()
    targets = np.zeros((len(districts), len(kinds)), dtype=np.int64)
    lines: dict[tuple[int, int], int] = {}
    rows = read_table(path, TARGET_COLUMNS)
    for row in rows:
        with problems.collect():
            place = _district(row, districts), _kind(row, kinds)
            if place in lines:
                raise row.error(
                    "kind",
                    f"{districts.name[place[0]]} and '{kinds[place[1]]}' are given twice; "
                    f"they stand in line {lines[place]} already.",
                )
            lines[place] = row.line
            targets[place] = row.count("count")
            cited(row, evidence)
    problems.raise_any()
    for index in range(len(districts)):
        with problems.collect():
            if not any(place[0] == index for place in lines):
                raise rows[-1].error("district", f"{districts.name[index]} ({districts.id[index]}) has no row.")
    problems.raise_any()
    total = int(targets.sum())
    if not 0 < total <= MOST_TARGETS:
        raise rows[-1].error("count", f"the city has {total} targets in all; allowed are 1 to {MOST_TARGETS}.")
    targets.flags.writeable = False
    return targets


def read_reports(path: Path, districts: Districts, start: date, end: date, evidence: Collection[str]) -> Records:
    """Read recorded cases by district and month; every month from the first to the last, -1 where there is no row."""
    problems = Problems()
    cells: dict[tuple[date, int], tuple[int, int]] = {}
    sources: dict[str, None] = {}
    for row in read_table(path, REPORT_COLUMNS):
        with problems.collect():
            month, district = _month(row, start, end), _district(row, districts)
            if (month, district) in cells:
                raise row.error(
                    "month",
                    f"{row.text('month')} is given twice for {districts.name[district]}; "
                    f"it stands in line {cells[month, district][1]} already.",
                )
            cells[month, district] = row.count("count"), row.line
            sources.update(dict.fromkeys(cited(row, evidence)))
    problems.raise_any()
    months = _months_between(min(month for month, _ in cells), max(month for month, _ in cells))
    counts = np.full((len(months), len(districts)), NOTHING_RECORDED, dtype=np.int64)
    for (month, district), (count, _) in cells.items():
        counts[months.index(month), district] = count
    counts.flags.writeable = False
    return Records(months=months, counts=counts, source=" ".join(sources))


def _district(row: Row, districts: Districts) -> int:
    text = row.text("district")
    for names in (districts.id, districts.name):
        if text in names:
            return names.index(text)
    known = (*districts.id, *districts.name)
    raise row.error("district", f"unknown district '{text}'; it is not in districts.csv.{did_you_mean(text, known)}")


def _kind(row: Row, kinds: Sequence[str]) -> int:
    text = row.text("kind")
    if text not in kinds:
        raise row.error("kind", f"unknown kind '{text}'. Allowed: {', '.join(kinds)}.{did_you_mean(text, kinds)}")
    return kinds.index(text)


def _month(row: Row, start: date, end: date) -> date:
    text = row.text("month")
    month = parse_month(text)
    if month is None:
        raise row.error("month", f"'{text}' is not a month, such as 2018-01.")
    if not start.replace(day=1) <= month <= end:
        raise row.error("month", f"{text} lies outside the scenario, {start} to {end}.")
    return month


def _months_between(first: date, last: date) -> tuple[date, ...]:
    number = (last.year - first.year) * 12 + last.month - first.month + 1
    start = first.year * 12 + first.month - 1
    return tuple(date((start + n) // 12, (start + n) % 12 + 1, 1) for n in range(number))
