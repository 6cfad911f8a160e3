"""Every number is told with its basis, and a scenario is summarised in words and as plain values."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from racketsim.scenario.check import check
from racketsim.scenario.evidence import EvidenceRow, evidence_rows
from racketsim.scenario.load import load_scenario
from tests.scenario_folder import FILES, REGISTRY, line_of, write_scenario


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_scenario(tmp_path / "town")


def rows_of(folder: Path, *, cells: bool = False) -> dict[str, EvidenceRow]:
    return {row.key: row for row in evidence_rows(load_scenario(folder, registry=REGISTRY), cells=cells)}


def test_status_says_what_a_number_rests_on(folder: Path) -> None:
    rows = rows_of(folder)
    assert rows["parameters.demand.rate"].status == "prior"
    assert rows["parameters.demand.share"].status == "source"
    assert rows["parameters.demand.spell"].status == "both"
    assert rows["parameters.demand.rate"].range == "lognormal 0.1 to 0.4"
    assert rows["parameters.demand.share"].range == ""


def test_row_names_source_and_place(folder: Path) -> None:
    row = rows_of(folder)["parameters.demand.spell"]
    assert (row.source_name, row.source_date, row.source_url) == ("the tests", "2023-01-01", "")
    assert row.where == f"scenario.toml:{line_of('scenario.toml', 'spell')}"
    assert (row.value, row.unit, row.note) == (30.0, "days", "a month")


def test_every_number_of_the_main_file_has_a_row(folder: Path) -> None:
    stated = FILES["scenario.toml"].count("{ value = ")
    rows = [row for row in rows_of(folder).values() if row.where.startswith("scenario.toml")]
    assert len(rows) == stated
    assert "policies[1].strength" in rows_of(folder)


def test_tables_by_column(folder: Path) -> None:
    rows = rows_of(folder)
    assert (rows["districts.population"].value, rows["districts.population"].count) == (6000.0, 3)
    assert rows["districts.exposure"].value is None
    assert rows["targets.shop"].value == 180.0
    assert [item.id for item in rows["targets.stall"].sources] == ["E1", "E2"]
    assert (rows["reports"].value, rows["reports"].count, rows["reports"].use) == (10.0, 4, "target")


def test_tables_by_cell(folder: Path) -> None:
    rows = rows_of(folder, cells=True)
    assert (rows["districts.d2.officers"].value, rows["districts.d2.officers"].where) == (12.0, "districts.csv:3")
    assert rows["targets.d3.stall"].value == 70.0
    assert (rows["reports.Centro.2020-03"].value, rows["reports.Centro.2020-03"].use) == (1.0, "target")


def test_override_is_told(folder: Path) -> None:
    scenario = load_scenario(folder, {"parameters.demand.rate": 1}, registry=REGISTRY)
    row = next(row for row in evidence_rows(scenario) if row.key == "parameters.demand.rate")
    assert (row.status, row.value) == ("override", 1.0)


def test_rows_as_plain_values(folder: Path) -> None:
    plain = json.loads(json.dumps([row.as_dict() for row in rows_of(folder).values()]))
    assert {"key", "value", "unit", "status", "prior", "sources", "where"} <= set(plain[0])


def test_summary(folder: Path) -> None:
    summary = check(folder, registry=REGISTRY)
    assert (summary.districts, summary.targets, summary.parameters) == (3, 300, 3)
    assert summary.groups_by_role == {"incumbent": 1, "entrant": 1, "remote": 1}
    assert summary.recorded_cases == 10
    assert sum(summary.numbers.values()) == FILES["scenario.toml"].count("{ value = ")
    text = str(summary)
    for piece in ("town: Testville", "3 in Testville, Testshire", "300 (shop 180, stall 120)", "curfew 1", "10 cases"):
        assert piece in text
    assert json.loads(json.dumps(summary.as_dict()))["targets_by_kind"] == {"shop": 180, "stall": 120}


def test_summary_without_reports(folder: Path) -> None:
    (folder / "reports.csv").unlink()
    assert "nothing (no reports.csv)" in str(check(folder, registry=REGISTRY))
