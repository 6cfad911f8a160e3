"""`racketsim verify`: tables, JSON, exit codes, and the choice of cases."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from types import ModuleType

import pytest

from racketsim.verification import registry
from racketsim.verification.case import Case, Row, by_absolute, by_bound, by_relative, by_z
from tests.command_line import CommandLine


def install(monkeypatch: pytest.MonkeyPatch, **cases: tuple[bool, list[Row]]) -> None:
    """Replace the cases by ones that give the rows at once: id -> whether it is fast, and its rows."""
    monkeypatch.setattr(registry, "MODULES", {name: f"made_{name}" for name in cases})
    for name, (fast, rows) in cases.items():
        module = ModuleType(f"racketsim.verification.made_{name}")
        module.CASE = Case(name, f"case {name}", "somebody 1999", fast, giving(rows))  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, module.__name__, module)


def giving(rows: list[Row]) -> Callable[[int | None, int], list[Row]]:
    return lambda replicates, seed: rows


GOOD = [
    by_absolute("share", 0.631, 0.634, 0.01),
    by_relative("members", 173_837, 173_840, 0.001),
    by_z("fights", 9.8, 2.33, 100, [9.0, 10.0, 11.0]),
    by_bound("order", "< 0.02", 0.5, False, soft=True),
]
BAD = [by_absolute("share", 0.631, 0.8, 0.01), by_bound("order", "< 0.02", math.inf, False)]


def test_a_pass_leaves_with_zero(racketsim: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, V1=(True, GOOD))
    answer = racketsim("verify")
    assert answer.code == 0
    for text in ("0.631", "+0.003", "173,837", "z = +", "differs", "pass: V1"):
        assert text in answer.out
    assert "1 of 1: V1" in answer.err


def test_a_failure_leaves_with_one(racketsim: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, V1=(True, GOOD), V2=(True, BAD))
    answer = racketsim("verify")
    assert answer.code == 1
    assert "FAIL: V2" in answer.out
    assert racketsim("verify", "v1").code == 0


def test_json_says_the_same(racketsim: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, V1=(True, GOOD), V2=(True, BAD))
    answer = racketsim("verify", "--json")
    assert answer.code == 1
    found = json.loads(answer.out)
    assert found["passed"] is False
    assert [case["passed"] for case in found["cases"]] == [True, False]
    row = found["cases"][0]["rows"][0]
    assert (row["published"], row["ours"], row["scale"], row["tolerance"]) == (0.631, 0.634, "absolute", 0.01)
    assert found["cases"][1]["rows"][1]["ours"] is None, "JSON knows no infinity"


def test_slow_cases_can_be_left_out_and_all_listed(racketsim: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, V1=(False, BAD), V2=(True, GOOD))
    assert racketsim("verify", "--fast").code == 0
    listed = racketsim("verify", "--list")
    assert listed.code == 0
    assert "minutes" in listed.out
    assert [case["id"] for case in json.loads(racketsim("verify", "--list", "--json").out)] == ["V1", "V2"]


def test_an_unknown_case_is_bad_input(racketsim: CommandLine) -> None:
    answer = racketsim("verify", "V55")
    assert answer.code == 2
    assert "there is no verification case 'V55'" in answer.err
    assert "Did you mean" in answer.err


def test_every_case_of_the_registry_can_be_loaded() -> None:
    assert [case.id for case in registry.load()] == list(registry.MODULES)
