"""The front door: what `import racketsim` offers and what it costs."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import racketsim

HEAVY = {"numba", "llvmlite", "pyarrow", "xarray", "pandas", "matplotlib", "pydantic", "h5netcdf", "rich", "typer"}


def in_a_fresh_process(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def test_import_loads_nothing_heavy() -> None:
    loaded = json.loads(in_a_fresh_process("import json, sys, racketsim; print(json.dumps(list(sys.modules)))"))
    assert not HEAVY & {name.partition(".")[0] for name in loaded}


def test_import_takes_less_than_three_tenths_of_a_second() -> None:
    code = "import time; t = time.perf_counter(); import racketsim; print(time.perf_counter() - t)"
    assert min(float(in_a_fresh_process(code)) for _ in range(3)) < 0.3


def test_names_are_few_and_each_can_be_had() -> None:
    assert len(racketsim.__all__) <= 25
    assert sorted(racketsim.__all__) == list(racketsim.__all__) == dir(racketsim)
    for name in racketsim.__all__:
        assert getattr(racketsim, name) is not None


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Simulation'"):
        racketsim.Simulation  # noqa: B018
