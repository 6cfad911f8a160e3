"""Runs in which the state answers by its rules alone: dated responses to crime are left out, and the run says so."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from racketsim import Sim, compare, load_scenario, run_replicates
from racketsim.cli.runs import scenario_of
from racketsim.policies import Lockdown
from racketsim.policies.triggered import by_rule
from racketsim.results.report import rebuild_report
from racketsim.scenario.model import Scenario
from tests.command_line import CommandLine
from tests.same_bits import assert_same

UNTIL = "2023-03-31"
"""The small city declares an emergency in March 2023."""


@pytest.fixture
def racketsim(capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(capsys)


def ruled(city: Path | Scenario, until: str | None = UNTIL, seed: int = 5) -> Sim:
    sim = Sim(city, seed=seed, by_rule=True)
    return sim.run(until=until) if until else sim


def dated(sim: Sim) -> int:
    """Return the district-days of emergency in March 2023."""
    return int(sim.records["emergency_days"][14].sum())


def test_dated_responses_are_left_out_and_rules_stay(small_city: Path) -> None:
    city = load_scenario(small_city)
    sim = ruled(small_city)
    assert_same(sim, Sim(by_rule(city), seed=5).run(until=UNTIL))
    assert [spec.kind for spec in sim.scenario.policies] == ["triggered"]
    assert dated(Sim(city, seed=5).run(until=UNTIL)) == 31
    assert dated(sim) < 31


def test_what_if_policies_still_run(small_city: Path) -> None:
    shut = Lockdown(mobility=0.2, station_access=1.0, start="2023-02-01")
    sim = Sim(small_city, seed=5, by_rule=True, policies=[shut]).run(until="2023-02-10")
    np.testing.assert_allclose(sim._state["mobility"], 0.2)


def test_a_saved_or_forked_run_goes_on_by_rule(small_city: Path, tmp_path: Path) -> None:
    through, half = ruled(small_city), ruled(small_city, "2022-12-31")
    assert_same(half.fork().run(until=UNTIL), through)
    assert_same(Sim.load(half.save(tmp_path / "city.npz")).run(until=UNTIL), through)


def test_a_scenario_that_was_made_by_rule_says_so_wherever_it_is_run(small_city: Path, tmp_path: Path) -> None:
    made, through = by_rule(load_scenario(small_city)), ruled(small_city)
    half = Sim(made, seed=5).run(until="2022-12-31")
    assert half.by_rule
    later = Sim.load(half.save(tmp_path / "city.npz"))
    assert later.by_rule
    assert_same(later.run(until=UNTIL), through)
    quick = {"replicates": 1, "until": "2022-01-31", "workers": 1}
    run = run_replicates(made, report=False, out=tmp_path / "run", **quick)  # type: ignore[arg-type]
    assert run.manifest["by_rule"] is True
    assert "by_rule=True" in run.manifest["command"]
    shut = Lockdown(mobility=0.9, station_access=1.0, start="2022-01-20")
    assert compare(made, [shut], **quick).as_dict()["by_rule"] is True  # type: ignore[arg-type]


def test_a_run_directory_says_so_and_is_read_so(small_city: Path, tmp_path: Path) -> None:
    run = run_replicates(
        small_city, seed=5, replicates=1, until=UNTIL, by_rule=True, out=tmp_path / "run", workers=1, report=False
    )
    for name, array in ruled(small_city).records.items():
        assert np.array_equal(run.replicates[0].records[name], array), name
    assert run.manifest["by_rule"] is True
    assert json.loads((run.path / "summary.json").read_text())["by_rule"] is True
    assert [policy["kind"] for policy in run.manifest["policies"]] == ["triggered"]
    assert [spec.kind for spec in scenario_of(run).policies] == ["triggered"]
    assert "by_rule=True" in run.manifest["command"]
    page = rebuild_report(run.path, load_scenario(small_city)).read_text(encoding="utf-8")
    assert "by the rules of the scenario alone" in page


def test_it_is_another_run_than_the_one_with_dates(small_city: Path, tmp_path: Path) -> None:
    """What the one has left is not taken up by the other, and they have different places by default."""
    whole = {"replicates": 1, "until": "2022-01-31", "workers": 1, "report": False, "out": tmp_path / "run"}
    first = run_replicates(small_city, by_rule=True, **whole)  # type: ignore[arg-type]
    assert first.manifest["by_rule"] is True
    assert run_replicates(small_city, **whole).manifest["by_rule"] is False  # type: ignore[arg-type]


def test_the_command_says_so(
    racketsim: CommandLine, small_city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    quick = ("-n", "1", "--until", "2022-01-31", "--no-report")
    code, told, err = racketsim("run", small_city, "--by-rule", *quick)
    assert code == 0, err
    assert "the state answers by its rules alone (1); its dated responses to crime are left out" in told
    (manifest,) = (tmp_path / "runs").glob("small-city-seed1-by-rule-*/manifest.json")
    assert json.loads(manifest.read_text())["by_rule"]
    assert "by its rules alone" not in racketsim("run", small_city, *quick).out


def test_comparisons_by_rule_leave_out_the_dates_on_both_sides(racketsim: CommandLine, small_city: Path) -> None:
    shut = Lockdown(mobility=0.9, station_access=1.0, start="2023-03-01")
    both = [compare(small_city, [shut], replicates=1, until=UNTIL, workers=1, by_rule=ruled) for ruled in (True, False)]
    days = [next(row for row in one.summary() if row.measure == "emergency_person_days") for one in both]
    assert days[0].baseline.median < days[1].baseline.median
    assert [one.as_dict()["by_rule"] for one in both] == [True, False]
    command = ("compare", small_city, "--by-rule", "-n", "1", "-w", "1", "--until", "2022-01-31")
    code, _, err = racketsim(*command, "-p", "lockdown:mobility=0.5;station_access=1;start=2022-01-20")
    assert code == 0
    assert "the state answers by its rules alone (1)" in " ".join(err.split())
