"""`run --profile` says where the time of a day goes, and changes nothing else."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest

from racketsim import Sim, run_replicates
from racketsim.engine.stopwatch import LOOP, MACHINE_CODE, Stopwatch
from racketsim.results.manifest import profile_rows
from racketsim.results.replicate import replicate_of
from tests.command_line import CommandLine

UNTIL = "2022-03-31"


def test_a_profiled_run_gives_the_same_bits(small_city: Path) -> None:
    plain, profiled = Sim(small_city).run(until=UNTIL), Sim(small_city).run_profiled(until=UNTIL)
    assert plain.day == profiled.day
    for name, array in plain.log.items():
        np.testing.assert_array_equal(array, profiled.log[name])
    for name, array in plain.records.items():
        np.testing.assert_array_equal(array, profiled.records[name])


def test_a_plain_run_has_no_profile(small_city: Path) -> None:
    sim = Sim(small_city).run(until="2022-01-03")
    assert sim.profile == {}
    assert profile_rows([replicate_of(sim)]) == []


def test_every_awake_mechanism_is_in_the_profile_and_parts_add_up(small_city: Path) -> None:
    sim = Sim(small_city, without=("A12",)).run_profiled(until=UNTIL)
    resting = {step.mechanism for step in sim.plan} - set(sim.profile)
    assert "demand" in sim.profile
    assert "punishment" in resting
    assert min(sim.profile.values()) >= 0.0
    assert sum(sim.profile.values()) == pytest.approx(sim.timing["run"], rel=0.1, abs=0.01)


def test_the_profile_tells_a_slow_step_from_a_quick_one() -> None:
    watch = Stopwatch(("slow", "quick"))
    with watch.timing({"slow": lambda _day: time.sleep(0.004), "quick": lambda _day: None}) as steps:
        for day in range(5):
            for step in steps:
                step(day)
        time.sleep(0.01)
    assert watch.seconds["slow"] >= 0.02
    assert watch.seconds["quick"] < 0.004
    assert watch.seconds[LOOP] >= 0.01


def test_compiling_is_kept_apart() -> None:
    from numba import njit

    watch = Stopwatch(("compiles",))
    with watch.timing({"compiles": lambda day: njit(lambda x: x + 1)(day)}) as steps:
        steps[0](1)
    assert watch.seconds[MACHINE_CODE] > 10 * watch.seconds["compiles"]


def test_a_profile_goes_on_after_a_fork_from_nothing(small_city: Path) -> None:
    sim = Sim(small_city).run_profiled(until="2022-01-31")
    assert sim.fork().profile == {}


def test_profiles_are_pooled_over_the_replicates_that_have_one(small_city: Path, tmp_path: Path) -> None:
    run = run_replicates(
        small_city, replicates=2, until=UNTIL, out=tmp_path / "run", workers=1, report=False, profile=True
    )
    rows = run.manifest["timing"]["profile"]
    assert [row["replicates"] for row in rows] == [2] * len(rows)
    assert sum(row["share"] for row in rows) == pytest.approx(1.0)
    demand = next(row for row in rows if row["mechanism"] == "demand")
    assert demand["seconds"] == pytest.approx(np.mean([r.profile["demand"] for r in run.replicates]))


def test_run_prints_where_the_time_goes(racketsim: CommandLine, small_city: Path, tmp_path: Path) -> None:
    code, told, err = racketsim(
        *("run", small_city, "-n", "1", "--until", UNTIL, "--no-report", "--profile", "--out", tmp_path / "run")
    )
    assert code == 0, err
    assert "mean of 1 replicate of 90 days" in told
    for word in ("microseconds a day", "demand", "policing", MACHINE_CODE, "in all", "target-days a second"):
        assert word in told


def test_run_prints_no_profile_unasked(racketsim: CommandLine, small_city: Path, tmp_path: Path) -> None:
    _, told, _ = racketsim(
        "run", small_city, "-n", "1", "--until", "2022-01-31", "--no-report", "--out", tmp_path / "run"
    )
    assert "microseconds" not in told


def test_run_gives_the_profile_to_machines(racketsim: CommandLine, small_city: Path, tmp_path: Path) -> None:
    code, told, _ = racketsim(
        *("run", small_city, "-n", "1", "--until", UNTIL, "--no-report"),
        *("--profile", "--json", "--out", tmp_path / "run"),
    )
    assert code == 0
    rows = json.loads(told)["timing"]["profile"]
    assert {"mechanism", "seconds", "share", "replicates"} == set(rows[0])
