"""Backlash: what raises hostility, whom it harms, and that a label reaches nothing else."""

from __future__ import annotations

import ast
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import racketsim
from racketsim.engine.log import event_id
from racketsim.engine.streams import Stream
from racketsim.mechanisms.backlash import Backlash
from racketsim.scenario.model import Scenario
from tests.mechanism_bench import Bench
from tests.mechanism_city import row_of_three

A, B, C = 0, 1, 2
SOURCE = Path(racketsim.__file__).parent
NUMBERS: dict[str, float] = {
    "labelled_share": 0.1,
    "rest": 0.3,
    "by_claim": 0.01,
    "by_riot": 0.5,
    "half_life": 100.0,
    "rate": 0.0,
    "casualty_probability": 0.5,
    "victims_tail": 2.0,
    "lethality": 0.1,
    "fear_hostility": 1.0,
    "fear_incidents": 0.5,
    "memory": 50.0,
}


@cache
def _city() -> Scenario:
    return row_of_three(groups=["local_norte", "gallegos", "remote_operators"])


def _bench(seed: int = 1, labels: tuple[str, str, str] = ("local", "foreign", "unknown"), **numbers: Any) -> Bench:
    """Return three districts of 1, 2 and 4 thousand people and a local group, an entrant and remote operators."""
    groups = tuple(replace(g, origin_label=label) for g, label in zip(_city().groups, labels, strict=True))
    bench = Bench(Backlash, replace(_city(), groups=groups), {**NUMBERS, **numbers}, seed=seed)
    bench["parent"][:] = -1
    return bench


def _reports(bench: Bench, district: int, count: int) -> None:
    bench["report_count"][0] = count
    bench["report_target"][:count] = np.arange(count)
    bench["report_class"][:count] = district * bench.city.kinds


def test_hostility_rests_where_nothing_is_said() -> None:
    bench = _bench()
    bench.run(0, 100)
    np.testing.assert_allclose(bench["hostility"], 0.3)


@pytest.mark.parametrize(("group", "raises"), [(0, False), (1, True), (2, False)])
def test_claims_raise_hostility_where_they_name_a_group_marked_by_its_label(group: int, raises: bool) -> None:
    bench = _bench()
    bench["named"][group] = 7
    bench.run(0)
    expected = 1 - 0.7 * np.exp(-0.07) if raises else 0.3
    np.testing.assert_allclose(bench["hostility"], expected)
    bench["named"][group] = 0
    bench.run(1)  # said once, heard once
    keep = 0.5**0.01
    np.testing.assert_allclose(bench["hostility"], 0.3 + (expected - 0.3) * keep)


def test_a_group_that_broke_away_is_named_by_the_label_of_the_old_one() -> None:
    bench = _bench()
    bench["parent"][4], bench["parent"][5] = 1, 4
    bench["parent"][6] = 0
    bench["named"][[5, 6]] = 3
    bench.run(0)
    np.testing.assert_allclose(bench["hostility"], 1 - 0.7 * np.exp(-0.03))


def test_riots_raise_hostility_where_they_are() -> None:
    bench = _bench()
    bench["protest_size"][:] = 1000
    bench["protest_violent"][B] = 1
    bench.run(0)
    np.testing.assert_allclose(bench["hostility"], [0.3, 1 - 0.7 * np.exp(-0.5), 0.3])


def test_hostility_goes_half_way_back_in_its_half_life() -> None:
    bench = _bench()
    bench["hostility"][:] = 0.7
    bench.run(0, 99)
    np.testing.assert_allclose(bench["hostility"], 0.5)


def test_incidents_come_by_hostility_and_by_how_many_are_labelled() -> None:
    counts, days = np.zeros(3), 400
    bench = _bench(rate=0.002)
    bench["hostility"][:] = 0.3
    for day in range(days):
        bench.run(day)
        counts += bench["backlash_count"]
    expected = 0.002 * 0.3 * 0.1 * np.array([1000, 2000, 4000]) * days
    assert np.all(np.abs(counts - expected) < 4 * np.sqrt(expected))
    assert len(bench.events("backlash_incident")) == counts.sum()


def test_people_are_hurt_and_killed_by_the_stated_tail_and_lethality() -> None:
    bench = _bench(rate=1.0, rest=1.0)
    bench.run(0, 9)
    events = bench.events("backlash_incident")
    hurt = np.array([e["injured"] + e["killed"] for e in events])
    killed = sum(e["killed"] for e in events)
    n = len(events)
    assert n > 5000
    assert abs((hurt > 0).mean() - 0.5) < 4 * np.sqrt(0.25 / n)
    assert abs((hurt[hurt > 0] >= 4).mean() - 4.0**-2) < 4 * np.sqrt(0.06 * 0.94 / (n / 2))
    assert hurt.max() <= 63
    assert killed / hurt.sum() == pytest.approx(0.1, abs=0.02)


def test_an_incident_on_the_day_of_a_riot_is_put_down_to_it() -> None:
    bench = _bench(rate=1.0)
    bench["protest_size"][B], bench["protest_violent"][B], bench["protest_nth"][B] = 50, 1, 6
    bench.run(0)
    causes = {e["district"]: e["caused_by"] for e in bench.events("backlash_incident")}
    assert causes == {A: 0, B: event_id(int(Stream.OUTBREAK), B, 6), C: 0}


def test_the_labelled_who_are_afraid_do_not_report() -> None:
    bench = _bench()
    _reports(bench, B, 4000)
    bench.run(0)
    fear = 1 - np.exp(-0.3)
    np.testing.assert_allclose(bench["reporting_fear"], fear)
    silent = int(bench["withheld_count"][B])
    assert bench["report_withheld"][:4000].sum() == silent == bench["withheld_count"].sum()
    assert abs(silent - 4000 * 0.1 * fear) < 4 * np.sqrt(4000 * 0.1 * fear)


def test_incidents_add_to_fear_and_are_forgotten() -> None:
    bench = _bench(rate=0.0, fear_hostility=0.0)
    bench["backlash_seen"][C] = 2.0
    bench.run(0, 49)
    np.testing.assert_allclose(bench["reporting_fear"], [0, 0, 1 - np.exp(-0.5 * 1e4 * 1.0 / 400)])


def test_where_nobody_is_labelled_nobody_is_harmed() -> None:
    bench = _bench(labelled_share=0.0, rate=1.0)
    bench["named"][1] = 100
    _reports(bench, A, 1000)
    bench.run(0, 30)
    assert bench.events("backlash_incident") == []
    assert bench["report_withheld"].max() == 0


def test_harm_follows_the_labels() -> None:
    """What observers call a group decides who is harmed, whoever did it."""
    harm = {}
    for labels in (("local", "foreign", "unknown"), ("foreign", "local", "unknown"), ("", "", "")):
        bench = _bench(labels=labels, rate=0.05, fear_incidents=0.0)
        _reports(bench, C, 3000)
        for day in range(21):
            bench["named"][:2] = (0, 15) if day else (3, 15)
            bench.run(day)
        harm[labels] = (bench["backlash_incidents"].sum(), bench["report_withheld"].sum())
    foreign, swapped, nobody = harm.values()
    assert foreign[0] > swapped[0] >= nobody[0]
    assert foreign[1] > swapped[1] >= nobody[1]


def _mechanism_files() -> list[Path]:
    return sorted((SOURCE / "mechanisms").glob("*.py"))


def _named_in(path: Path) -> set[str]:
    """Return the texts and attributes that the code of a file, prose aside, speaks of."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    constants = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in prose)
    return found | {node.value for node in constants if isinstance(node.value, str)}


HAPPENED = ("backlash_count", "backlash_incidents", "backlash_injured", "backlash_killed")


@pytest.mark.parametrize("path", _mechanism_files(), ids=lambda path: path.stem)
def test_no_mechanism_but_the_records_reads_what_backlash_writes(path: Path) -> None:
    """Outlets tell of what has happened to innocents; hostility, and who is silent for fear, they do not see."""
    if path.stem not in ("backlash", "records", "street_records"):
        told = {name for name in Backlash.writes if path.stem.startswith("press") and name in HAPPENED}
        assert not _named_in(path) & set(Backlash.writes) - told
        assert "origin_label" not in _named_in(path)


PRAISE = ("success", "benefit", "achiev", "improve", "reward", "payoff", "utility", "effective", "averted", "merit")
HARM = ("backlash", "hostil", "withheld", "reporting_fear")


def praised(text: str) -> list[str]:
    """Return the functions and statements of a module that speak of backlash and of success in one breath."""
    tree = ast.parse(text)
    kinds = (ast.FunctionDef, ast.Assign, ast.AnnAssign, ast.Dict, ast.Call, ast.Return)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, kinds):
            words = ast.unparse(node).lower()
            if any(harm in words for harm in HARM) and any(word in words for word in PRAISE):
                found.append(words.splitlines()[0])
    return found


@pytest.mark.parametrize(
    "path",
    sorted(path for part in ("results", "ensembles", "cli", "policies") for path in (SOURCE / part).glob("*.py")),
    ids=lambda path: f"{path.parent.name}/{path.name}",
)
def test_no_result_counts_backlash_as_a_success(path: Path) -> None:
    assert praised(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "SUCCESS = ('arrests', 'backlash_incidents')",
        "def merit(records):\n    return records['arrests'] + records['backlash_injured']",
        "measures = {'hostility': Measure('1', 'effective deterrence')}",
    ],
)
def test_the_scan_for_praise_finds_it(text: str) -> None:
    assert praised(text)
