"""A cold start is helped by a second process that compiles the day from its evening, and knows when it need not be."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import ClassVar

import pytest

from racketsim.engine.kernel import cache_folder
from racketsim.ensembles import warm
from racketsim.mechanisms import record_sums
from racketsim.scenario.load import load_scenario

BIND = """
import sys
from racketsim.ensembles.warm import bind_all
from racketsim.mechanisms.territory import Territory
from racketsim.scenario.load import load_scenario
bind_all(load_scenario(sys.argv[1]), [Territory])
"""


def test_a_start_is_cold_until_the_last_step_of_the_day_is_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert warm.is_cold()
    place = Path(cache_folder(vars(record_sums)))
    place.mkdir(parents=True)
    assert warm.is_cold()
    (place / "add_cells.nbi").touch()
    assert not warm.is_cold()


def test_binding_compiles_the_kernels_of_a_mechanism_without_a_run(tmp_path: Path, small_city: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", BIND, str(small_city)], env=environment, check=True)
    kept = {file.name.partition("_")[0] for file in tmp_path.glob("territory-*/**/*.nbi")}
    assert {"territory.renew", "territory.pass"} <= kept


class Helper:
    """A helper that only tells what is done with it."""

    told: ClassVar[list[str]] = []

    def __init__(self, command: list[str]) -> None:
        self.told[:] = [" ".join(command[1:])]

    def kill(self) -> None:
        self.told.append("killed")

    def wait(self) -> None:
        self.told.append("waited")


@pytest.fixture
def helper(monkeypatch: pytest.MonkeyPatch) -> type[Helper]:
    """What a helper was told on a machine with two cores."""
    Helper.told.clear()
    monkeypatch.setattr(warm, "cores", lambda: 2)
    monkeypatch.setattr("racketsim.ensembles.warm.subprocess.Popen", Helper)
    return Helper


def test_a_helper_compiles_while_the_simulation_goes_on(helper: type[Helper], small_city: Path) -> None:
    city = load_scenario(small_city)
    with warm.compiling_ahead(city):
        helper.told.append("simulated")
    assert helper.told == [f"-m racketsim.ensembles.warm {city.path}", "simulated", "waited"]


def test_a_helper_stops_when_the_simulation_fails(helper: type[Helper], small_city: Path) -> None:
    with pytest.raises(KeyboardInterrupt), warm.compiling_ahead(load_scenario(small_city)):
        raise KeyboardInterrupt
    assert helper.told[1:] == ["killed", "waited"]


def test_one_core_has_no_helper(helper: type[Helper], small_city: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm, "cores", lambda: 1)
    with warm.compiling_ahead(load_scenario(small_city)):
        pass
    assert helper.told == []


def test_the_helper_compiles_from_the_evening(tmp_path: Path, small_city: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    helper = subprocess.Popen([sys.executable, "-m", "racketsim.ensembles.warm", str(small_city)], env=environment)
    try:
        while not any(tmp_path.glob("record_sums-*/**/*.nbi")):
            assert helper.poll() is None
            time.sleep(0.05)
        assert not any(tmp_path.glob("territory-*/**/territory.renew*.nbi"))
    finally:
        helper.kill()
        helper.wait()
