"""Conduct: labels cause nothing, costs in rights are counted, nobody can be harmed by what is shipped."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import racketsim
from racketsim.ensembles.ablate import OUTCOMES
from racketsim.ensembles.compare import COMPARED
from racketsim.policies import StateOfEmergency
from racketsim.results.measures import MEASURES, monthly
from racketsim.results.records import VARIABLES
from racketsim.results.vocabulary import EVENT_CODE
from racketsim.scenario.load import load_scenario
from racketsim.scenario.model import Scenario
from racketsim.simulation import Sim
from tests.mechanism_city import lima, row_of_three, run, small_lima, whole_lima

SOURCE = Path(racketsim.__file__).parent
LIMA = SOURCE / "scenarios" / "lima-2023"
LABELS = re.compile(r"origin_label|nationalit|ethnic|migrant|foreign|venezolan", re.IGNORECASE)
STREET = re.compile(r"\b(?:jir[óo]n|jr\.|calle|av\.|avenida|pasaje|psje\.?|urb\.|mz\.?)\s+[A-ZÁÉÍÓÚ0-9]", re.IGNORECASE)
TELEPHONE = re.compile(r"(?<![\d.,-])(?:\+?51[\s-]?)?9\d{2}[\s-]?\d{3}[\s-]?\d{3}(?![\d.,-])")
STRUCTURE = ("target", "population", "fleet", "business", "firm", "market", "transport", "vendor", "police", "boundar")


def _relabelled(scenario: Scenario, labels: list[str]) -> Scenario:
    groups = tuple(replace(g, origin_label=label) for g, label in zip(scenario.groups, labels, strict=True))
    return replace(scenario, groups=groups)


@pytest.mark.parametrize("shift", ["reversed", "rotated", "erased"])
def test_labels_of_origin_change_not_a_bit_of_what_happens(shift: str) -> None:
    scenario = lima(share=20)
    given = [group.origin_label for group in scenario.groups]
    assert len(set(given)) > 1
    other = {"reversed": given[::-1], "rotated": given[3:] + given[:3], "erased": [""] * len(given)}[shift]
    assert other != given
    plain, relabelled = _known(HOSTILE), _known(HOSTILE, tuple(other))
    for what in ("records", "log", "claims"):
        one, two = _offending(plain, what), _offending(relabelled, what)
        assert one.keys() == two.keys()
        for name, column in one.items():
            assert column.tobytes() == two[name].tobytes(), f"{what}.{name}"
    differ = [name for name in HARM_RECORDS if (plain.records[name] != relabelled.records[name]).any()]
    assert "hostility" in differ, "labels do harm, or this test would hold of a model without backlash"


def test_a_hostile_city_harms_innocents_and_silences_them() -> None:
    records = _known(HOSTILE).records
    for name in ("backlash_incidents", "backlash_injured", "withheld"):
        assert records[name].sum() > 0, name


HOSTILE = (("by_claim", 0.05), ("rate", 1e-5), ("fear_hostility", 2.0))
"""Numbers of backlash under which what labels do is seen in a small city."""

HARM_EVENTS = ("backlash_incident", "report_withheld")
HARM_RECORDS = (
    *("hostility", "backlash_incidents", "backlash_injured", "backlash_killed", "withheld"),
    *("reported", "recorded", "recorded_on_time"),
)
"""Where harm by labels is counted; reports that are not made are missing from what is reported and recorded."""


@cache
def _known(numbers: tuple[tuple[str, float], ...], labels: tuple[str, ...] = ()) -> Sim:
    scenario = lima({f"parameters.backlash.{name}": value for name, value in numbers}, share=20)
    return run(_relabelled(scenario, list(labels)) if labels else scenario)


def _offending(sim: Sim, what: str) -> dict[str, Any]:
    """Return records, events or claims without harm by labels."""
    if what == "records":
        return {name: table for name, table in sim.records.items() if name not in HARM_RECORDS}
    harm = np.isin(sim.log["type"], [EVENT_CODE[name] for name in HARM_EVENTS])
    if what == "log":
        return {name: column[~harm] for name, column in sim.log.items()}
    about_harm = np.isin(sim.claims["event_id"], sim.log["event_id"][harm])
    return {name: column[~about_harm] for name, column in sim.claims.items()}


HARM_WORDS = r"injured|killed|beaten|burnt|lynched|harm|innocent|vigilante|withheld|attacks"
"""Words of descriptions of records that count harm to people or to what is theirs."""


class _Spied(dict[str, Any]):
    """Records that remember which of them were read."""

    def __init__(self, records: dict[str, Any]) -> None:
        super().__init__(records)
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.read.add(name)
        return super().__getitem__(name)


def _read_by(measures: tuple[str, ...]) -> set[str]:
    spied = _Spied(_known(HOSTILE).records)
    for name in measures:
        MEASURES[name].compute(spied)
    return spied.read


REPEATED = {
    "fallen": "rival_killed",
    "vehicles_innocent_reported": "vehicles_innocent",
    "vehicles_by_group": "vehicles_burnt",
    "vehicles_by_group_reported": "vehicles_burnt",
}
"""Records of harm that another record holds already, split in another way or as it was reported."""


def test_every_record_of_harm_stands_in_comparisons() -> None:
    harmful = {
        name
        for name, record in VARIABLES.items()
        if re.search(HARM_WORDS, f"{name} {record.long_name} {record.description}", re.IGNORECASE)
    }
    assert {"killed", "rival_killed", "crowd_killed", "lynched", "backlash_killed", "withheld", "harmed"} <= harmful
    compared = _read_by(COMPARED)
    assert {REPEATED.get(name, name) for name in harmful} <= compared
    assert {"emergency_person_days", "closed"} <= compared


def test_totals_count_everybody_killed_once() -> None:
    records = _known(HOSTILE).records
    parts = ("killed", "rival_killed", "crowd_killed", "backlash_killed")
    assert monthly(records, "killed_total").sum() == sum(int(records[name].sum()) for name in parts)
    assert _read_by(("killed_total",)) == set(parts)
    for measure, record in (("lynched", "lynched"), ("trafficking_harm", "harmed")):
        np.testing.assert_allclose(monthly(records, measure).sum(axis=1), records[record].sum(axis=1))


def test_ablations_count_what_crowds_and_backlash_do() -> None:
    backlash = {"backlash", "backlash_killed", "backlash_injured", "withheld"}
    crowds = {"crowd_killed", "crowd_injured", "beaten_innocent", "vehicles_burnt"}
    assert backlash | crowds | {"killed_total", "rival_killed", "rival_injured"} <= OUTCOMES.keys()


HARM = ("backlash.py",)
"""Where observers' labels belong: they lead to harm there, and to no offence."""


def _code_of_offending() -> Iterator[Path]:
    for folder in ("mechanisms", "policies", "engine", "city"):
        yield from (path for path in sorted((SOURCE / folder).glob("*.py")) if path.name not in HARM)
    yield SOURCE / "simulation.py"


@pytest.mark.parametrize("path", list(_code_of_offending()), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_mechanism_names_an_origin(path: Path) -> None:
    """Neither in code nor in a name, a key or a text that it could read by; prose of docstrings may speak of it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    prose = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        words = [getattr(node, name, None) for name in ("id", "attr", "arg", "name")]
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            words.append(node.value)
        found = [word for word in words if isinstance(word, str) and LABELS.search(word)]
        assert not found, f"{path.name}:{getattr(node, 'lineno', 0)}: {found}"


def test_an_emergency_is_never_without_its_cost_in_rights() -> None:
    for scenario_run in (whole_lima(), small_lima()):
        records = scenario_run.records
        population = scenario_run.scenario.districts.population
        np.testing.assert_array_equal(records["emergency_person_days"], records["emergency_days"] * population)
        # two districts from 20 September on, two from 23 September to 18 November, before the state answers by rule
        assert records["emergency_days"][:71].sum() == 2 * 72 + 2 * 57
        assert records["emergency_person_days"].sum() > 0
    for days in (1, 45):
        emergency = StateOfEmergency(districts=["C"], start="2018-01-10", days=days)
        records = run(row_of_three(groups=["local_norte"]), "2018-03-31", policies=[emergency]).records
        assert records["emergency_person_days"].sum() == days * 4000


def test_emergency_powers_can_be_compared_with_their_cost_only_where_there_is_one() -> None:
    records = run(row_of_three(groups=["local_norte"]), "2018-03-31").records
    assert records["emergency_person_days"].sum() == 0


@pytest.mark.parametrize("path", sorted(LIMA.iterdir()), ids=lambda path: path.name)
def test_the_scenario_holds_no_street_address_and_no_telephone_number(path: Path) -> None:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        text = re.sub(r"https?://\S+", "", line)
        assert not STREET.search(text), f"{path.name}:{number}: {text[:160]}"
        assert not TELEPHONE.search(text), f"{path.name}:{number}: {text[:160]}"


def test_no_group_is_a_living_person() -> None:
    """Real groups go by the name of the group; every group that stands for unknown people says that it is synthetic."""
    for group in load_scenario("lima-2023").groups:
        assert "(synthetic)" in group.name or group.brand == "Tren de Aragua"


def test_nothing_that_happened_after_november_2023_is_known() -> None:
    scenario = load_scenario("lima-2023")
    for item in scenario.evidence:
        latest = max(item.period_start, item.period_end)[:7]
        if latest > "2023-11":
            assert any(word in item.topic for word in STRUCTURE), f"{item.id} {item.topic} {latest}: {item.quantity}"
    assert scenario.records is not None
    known = np.asarray((scenario.records.counts >= 0).any(axis=1))
    assert max(m for m, there in zip(scenario.records.months, known, strict=True) if there).isoformat() <= "2023-11-30"
    happened = [spec for spec in scenario.policies if spec.kind != "triggered"]
    assert all(spec.arguments["start"].isoformat() <= "2023-11-30" for spec in happened)
