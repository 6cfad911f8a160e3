"""Replicates over workers: the same bits for any number, nothing lost and nothing done twice after a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import weakref
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from racketsim import FinishedRun, InputError, Sim, load_scenario, run_replicates
from racketsim.ensembles import replicates
from racketsim.ensembles.replicates import Progress, alone, describe_policy
from racketsim.policies import StateOfEmergency
from racketsim.results.folder import write_replicate

UNTIL = "2022-12-31"
SAME_BITS = ("events.parquet", "claims.parquet", "series.nc")


def quick(city: Path, out: Path, replicates: int = 3, workers: int = 1, **more: object) -> FinishedRun:
    return run_replicates(
        city,
        replicates=replicates,
        until=UNTIL,
        out=out,
        workers=workers,
        report=False,
        **more,  # type: ignore[arg-type]
    )


def bits(run: FinishedRun, names: Sequence[str] = SAME_BITS) -> dict[str, bytes]:
    return {name: (run.path / name).read_bytes() for name in names}


def same_replicates(one: FinishedRun, other: FinishedRun) -> bool:
    return all(
        mine.seed == yours.seed and all(np.array_equal(mine.records[key], yours.records[key]) for key in mine.records)
        for mine, yours in zip(one.replicates, other.replicates, strict=True)
    )


def test_one_worker_and_two_give_the_same_bits(small_city: Path, tmp_path: Path) -> None:
    one = quick(small_city, tmp_path / "one", workers=1, events="all")
    two = quick(small_city, tmp_path / "two", workers=2, events="all")
    assert bits(one) == bits(two)
    assert same_replicates(one, two)


def test_replicate_r_has_the_seed_plus_r(small_city: Path, tmp_path: Path) -> None:
    run = quick(small_city, tmp_path / "run", seed=11)
    assert [replicate.seed for replicate in run.replicates] == [11, 12, 13]
    alone = Sim(small_city, seed=12).run(until=UNTIL)
    for name, array in alone.records.items():
        assert np.array_equal(run.replicates[1].records[name], array), name


def test_a_simulation_is_let_go_before_its_files_are_written(
    small_city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[weakref.ref[Sim]] = []
    left: list[object] = []
    run, write = Sim.run, write_replicate

    def watched_run(sim: Sim, **more: Any) -> Sim:
        held.append(weakref.ref(sim))
        return run(sim, **more)

    def watched_write(*arguments: Any, **more: Any) -> Path:
        left.append(held[-1]())
        return write(*arguments, **more)

    monkeypatch.setattr(Sim, "run", watched_run)
    monkeypatch.setattr(replicates, "write_replicate", watched_write)
    quick(small_city, tmp_path / "run", replicates=2)
    assert left == [None, None]


def test_progress_tells_days_and_every_replicate(small_city: Path, tmp_path: Path) -> None:
    told: list[Progress] = []
    quick(small_city, tmp_path / "run", progress=told.append)
    assert [progress.done for progress in told if progress.day is None] == [1, 2, 3]
    assert max(progress.day for progress in told if progress.day).isoformat() == UNTIL


def test_a_loaded_scenario_with_other_numbers_is_another_run(small_city: Path, tmp_path: Path) -> None:
    key = "parameters.allocation.rate_per_member"
    plain = load_scenario(small_city)
    section, name = key.split(".")[1:]
    changed = load_scenario(small_city, {key: plain.parameters[section][name].value / 2})
    first = run_replicates(plain, replicates=1, until=UNTIL, out=tmp_path / "a", report=False)
    second = run_replicates(changed, replicates=1, until=UNTIL, out=tmp_path / "b", report=False)
    assert not same_replicates(first, second)


def test_overrides_are_told_however_they_are_given(
    small_city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    numbers: dict[str, str | float] = {"parameters.allocation.rate_per_member": 0.2}
    loaded = load_scenario(small_city, numbers)
    named = [
        run_replicates(scenario, replicates=1, until="2022-01-31", report=False, **more)  # type: ignore[arg-type]
        for scenario, more in ((small_city, {"overrides": numbers}), (loaded, {}), (small_city, {}))
    ]
    assert named[0].path == named[1].path != named[2].path
    assert named[1].manifest["overrides"] == numbers
    assert "overrides={'parameters.allocation.rate_per_member': 0.2}" in named[1].manifest["command"]
    with pytest.raises(InputError, match="this scenario is loaded already"):
        run_replicates(loaded, replicates=1, overrides=numbers)


def test_a_function_is_a_policy_in_every_worker(small_city: Path, tmp_path: Path) -> None:
    def curfew(city, day) -> None:
        city.scale("mobility", 0.1)

    run = quick(small_city, tmp_path / "run", workers=2, policies=[curfew])
    plain = quick(small_city, tmp_path / "plain")
    assert not same_replicates(run, plain)
    (described,) = [policy for policy in run.manifest["policies"] if policy["stated_in"] == "command"]
    assert described["kind"] == "function"
    assert described["name"].endswith("curfew")


def test_policies_describe_themselves() -> None:
    assert describe_policy(StateOfEmergency(["Centre"], start="2022-03-01", days=2))["end"] == "2022-03-02"
    assert describe_policy(StateOfEmergency(["Centre"], start="2022-03-01")).keys().isdisjoint({"class", "sha256"})

    class Sundays(StateOfEmergency):
        def active(self, day: date) -> bool:
            return super().active(day) and day.weekday() == 6

    own = describe_policy(Sundays(["Centre"], start="2022-03-01"))
    assert (own["kind"], own["start"], own["class"].rpartition(".")[2]) == (
        "state_of_emergency",
        "2022-03-01",
        "Sundays",
    )
    assert len(own["sha256"]) == 64
    with pytest.raises(InputError, match="a policy is"):
        describe_policy(3)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"replicates": 0}, "replicates: 0"),
        ({"seed": -1}, "seed: -1 is out of range"),
        ({"seed": 2**63}, "out of range"),
        ({"until": "2022-13-01"}, "'2022-13-01' is not a date"),
        ({"until": "2031-01-01"}, "lies outside the period"),
        ({"events": "none"}, "allowed: first, all"),
        ({"policies": ["emergency"]}, "a policy is"),
        ({"overrides": {"parameters.nothing.here": 1.0}}, "parameters.nothing.here"),
    ],
)
def test_bad_arguments_leave_nothing_behind(
    small_city: Path, tmp_path: Path, wrong: dict[str, object], said: str
) -> None:
    with pytest.raises(InputError, match=said.replace("[", r"\[")):
        run_replicates(small_city, out=tmp_path / "run", **wrong)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_a_policy_that_fails_leaves_nothing_behind(small_city: Path, tmp_path: Path) -> None:
    def broken(city, day) -> None:
        city.scale("weather", 2.0)

    with pytest.raises(InputError, match="weather"):
        quick(small_city, tmp_path / "run", policies=[broken])
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_and_leaves_nothing_half_written(
    small_city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(InputError, match="No space left on device"):
        quick(small_city, tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_two_processes_never_make_the_same_run(tmp_path: Path) -> None:
    (tmp_path / "replicates").mkdir()
    (tmp_path / "replicates" / ".0001.npz.77.part").touch()
    with alone(tmp_path):
        assert list((tmp_path / "replicates").iterdir()) == []
        with pytest.raises(InputError, match="another process is at work"), alone(tmp_path):
            pass
    with alone(tmp_path):
        pass


def heed_ctrl_c() -> None:
    """Undo what a shell does to a job in the background: it starts it deaf to Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Started:
    """A run in a process of its own, which can be stopped once some replicates are finished."""

    def __init__(self, city: Path, out: Path, replicates: int) -> None:
        self.out = out
        self.command = [
            *(sys.executable, "-m", "racketsim", "run", str(city), "--out", str(out), "--no-report"),
            *("--replicates", str(replicates), "--workers", "2", "--events", "all"),
        ]
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=heed_ctrl_c
        )

    def finished(self) -> dict[str, int]:
        """Return the replicate files that stand, and when each was written."""
        files = self.out.parent.glob(f"{self.out.name}*/replicates/[0-9]*.npz")
        return {file.name: file.stat().st_mtime_ns for file in files}

    def stop_after(self, replicates: int, how: signal.Signals) -> dict[str, int]:
        """Send a signal once some replicates stand; return those that stood then."""
        until = time.monotonic() + 120
        while len(self.finished()) < replicates:
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < until
            time.sleep(0.005)
        os.kill(self.process.pid, how)
        self.process.wait(60)
        return self.finished()


@pytest.mark.slow
@pytest.mark.parametrize(("how", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, 130)])
def test_a_run_that_was_stopped_goes_on(small_city: Path, tmp_path: Path, how: signal.Signals, code: int) -> None:
    many = 16  # enough that a busy machine does not finish them before the signal comes
    started = Started(small_city, tmp_path / "stopped", many)
    stood = started.stop_after(2, how)
    assert started.process.returncode == code
    assert 2 <= len(stood) < many
    if how == signal.SIGINT:
        left = json.loads((tmp_path / "stopped" / "manifest.json").read_text())
        assert left["replicates_planned"] == many
        assert f"{left['replicates']} of {many} replicates are finished" in (started.process.stderr or sys.stdin).read()
    again = subprocess.run(started.command, capture_output=True, text=True, check=True)
    assert f"of {many} replicates were finished before" in again.stderr
    finished = started.finished()
    assert len(finished) == many
    assert {name: finished[name] for name in stood} == stood, "a finished replicate was made again"
    assert [path.name for path in tmp_path.iterdir()] == ["stopped"]
    through = run_replicates(small_city, replicates=many, out=tmp_path / "through", events="all", report=False)
    assert bits(through) == {name: (tmp_path / "stopped" / name).read_bytes() for name in SAME_BITS}
