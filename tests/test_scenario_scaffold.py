"""`racketsim new` writes a whole city that loads, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from racketsim.errors import InputError
from racketsim.mechanisms.registry import PARAMETERS
from racketsim.scenario import scaffold as scaffolding
from racketsim.scenario.load import load_scenario
from racketsim.scenario.scaffold import scaffold


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scaffold(tmp_path_factory.mktemp("new") / "my city")


def test_city_loads_with_every_parameter(city: Path) -> None:
    scenario = load_scenario(city)
    assert scenario.id == "my city"
    assert len(scenario.districts) == 3
    assert {group.role for group in scenario.groups} == {"incumbent", "entrant", "remote"}
    assert {name: set(values) for name, values in scenario.parameters.items()} == {
        name: set(model.model_fields) for name, model in PARAMETERS.items()
    }


def test_numbers_are_borrowed_unchanged_and_say_so(city: Path) -> None:
    lent, borrowed = load_scenario("lima-2023").parameters, load_scenario(city).parameters
    for mechanism, values in borrowed.items():
        for name, quantity in values.items():
            original = lent[mechanism][name]
            assert (quantity.value, quantity.unit, quantity.source, quantity.prior) == (
                original.value,
                original.unit,
                original.source,
                original.prior,
            )
            assert quantity.note.startswith("borrowed from lima-2023")


def test_no_marker_of_the_template_is_left(city: Path) -> None:
    text = (city / "scenario.toml").read_text(encoding="utf-8")
    assert "# <" not in text
    assert text.startswith("# A small invented city")


def test_nothing_else_is_left_behind(city: Path) -> None:
    assert [path.name for path in city.parent.iterdir()] == ["my city"]
    assert sorted(path.name for path in city.iterdir()) == [
        "districts.csv",
        "evidence.csv",
        "scenario.toml",
        "targets.csv",
    ]


def test_empty_folder_is_used(tmp_path: Path) -> None:
    (tmp_path / "town").mkdir()
    assert load_scenario(scaffold(tmp_path / "town")).id == "town"


def test_existing_folder_is_left_alone(tmp_path: Path) -> None:
    kept = tmp_path / "town" / "mine.txt"
    kept.parent.mkdir()
    kept.write_text("mine")
    with pytest.raises(InputError, match=r"town: exists already; nothing was written"):
        scaffold(tmp_path / "town")
    assert [path.name for path in kept.parent.iterdir()] == ["mine.txt"]


def test_existing_file_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "town").write_text("mine")
    with pytest.raises(InputError, match="exists already"):
        scaffold(tmp_path / "town")
    assert (tmp_path / "town").read_text() == "mine"


def test_folder_above_must_exist(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere is not a folder; nothing was written"):
        scaffold(tmp_path / "nowhere" / "town")
    assert list(tmp_path.iterdir()) == []


def test_failure_half_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scaffolding, "_evidence", lambda _: "not,a,row\n")
    with pytest.raises(InputError, match="3 cells"):
        scaffold(tmp_path / "town")
    assert list(tmp_path.iterdir()) == []
