"""The shipped scenario says what its sources say, and nothing of what came after its period."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import pytest

from racketsim.scenario.evidence import evidence_rows
from racketsim.scenario.load import load_scenario
from racketsim.scenario.model import Scenario
from racketsim.scenario.places import resolve_place

LIMA, CALLAO = "Lima Metropolitana", "Callao"


@pytest.fixture(scope="module")
def lima() -> Scenario:
    return load_scenario("lima-2023")


def recorded(scenario: Scenario, region: str, first: date, last: date) -> int:
    assert scenario.records is not None
    months = [n for n, month in enumerate(scenario.records.months) if first <= month <= last]
    return int(scenario.records.counts[np.ix_(months, list(resolve_place(scenario.districts, region)))].sum())


@pytest.mark.parametrize(("year", "cases"), [(2018, 570), (2019, 756), (2020, 724), (2021, 1348), (2022, 7643)])
def test_recorded_cases_of_lima_by_year(lima: Scenario, year: int, cases: int) -> None:
    assert recorded(lima, LIMA, date(year, 1, 1), date(year, 12, 1)) == cases


def test_headline_of_the_article(lima: Scenario) -> None:
    rows = {row.id: row for row in lima.headlines}
    assert rows["lima-jan-aug-2022"].recorded == 4010
    assert rows["lima-jan-aug-2023"].recorded == 6605
    assert rows["lima-jan-aug-ratio"].recorded == pytest.approx(1.647, abs=0.001)
    shown = {row.measure for row in lima.headlines}
    harm = {"killed", "rival_killed", "killed_total", "injured", "backlash", "withheld"}
    assert shown == {"recorded", "cases", "paid", "arrests"} | harm
    for row in lima.headlines:
        if row.id.endswith("-jan-aug-2023"):
            assert row.id.replace("-jan-aug", "") in rows, "each measure is shown to the end of the record too"


def test_every_row_of_evidence_that_is_named_is_there(lima: Scenario) -> None:
    """In notes and comments too, not only where a source is read."""
    text = (lima.path / "scenario.toml").read_text(encoding="utf-8")
    named = set(re.findall(r"\b[DLM]\d{3,4}\b", text))
    assert len(named) > 40
    assert named <= {item.id for item in lima.evidence}


def test_the_names_of_sources_are_whole(lima: Scenario) -> None:
    for item in lima.evidence:
        assert item.source_name.count("(") == item.source_name.count(")"), item.id


def test_the_emergency_of_two_districts_was_extended(lima: Scenario) -> None:
    periods = [
        (policy.arguments["start"], policy.arguments["end"], len(policy.arguments["districts"]))
        for policy in lima.policies
        if policy.kind == "state_of_emergency"
    ]
    assert periods == [
        (date(2023, 9, 20), date(2023, 11, 18), 2),
        (date(2023, 9, 23), date(2023, 11, 18), 2),
        (date(2023, 11, 19), date(2023, 12, 31), 2),
    ]


def test_records_end_with_november_2023(lima: Scenario) -> None:
    assert lima.records is not None
    assert (lima.records.months[0], lima.records.months[-1]) == (date(2018, 1, 1), date(2023, 11, 1))
    assert lima.records.counts.shape == (71, 50)
    assert lima.records.counts.min() >= 0


def test_districts(lima: Scenario) -> None:
    districts = lima.districts
    assert len(resolve_place(districts, LIMA)) == 43
    assert len(resolve_place(districts, CALLAO)) == 7
    assert districts.population.sum() == pytest.approx(11.3e6, rel=0.01)
    assert int(districts.officers[list(resolve_place(districts, LIMA))].sum()) == 9621
    assert "Lima" not in districts.name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("San Martín de Porres", "Cercado del Callao"),
        ("San Martín de Porres", "Los Olivos"),
        ("La Victoria", "San Luis"),
        ("Cercado de Lima", "El Agustino"),
    ],
)
def test_neighbours_are_neighbours_on_the_map(lima: Scenario, one: str, other: str) -> None:
    districts = lima.districts
    a, b = districts.name.index(one), districts.name.index(other)
    assert districts.adjacency[a, b]
    assert np.abs(districts.tile[a] - districts.tile[b]).sum() == 1


def test_north_is_above_on_the_map(lima: Scenario) -> None:
    assert np.corrcoef(lima.districts.tile[:, 0], lima.districts.latitude)[0, 1] < -0.9


def test_targets(lima: Scenario) -> None:
    by_kind = dict(zip((kind.id for kind in lima.kinds), lima.targets.sum(axis=0).tolist(), strict=True))
    lima_only = list(resolve_place(lima.districts, LIMA))
    assert 2_000_000 < lima.targets.sum() < 2_200_000
    assert by_kind["shop"] + by_kind["market_stall"] == 1_412_760 + 105_333
    assert by_kind["bus_unit"] == 27_415
    kinds = [kind.id for kind in lima.kinds]
    assert lima.targets[lima_only, kinds.index("mototaxi")].sum() == 212_000
    assert lima.targets[lima_only, kinds.index("street_vendor")].sum() == 300_000


def test_exposure_has_mean_one_over_targets(lima: Scenario) -> None:
    targets = lima.targets.sum(axis=1)
    assert (targets * lima.districts.exposure).sum() / targets.sum() == pytest.approx(1.0, abs=0.001)


def test_incumbents_start_with_fifteen_hundred_members(lima: Scenario) -> None:
    assert sum(group["members"] for group in lima.groups if group.role == "incumbent") == pytest.approx(1500, rel=0.5)
    assert {group.id for group in lima.groups if group.role == "entrant"} == {"gallegos", "dinastia_alayon"}


def test_evidence_ends_with_the_period(lima: Scenario) -> None:
    for item in lima.evidence:
        if item.topic != "targets_count":
            assert item.period_end[:7] <= "2023-11", item.id
            assert not re.search(r"\b202[4-9]\b", item.quantity), item.id
        assert not re.search(r"\b202[4-9]\b", item.note), item.id


def test_every_number_rests_on_something(lima: Scenario) -> None:
    for row in evidence_rows(lima):
        assert row.sources or row.prior, row.key
        assert row.unit
        assert row.where
