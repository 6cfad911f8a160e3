"""A cold start is helped by a second process that compiles the day from its evening, and knows when it need not be."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import pytest

from racketsim.engine import writing
from racketsim.engine.bound import bind
from racketsim.engine.kernel import cache_folder
from racketsim.ensembles import warm
from racketsim.ensembles.replicates import _make, _Task, ignore
from racketsim.mechanisms import territory
from racketsim.mechanisms.registry import DAY
from racketsim.results.folder import start
from racketsim.results.manifest import RunPlan
from racketsim.scenario.load import load_scenario
from racketsim.scenario.model import Scenario
from tests.command_line import CommandLine

BIND = """
import sys
from racketsim.ensembles.warm import bind_all
from racketsim.mechanisms.territory import Territory
from racketsim.scenario.load import load_scenario
bind_all(load_scenario(sys.argv[1]), [Territory])
"""


@pytest.fixture
def cold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The empty folder in which machine code is kept."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kept"))
    return tmp_path / "kept"


def test_binding_compiles_the_kernels_of_a_mechanism_without_a_run(tmp_path: Path, small_city: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", BIND, str(small_city)], env=environment, check=True)
    kept = {file.name.partition("_")[0] for file in tmp_path.glob("territory-*/**/*.nbi")}
    assert {"territory.renew", "territory.pass"} <= kept


def test_binding_all_from_the_evening_ends_and_compiles_what_writes_events(
    small_city: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound = set()

    def seen(kernel: Any, *arguments: Any) -> Any:
        bound.add(kernel.__name__)
        return bind(kernel, *arguments)

    monkeypatch.setattr(writing, "bind", seen)
    warm.bind_all(load_scenario(small_city), DAY[::-1])
    assert bound == {"put_demands", "put_incidents", "put_reports", "put_reopenings", "put_cells"}


class Helper:
    """A helper that only tells what is done with it, and has ended with the code `ended` if that is not None."""

    told: ClassVar[list[str]] = []
    ended: ClassVar[int | None] = None

    def __init__(self, command: list[str], **given: Any) -> None:
        assert given["start_new_session"]
        assert given["stderr"] == subprocess.DEVNULL
        self.told[:] = [" ".join(command[1:])]

    def poll(self) -> int | None:
        return self.ended

    def kill(self) -> None:
        self.told.append("killed")

    def wait(self) -> None:
        self.told.append("waited")


@pytest.fixture
def helper(monkeypatch: pytest.MonkeyPatch) -> type[Helper]:
    """What a helper was told on a machine with two cores."""
    Helper.told.clear()
    monkeypatch.setattr(Helper, "ended", None)
    monkeypatch.setattr(warm, "cores", lambda: 2)
    monkeypatch.setattr("racketsim.ensembles.warm.subprocess.Popen", Helper)
    return Helper


def test_a_helper_compiles_while_the_simulation_goes_on_and_holds_nothing_back(
    helper: type[Helper], cold: Path, small_city: Path
) -> None:
    city = load_scenario(small_city)
    with warm.compiling_ahead(city, 2):
        helper.told.append("simulated")
    assert helper.told == [
        f"-m racketsim.ensembles.warm {os.getpid()} {city.path}", "simulated", "killed", "waited",
    ]  # fmt: skip
    assert warm.is_cold()  # the helper was not through


def test_a_warm_start_has_no_helper(helper: type[Helper], cold: Path, small_city: Path) -> None:
    city = load_scenario(small_city)
    helper.ended = 0
    with warm.compiling_ahead(city, 2) as first:
        pass
    helper.told.clear()
    with warm.compiling_ahead(city, 2) as second:
        pass
    assert (first, second) == (True, False)
    assert helper.told == []


@pytest.mark.parametrize("code", [0, 1])
def test_a_start_is_warm_after_a_run_whose_helper_has_ended(
    helper: type[Helper], cold: Path, small_city: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    monkeypatch.setattr(helper, "ended", code)
    with warm.compiling_ahead(load_scenario(small_city), 2):
        assert warm.is_cold()
    assert not warm.is_cold()


def test_a_start_that_was_interrupted_stays_cold(helper: type[Helper], cold: Path, small_city: Path) -> None:
    with pytest.raises(KeyboardInterrupt), warm.compiling_ahead(load_scenario(small_city), 2):
        raise KeyboardInterrupt
    assert helper.told[1:] == ["killed", "waited"]
    assert warm.is_cold()


def test_a_start_is_cold_after_a_change_of_any_step_of_the_day(
    cold: Path, small_city: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm, "cores", lambda: 1)
    with warm.compiling_ahead(load_scenario(small_city), 2):
        pass
    assert not warm.is_cold()
    before = cache_folder
    changed = Path(str(vars(territory)["__file__"])).stem

    def other(namespace: Mapping[str, Any]) -> str:
        return before(namespace) + ("0" if Path(namespace["__file__"]).stem == changed else "")

    monkeypatch.setattr("racketsim.engine.kernel.cache_folder", other)
    assert warm.is_cold()


def test_one_core_has_no_helper_and_is_warm_after_a_run(
    helper: type[Helper], cold: Path, small_city: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm, "cores", lambda: 1)
    with warm.compiling_ahead(load_scenario(small_city), 2):
        pass
    assert helper.told == []
    assert not warm.is_cold()


def test_a_run_goes_on_where_no_helper_can_be_started(
    cold: Path, small_city: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left(*_: object, **__: object) -> None:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(warm, "cores", lambda: 2)
    monkeypatch.setattr("racketsim.ensembles.warm.subprocess.Popen", none_left)
    with warm.compiling_ahead(load_scenario(small_city), 2):
        pass
    assert not warm.is_cold()


def test_a_helper_that_fails_says_nothing_in_the_terminal(
    cold: Path, small_city: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(warm, "cores", lambda: 2)
    helper = warm._helper(replace(load_scenario(small_city), path=cold / "nowhere"))
    assert helper is not None
    assert helper.wait(60) == 1
    assert capfd.readouterr() == ("", "")
    assert warm.is_cold()


def test_a_helper_ends_at_once_where_its_parent_is_gone(cold: Path, small_city: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    command = [sys.executable, "-m", "racketsim.ensembles.warm", str(gone.pid), str(small_city)]
    helper = subprocess.run(command, timeout=60, check=False)
    assert helper.returncode == 1
    assert warm.is_cold()


def test_a_helper_is_out_of_reach_of_ctrl_c_from_its_first_moment(cold: Path, small_city: Path) -> None:
    """A terminal sends it to the processes of its own session."""
    helper = warm._helper(load_scenario(small_city))
    assert helper is not None
    try:
        assert os.getsid(helper.pid) == helper.pid != os.getsid(0)
    finally:
        helper.kill()
        helper.wait()


def test_the_helper_compiles_from_the_evening(cold: Path, small_city: Path) -> None:
    helper = warm._helper(load_scenario(small_city))
    assert helper is not None
    try:
        while not any(cold.glob("record_sums-*/**/*.nbi")):
            assert helper.poll() is None
            time.sleep(0.05)
        assert not any(cold.glob("territory-*/**/territory.renew*.nbi"))
        assert warm.is_cold()
    finally:
        helper.kill()
        helper.wait()


def test_one_worker_that_was_asked_for_has_no_helper(helper: type[Helper], cold: Path, small_city: Path) -> None:
    with warm.compiling_ahead(load_scenario(small_city), 1) as is_cold:
        pass
    assert (is_cold, helper.told) == (True, [])


def test_a_run_with_nothing_left_to_do_compiles_nothing_and_leaves_the_start_cold(
    helper: type[Helper], cold: Path, small_city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(helper, "ended", 0)
    plan = RunPlan(load_scenario(small_city), 1, "")
    run = start(tmp_path / "run", plan)
    monkeypatch.setattr(type(run), "missing", lambda *_: [])
    _make(_Task(run, (), 1), 2, 2, ignore)
    assert helper.told == []
    assert warm.is_cold()


@pytest.fixture
def simulated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What `racketsim compile` does to compile, which takes half a minute, and is noted here instead."""
    noted: list[str] = []

    class Simulated:
        def __init__(self, city: Scenario) -> None:
            noted.append(city.id)

        def run(self, progress: Any) -> None:
            progress(date(2020, 1, 1))

    monkeypatch.setattr("racketsim.simulation.Sim", Simulated)
    monkeypatch.setattr(warm, "bind_all", lambda _, order: noted.append(order))
    return noted


def test_compile_makes_a_cold_start_warm(
    helper: type[Helper], cold: Path, racketsim: CommandLine, simulated: list[Any]
) -> None:
    code, _, told = racketsim("compile")
    assert (code, warm.is_cold()) == (0, False)
    assert simulated == ["lima-2023", DAY]
    assert "compiling for this version and this machine" in told
    assert helper.told[-2:] == ["killed", "waited"]
    helper.told.clear()
    code, _, told = racketsim("compile")
    assert (code, helper.told) == (0, [])
    assert "looking whether anything is left to compile" in told
    assert len(simulated) == 4


def test_compile_says_where_machine_code_cannot_be_kept(
    helper: type[Helper], cold: Path, racketsim: CommandLine, simulated: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/proc/nowhere")
    monkeypatch.setenv("HOME", "/proc/nowhere")
    code, _, told = racketsim("compile")
    assert (code, simulated) == (2, [])
    assert told.startswith("error: /proc/nowhere")
    assert "machine code cannot be kept there: No such file or directory. Name another folder in the variable" in told


@pytest.mark.slow
def test_a_run_after_compile_has_next_to_nothing_to_compile(tmp_path: Path, small_city: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "kept")}

    def racketsim(*arguments: str | Path) -> set[Path]:
        command = [sys.executable, "-m", "racketsim", *map(str, arguments)]
        subprocess.run(command, env=environment, check=True, capture_output=True)
        return set((tmp_path / "kept").rglob("*.nbc"))

    compiled = racketsim("compile")
    assert len(compiled) > 150
    run = racketsim("run", small_city, "-n", "2", "--out", tmp_path / "run", "--no-report")
    assert len(run - compiled) <= 3, "only what is called by events that one replicate of Lima did not see"
