"""The district table of the page: the record, what was simulated, and who dominates, one row a district."""

from __future__ import annotations

from typing import Any

import numpy as np

from racketsim.results.codes import district_codes
from racketsim.results.findings import Findings
from racketsim.results.headline import range_of
from racketsim.results.style import group_colours
from racketsim.results.tilemap import cases_per_thousand
from racketsim.results.words import count


def district_rows(findings: Findings) -> list[dict[str, Any]]:
    """Return one row a district, most recorded (else simulated) cases first."""
    scenario = findings.scenario
    window = _window(findings)
    rate = cases_per_thousand(findings)
    names = [*(group.name for group in scenario.groups), "splinter group"]
    colours = group_colours(scenario)
    codes = district_codes(scenario.districts.name)
    rows = []
    for place, name in enumerate(scenario.districts.name):
        known = window if findings.observed is None else window & (findings.observed[:, place] >= 0)
        found = range_of(findings.measured["recorded"][:, known, place].sum(axis=1))
        recorded = None if findings.observed is None else int(findings.observed[known, place].sum())
        leader = int(findings.share_at_end[place].argmax())
        share = float(findings.share_at_end[place, leader])
        rows.append(
            {
                "name": name,
                "code": codes[place],
                "region": scenario.districts.region[place],
                "targets": int(scenario.targets[place].sum()),
                "recorded": recorded,
                "median": found.median if found else 0.0,
                "range": f"{count(found.low)} to {count(found.high)}" if found and findings.replicates > 1 else "",
                "rate": float(rate[place]),
                "leader": names[leader] if share > 0 else "none",
                "colour": colours[leader] if share > 0 else "#ffffff",
                "share": share,
                "certainty": float(findings.dominant_in[place, leader]),
                "harmed": _median_total(findings, "killed", place) + _median_total(findings, "injured", place),
            }
        )
    return sorted(rows, key=lambda row: -(row["median"] if row["recorded"] is None else row["recorded"]))


def district_table_period(findings: Findings) -> str:
    """Return the months that the table's case counts cover, e.g. "2023-01 to 2023-11"."""
    months = findings.months[_window(findings)].astype("datetime64[M]")
    return f"{months[0]} to {months[-1]}"


def _window(findings: Findings) -> Any:
    """Return the months of the last recorded calendar year, or of the last simulated one without a record."""
    years = findings.months.astype("datetime64[Y]")
    known = np.arange(len(years)) < max(findings.complete, 1)
    if findings.observed is not None and (findings.observed[known] >= 0).any():
        known[: len(years)] &= (findings.observed >= 0).any(axis=1)
    return known & (years == years[known].max())


def _median_total(findings: Findings, measure: str, place: int) -> float:
    return float(np.median(findings.measured[measure][:, :, place].sum(axis=1)))
