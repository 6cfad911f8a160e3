"""The benchmarks compare like with like, keep what they measured, and say which goals are missed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks import __main__ as command
from benchmarks.agreement import DisagreementError, compare
from benchmarks.goals import Goal, Verdict, read_goals, verdicts
from benchmarks.measure import Measure, in_a_process, peak_memory, read_measures
from benchmarks.national import PROVINCES, write
from benchmarks.parts import PARTS, Found
from benchmarks.parts.shared import CHECKED
from benchmarks.results import Mismatch, add_part, empty, read
from benchmarks.results import write as write_results
from benchmarks.table import goals_markdown, measures_markdown
from benchmarks.workload import Workload, as_row
from benchmarks.workload import with_numpy as stepped
from benchmarks.workload import with_racketsim as thresholded
from racketsim import Sim, load_scenario

MACHINE: dict[str, Any] = {
    "processor": "made up",
    "cores": 2,
    "memory_gb": 8.0,
    "system": "Linux",
    "python": "3.11.7",
    "versions": {"racketsim": "0.1.0"},
}
ABOUT = {"when": "2026-01-01T00:00:00+00:00", "seconds": 3.0, "load": 0.1}
REPLICATES = 40


def drawn(run: Any, workload: Workload, first: int) -> list[list[int]]:
    return [as_row(run(workload, first + n)) for n in range(REPLICATES)]


@pytest.fixture(scope="module")
def reference() -> list[list[int]]:
    return drawn(stepped.run, CHECKED, 1)


def test_racketsim_and_stepping_agree_on_the_shared_workload(reference: list[list[int]]) -> None:
    """One in a hundred choices of seeds would fail though both are right (Bonferroni over the totals)."""
    assert "least p" in compare(drawn(thresholded.run, CHECKED, 1000), reference)


@pytest.mark.parametrize("change", [{"pay": 0.36}, {"hazard": 2.2e-3}, {"duration": 75.0}, {"report": 0.13}])
def test_a_different_workload_is_told_apart(change: dict[str, Any], reference: list[list[int]]) -> None:
    with pytest.raises(DisagreementError, match=r"least p = 0\.00"):
        compare(drawn(thresholded.run, replace(CHECKED, **change), 1000), reference)


def test_the_same_seed_gives_the_same_totals() -> None:
    assert thresholded.run(CHECKED, 5) == thresholded.run(CHECKED, 5)
    assert thresholded.run(CHECKED, 5) != thresholded.run(CHECKED, 6)


def test_the_national_scenario_loads_and_runs(tmp_path: Path) -> None:
    city = load_scenario(write(tmp_path / "country", targets=20_000))
    assert len(city.districts) == PROVINCES
    assert int(city.targets.sum()) == pytest.approx(20_000, abs=5)
    assert (city.start.year, city.end.year) == (2018, 2023)
    sim = Sim(city).run(until="2018-01-31")
    assert int(sim.records["demands"].sum()) > 100


def test_a_function_runs_in_a_process_of_its_own() -> None:
    assert in_a_process(peak_memory) > 1.0
    with pytest.raises(RuntimeError, match="compare failed"):
        in_a_process(compare, one=[], other=[])


def found(*values: float) -> Found:
    return Found([Measure("lima rate", "target-days, set-up included", "billion/s", values)], ["a remark"])


def test_parts_are_merged_into_one_file(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    results = empty(MACHINE, quick=False)
    add_part(results, "national", Found([], []), MACHINE, False, ABOUT)
    add_part(results, "lima", found(1.0), MACHINE, False, ABOUT)
    write_results(file, results)
    again = read(file)
    add_part(again, "lima", found(3.0, 5.0, 4.0), MACHINE, False, ABOUT)
    assert list(again["parts"]) == ["lima", "national"]
    assert read_measures(again["parts"]["lima"])["lima rate"].median == 4.0


@pytest.mark.parametrize(
    ("machine", "quick", "told"),
    [({**MACHINE, "cores": 64}, False, "another machine"), (MACHINE, True, "quick results")],
)
def test_results_of_two_machines_or_sizes_do_not_mix(machine: dict[str, Any], quick: bool, told: str) -> None:
    with pytest.raises(Mismatch, match=told):
        add_part(empty(MACHINE, quick=False), "lima", found(1.0), machine, quick, ABOUT)


def test_a_file_without_results_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    file.write_text("{}", encoding="utf-8")
    with pytest.raises(Mismatch, match="holds no results"):
        read(file)


def test_a_missed_goal_is_printed_as_missed() -> None:
    results = empty(MACHINE, quick=False)
    add_part(results, "lima", found(2.5, 3.0, 3.5), MACHINE, False, ABOUT)
    lines = goals_markdown(results)
    met, missed = (next(line for line in lines if f"at least {bound} billion" in line) for bound in (2, 4))
    assert "| met | `python -m benchmarks lima` |" in met
    assert "3.00 billion target-days/s (2.50–3.50)" in met
    assert "| **MISSED** |" in missed
    assert sum("not measured" in line for line in lines) == len(read_goals()) - 2
    assert "| target-days, set-up included | 3.00 | billion/s | 2.50 to 3.50, 3 runs |" in measures_markdown(results)


def test_bounds_hold_at_their_edge() -> None:
    least = Goal("", "", "", "times", 0, at_least=20)
    most = Goal("", "", "", "s", 1, at_most=0.3)
    assert least.met(20.0)
    assert not least.met(19.99)
    assert most.met(0.3)
    assert not most.met(0.31)
    assert (least.limit(), most.limit()) == ("at least 20×", "at most 0.3 s")
    assert Verdict(least, None).word == "not measured"


def test_every_goal_is_of_a_part() -> None:
    goals = read_goals()
    assert {goal.part for goal in goals} <= set(PARTS)
    assert all((goal.at_least is None) != (goal.at_most is None) for goal in goals)
    assert len(verdicts(empty(MACHINE, quick=False))) == len(goals)


def test_an_unknown_part_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["benchmarks", "limma"])
    with pytest.raises(SystemExit) as left:
        command.main()
    assert left.value.code == 2
    assert "there is no part limma; parts: shared, lima" in capsys.readouterr().err
