"""Every number of a scenario with its basis, as rows for `racketsim evidence`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np

from racketsim.scenario import counts, districts
from racketsim.scenario.model import Evidence, Prior, Quantity, Scenario
from racketsim.scenario.sourced import OVERRIDE
from racketsim.scenario.tables import Row, read_table

Status = Literal["source", "prior", "both", "override"]
TARGET_UNIT, REPORT_UNIT = "targets", "reports"


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One number of a scenario: where it stands, what it is, and what it rests on.

    `use` is "input" for what the simulation reads and "target" for what its results are compared with. `value` of a
    row that stands for a whole column of a table is the sum or, for a ratio or a coordinate, None; `count` says how
    many numbers the row stands for. `sources` are the cited rows of evidence.csv.
    """

    key: str
    value: float | None
    unit: str
    prior: Prior | None
    sources: tuple[Evidence, ...]
    where: str
    note: str
    use: Literal["input", "target"] = "input"
    count: int = 1

    @property
    def status(self) -> Status:
        """What the number rests on; "override" is a number set by hand."""
        if self.where == OVERRIDE:
            return "override"
        if self.sources and self.prior:
            return "both"
        return "source" if self.sources else "prior"

    @property
    def source_name(self) -> str:
        """The names of the sources, in one text."""
        return "; ".join(item.source_name for item in self.sources)

    @property
    def source_url(self) -> str:
        """The addresses of the sources, in one text."""
        return " ".join(dict.fromkeys(item.source_url for item in self.sources if item.source_url))

    @property
    def source_date(self) -> str:
        """The dates of the sources, in one text."""
        return "; ".join(dict.fromkeys(item.source_date for item in self.sources if item.source_date))

    @property
    def range(self) -> str:
        """The prior in words, or nothing."""
        return f"{self.prior.distribution} {self.prior.low:g} to {self.prior.high:g}" if self.prior else ""

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain values, for `--json`."""
        return {
            "key": self.key,
            "value": self.value,
            "unit": self.unit,
            "status": self.status,
            "use": self.use,
            "count": self.count,
            "prior": asdict(self.prior) if self.prior else None,
            "sources": [asdict(item) for item in self.sources],
            "where": self.where,
            "note": self.note,
        }


def evidence_rows(scenario: Scenario, *, cells: bool = False) -> list[EvidenceRow]:
    """Return every number of a scenario with its basis.

    The numbers of `scenario.toml` come one by one, in the order kinds, methods, outlets, groups, parameters, policies,
    chain.
    The tables come as one row a column, or with `cells` one row a cell (which reads the tables again for their lines).
    """
    by_id = {item.id: item for item in scenario.evidence}
    rows = [_stated(key, quantity, by_id) for key, quantity in quantities(scenario)]
    for tell in (_district_rows, _target_rows, _report_rows):
        rows.extend(tell(scenario, by_id, cells))
    return rows


def quantities(scenario: Scenario) -> Iterator[tuple[str, Quantity]]:
    """Yield every number of `scenario.toml` with its dotted key."""
    for section, things in (
        ("kinds", scenario.kinds),
        ("methods", scenario.methods),
        ("outlets", scenario.outlets),
        ("groups", scenario.groups),
    ):
        for thing in things:
            for name, quantity in thing.quantities.items():
                yield f"{section}.{thing.id}.{name}", quantity
    for mechanism, values in scenario.parameters.items():
        for name, quantity in values.items():
            yield f"parameters.{mechanism}.{name}", quantity
    for position, policy in enumerate(scenario.policies, start=1):
        for name, value in policy.arguments.items():
            if isinstance(value, Quantity):
                yield f"policies[{position}].{name}", value
    for position, link in enumerate(scenario.chain, start=1):
        yield f"chain[{position}].at_least", link.at_least
        if link.within is not None:
            yield f"chain[{position}].within", link.within


def _stated(key: str, quantity: Quantity, by_id: Mapping[str, Evidence]) -> EvidenceRow:
    sources = (by_id[quantity.source],) if quantity.source else ()
    return EvidenceRow(key, quantity.value, quantity.unit, quantity.prior, sources, quantity.where, quantity.note)


def _district_rows(scenario: Scenario, by_id: Mapping[str, Evidence], cells: bool) -> Iterator[EvidenceRow]:
    units = {**districts.COUNTS, **{column: unit for column, (unit, _, _) in districts.NUMBERS.items()}}
    table = scenario.districts
    if cells:
        rows = read_table(scenario.path / districts.FILE, districts.COLUMNS)
        for column, unit in units.items():
            for row in _cells(rows, column, unit, by_id, lambda row: f"districts.{row.text('id')}"):
                yield replace(row, key=f"{row.key}.{column}")
        return
    cited = _cited(table.source, by_id)
    for column, unit in units.items():
        numbers = getattr(table, column)
        total = float(numbers.sum()) if column in districts.COUNTS or column == "area_km2" else None
        note = f"{numbers.min():g} to {numbers.max():g} by district"
        yield EvidenceRow(f"districts.{column}", total, unit, None, cited, districts.FILE, note, count=len(table))


def _target_rows(scenario: Scenario, by_id: Mapping[str, Evidence], cells: bool) -> Iterator[EvidenceRow]:
    rows = read_table(scenario.path / counts.TARGETS_FILE, counts.TARGET_COLUMNS)
    if cells:
        yield from _cells(
            rows, "count", TARGET_UNIT, by_id, lambda row: f"targets.{row.text('district')}.{row.text('kind')}"
        )
        return
    for index, kind in enumerate(scenario.kinds):
        cited = _cited([row.text("source") for row in rows if row.text("kind") == kind.id], by_id)
        numbers = scenario.targets[:, index]
        note = f"{numbers.min()} to {numbers.max()} by district"
        yield EvidenceRow(
            f"targets.{kind.id}",
            float(numbers.sum()),
            TARGET_UNIT,
            None,
            cited,
            counts.TARGETS_FILE,
            note,
            count=len(numbers),
        )


def _report_rows(scenario: Scenario, by_id: Mapping[str, Evidence], cells: bool) -> Iterator[EvidenceRow]:
    records = scenario.records
    if records is None:
        return
    if cells:
        rows = read_table(scenario.path / counts.REPORTS_FILE, counts.REPORT_COLUMNS)
        for row in _cells(
            rows, "count", REPORT_UNIT, by_id, lambda row: f"reports.{row.text('district')}.{row.text('month')}"
        ):
            yield replace(row, use="target")
        return
    known = records.counts[records.counts != counts.NOTHING_RECORDED]
    yield EvidenceRow(
        "reports",
        float(known.sum()),
        REPORT_UNIT,
        None,
        _cited([records.source], by_id),
        counts.REPORTS_FILE,
        f"by district and month, {records.months[0]:%Y-%m} to {records.months[-1]:%Y-%m}",
        "target",
        int(np.size(known)),
    )


def _cells(
    rows: Sequence[Row], column: str, unit: str, by_id: Mapping[str, Evidence], key: Callable[[Row], str]
) -> Iterator[EvidenceRow]:
    for row in rows:
        value = float(row.text(column))
        yield EvidenceRow(key(row), value, unit, None, _cited([row.text("source")], by_id), row.where, "")


def _cited(cells: Sequence[str], by_id: Mapping[str, Evidence]) -> tuple[Evidence, ...]:
    ids = dict.fromkeys(source for cell in cells for source in cell.split())
    return tuple(by_id[source] for source in ids)
