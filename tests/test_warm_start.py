"""A cold start compiles the kernels of a day first, and knows when it need not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from racketsim.engine.kernel import cache_folder
from racketsim.ensembles import warm
from racketsim.mechanisms import records
from racketsim.mechanisms.registry import DAY
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
    place = Path(cache_folder(vars(records)))
    place.mkdir(parents=True)
    assert warm.is_cold()
    (place / "add_cells.nbi").touch()
    assert not warm.is_cold()


def test_binding_compiles_the_kernels_of_a_mechanism_without_a_run(tmp_path: Path, small_city: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", BIND, str(small_city)], env=environment, check=True)
    kept = {file.name.partition("_")[0] for file in tmp_path.glob("territory-*/**/*.nbi")}
    assert {"territory.renew", "territory.pass"} <= kept


def test_a_helper_compiles_from_the_evening_while_this_process_does_from_the_morning(
    small_city: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, bound = [], []

    class Helper:
        def __init__(self, command: list[str]) -> None:
            started.append(command[1:])

        def wait(self) -> None:
            started.append(["waited"])

    city = load_scenario(small_city)
    monkeypatch.setattr(warm, "cores", lambda: 2)
    monkeypatch.setattr("racketsim.ensembles.warm.subprocess.Popen", Helper)
    monkeypatch.setattr(warm, "bind_all", lambda scenario, order: bound.append((scenario, tuple(order))))
    warm.warm_up(city)
    assert bound == [(city, DAY)]
    assert started == [["-m", "racketsim.ensembles.warm", str(city.path)], ["waited"]]
