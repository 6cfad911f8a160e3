"""A valid folder becomes the values that its files state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from racketsim.errors import InputError
from racketsim.scenario.load import digest, list_scenarios, load_scenario
from racketsim.scenario.model import Prior, Quantity, Scenario
from racketsim.scenario.places import resolve_place
from tests.scenario_folder import MAIN, REGISTRY, line_of, write_scenario


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_scenario(tmp_path / "town")


def load(folder: Path, overrides: Mapping[str, str | float] | None = None) -> Scenario:
    return load_scenario(folder, overrides, registry=REGISTRY)


def test_head_and_path(folder: Path) -> None:
    scenario = load(folder)
    assert (scenario.id, scenario.title, scenario.currency) == ("town", "Testville", "PEN")
    assert (scenario.start, scenario.end) == (date(2020, 1, 1), date(2021, 12, 31))
    assert scenario.path == folder
    assert scenario.boundaries is None


def test_districts(folder: Path) -> None:
    districts = load(folder).districts
    assert districts.name == ("Centro", "Peñón", "Sur")
    assert districts.population.tolist() == [1000, 2000, 3000]
    assert districts.exposure.tolist() == [1.5, 1.0, 0.5]
    assert districts.tile.tolist() == [[0, 0], [0, 1], [1, 1]]
    assert districts.adjacency.tolist() == [[False, True, False], [True, False, True], [False, True, False]]
    assert districts.source == ("E1", "E1 E2", "E1")


def test_arrays_cannot_be_written(folder: Path) -> None:
    scenario = load(folder)
    assert scenario.records is not None
    for array in (scenario.targets, scenario.districts.adjacency, scenario.districts.officers, scenario.records.counts):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_targets_absent_pairs_are_zero(folder: Path) -> None:
    assert load(folder).targets.tolist() == [[100, 50], [80, 0], [0, 70]]


def test_reports_cover_every_month_between(folder: Path) -> None:
    records = load(folder).records
    assert records is not None
    assert records.months == (date(2020, 1, 1), date(2020, 2, 1), date(2020, 3, 1))
    assert records.counts.tolist() == [[4, 3, 2], [-1, -1, -1], [1, -1, -1]]
    assert records.source == "E1"


def test_reports_are_optional(folder: Path) -> None:
    (folder / "reports.csv").unlink()
    scenario = load(folder)
    assert scenario.records is None
    assert scenario.headlines[0].recorded is None


def test_groups(folder: Path) -> None:
    gang, comers, callers = load(folder).groups
    assert (gang.role, gang.brand, gang.districts, gang.arrival, gang.signature) == (
        "incumbent",
        "Gang",
        (0, 1),
        None,
        None,
    )
    assert (comers.brand, comers.origin_label, comers.districts) == ("Brand", "elsewhere", (2,))
    assert (comers.arrival, comers.signature) == (date(2020, 5, 1), "arson")
    assert (callers.role, callers.districts, callers.arrival) == ("remote", (), date(2020, 2, 1))
    assert callers["potential"] == 0.5


def test_parameters_carry_unit_basis_and_place(folder: Path) -> None:
    parameters = load(folder).parameters
    line = line_of("scenario.toml", "rate = ")
    assert parameters["demand"]["rate"] == Quantity(
        0.2, "demands per member-day", None, Prior("lognormal", 0.1, 0.4), "", f"scenario.toml:{line}"
    )
    assert parameters["demand"]["spell"].source == "E1"
    assert parameters["calendar"] == {}


def test_policy_arguments(folder: Path) -> None:
    (policy,) = load(folder).policies
    arguments = dict(policy.arguments)
    strength = arguments.pop("strength")
    assert arguments == {
        "start": date(2020, 3, 16),
        "end": date(2020, 6, 30),
        "districts": (0, 1, 2),
        "group": "gang",
        "strict": True,
    }
    assert (strength.value, strength.unit) == (0.4, "1")
    assert (policy.kind, policy.source, policy.note) == ("curfew", "E1", "it happened")


def test_headlines(folder: Path) -> None:
    rows = {row.id: row for row in load(folder).headlines}
    assert rows["january"].recorded == 7
    assert rows["spring"].recorded is None, "a month without records"
    assert rows["all-january"].recorded == 9
    assert rows["share"].recorded == pytest.approx(7 / 9)
    assert rows["share"].ratio_of == ("january", "all-january")
    assert rows["arrests"].recorded == 7
    assert rows["top"].top == 2


def test_byte_order_mark_and_windows_lines_change_nothing(folder: Path) -> None:
    plain = load(folder)
    for path in folder.iterdir():
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    again = load(folder)
    assert again.groups == plain.groups
    assert again.parameters == plain.parameters
    assert np.array_equal(again.targets, plain.targets)
    assert again.digest != plain.digest


def test_columns_in_another_order(folder: Path) -> None:
    (folder / "targets.csv").write_text("count,source,kind,district\n5,E1,shop,d1\n6,E1,shop,d2\n7,E1,shop,d3\n")
    assert load(folder).targets[:, 0].tolist() == [5, 6, 7]


def test_digest_depends_on_every_file(folder: Path) -> None:
    seen = {digest(folder)}
    for path in sorted(folder.iterdir()):
        path.write_bytes(path.read_bytes() + b"\n")
        seen.add(digest(folder))
    assert len(seen) == 6


def test_boundaries(folder: Path) -> None:
    (folder / "boundaries.geojson").write_text("{}")
    assert load(folder).boundaries == folder / "boundaries.geojson"


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("parameters.demand.rate", "3", 3.0),
        ("parameters.demand.rate", 0.0, 0.0),
        ("kinds.shop.tribute_exponent", "1", 1.0),
        ("groups.gang.members", 12, 12.0),
    ],
)
def test_override(folder: Path, key: str, value: str | float, expected: float) -> None:
    scenario = load(folder, {key: value})
    section, name, quantity = key.split(".")
    if section == "parameters":
        found = scenario.parameters[name][quantity]
    else:
        things: dict[str, Mapping[str, Quantity]] = {
            **{f"kinds.{kind.id}": kind.quantities for kind in scenario.kinds},
            **{f"groups.{group.id}": group.quantities for group in scenario.groups},
        }
        found = things[f"{section}.{name}"][quantity]
    assert found.value == expected
    assert found.where == "override"
    assert found.source is None
    assert "the scenario says" in found.note


def test_override_leaves_the_prior(folder: Path) -> None:
    found = load(folder, {"parameters.demand.rate": 9.0}).parameters["demand"]["rate"]
    assert found.prior == Prior("lognormal", 0.1, 0.4)


@pytest.mark.parametrize(
    ("place", "expected"),
    [("all", (0, 1, 2)), ("Sur", (2,)), ("d2", (1,)), ("Inner", (0, 1)), ("Testshire", (2,))],
)
def test_places(folder: Path, place: str, expected: tuple[int, ...]) -> None:
    assert resolve_place(load(folder).districts, place) == expected


def test_unknown_place_suggests(folder: Path) -> None:
    with pytest.raises(InputError, match="Did you mean 'Centro'"):
        resolve_place(load(folder).districts, "Sentro")


def test_shipped_scenarios_are_listed() -> None:
    assert list_scenarios() == ("lima-2023",)


def test_main_file_is_what_these_tests_think() -> None:
    assert MAIN.count("[[headline]]") == 6
