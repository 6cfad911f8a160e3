"""Bound kernels: what is bound once is what a direct call would pass."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from racketsim.engine.bound import LATE, bind
from racketsim.engine.kernel import kernel


@kernel
def _weigh(seed: Any, day: Any, table: Any, row: Any, pair: Any, factor: Any, out: Any) -> Any:
    """Write to `out` and return what depends on every argument."""
    if day < 0:
        raise OverflowError("the day is too early")
    share, most = pair
    for n in range(out.size):
        out[n] += table[n, 1] * factor + row[n] * share + day
    return np.float64(seed >> np.uint64(60)) + most


def _arguments() -> list[Any]:
    table = np.arange(12.0).reshape(4, 3)
    every_other = np.arange(8, dtype=np.int32)[::2]
    every_other.flags.writeable = False
    return [np.uint64(2**63 + 7), LATE, table, every_other, (0.5, 3), np.float64(2.0)]


@pytest.mark.parametrize("day", [0, 5, 2**40])
def test_a_bound_kernel_does_what_a_direct_call_does(day: int) -> None:
    direct, bound = np.zeros(4), np.zeros(4)
    arguments = [day if argument is LATE else argument for argument in [*_arguments(), direct]]
    expected = _weigh(*arguments)
    assert bind(_weigh, *_arguments(), bound)(day) == expected
    np.testing.assert_array_equal(bound, direct)
    assert bound.any()


def test_a_bound_kernel_sees_what_is_written_to_its_arrays_later() -> None:
    out = np.zeros(4)
    table = np.zeros((4, 3))
    call = bind(_weigh, np.uint64(1), LATE, table, np.zeros(4), (0.0, 0), 1.0, out)
    table[:, 1] = 7.0
    call(0)
    np.testing.assert_array_equal(out, 7.0)


def test_a_bound_kernel_keeps_its_arrays_alive() -> None:
    def made() -> Any:
        return bind(_weigh, np.uint64(1), LATE, np.full((4, 3), 3.0), np.zeros(4), (0.0, 0), 1.0, out)

    out = np.zeros(4)
    call = made()
    np.full((1000, 3), 9.0)
    call(0)
    np.testing.assert_array_equal(out, 3.0)


def test_errors_of_a_bound_kernel_come_through() -> None:
    with pytest.raises(OverflowError, match="too early"):
        bind(_weigh, *_arguments(), np.zeros(4))(-1)


@pytest.mark.parametrize("argument", ["text", True, None, [1, 2]])
def test_what_cannot_be_bound_is_refused(argument: Any) -> None:
    with pytest.raises(TypeError, match="cannot bind"):
        bind(_weigh, np.uint64(1), LATE, np.zeros((4, 3)), np.zeros(4), (0.0, 0), argument, np.zeros(4))


LATER = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np
from racketsim.engine.bound import LATE, bind
from adding import add
out = np.zeros(3)
bind(add, LATE, np.arange(3.0), out)(5)
print(out.tolist())
"""
ADDING = """
from racketsim.engine.kernel import kernel
@kernel
def add(day, row, out):
    for n in range(out.size):
        out[n] += row[n] + day
"""


@pytest.mark.parametrize("damage", [None, b"", b"no code at all"], ids=["whole", "empty", "damaged"])
def test_a_later_process_loads_what_was_bound_before(tmp_path: Path, damage: bytes | None) -> None:
    (tmp_path / "adding.py").write_text(ADDING, encoding="utf-8")
    kept = tmp_path / "kept"

    def later() -> tuple[str, dict[Path, int]]:
        command = [sys.executable, "-c", LATER, str(tmp_path)]
        environment = {**os.environ, "NUMBA_CACHE_DIR": str(kept)}
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
        return done.stdout, {file: file.stat().st_mtime_ns for file in kept.rglob("*.*") if file.is_file()}

    first, made = later()
    (code,) = [file for file in made if file.suffix == ".code"]
    whole = code.read_bytes()
    if damage is not None:
        code.write_bytes(damage)
    second, left = later()
    assert first == second == "[5.0, 6.0, 7.0]\n"
    assert code.read_bytes() == whole
    if damage is None:
        assert left == made


def test_code_that_is_kept_is_that_of_the_file_where_it_is_now(tmp_path: Path) -> None:
    for place in ("here", "there"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "adding.py").write_text(ADDING, encoding="utf-8")
        environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "kept")}
        command = [sys.executable, "-c", LATER, str(tmp_path / place)]
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
        assert done.stdout == "[5.0, 6.0, 7.0]\n"
        (tmp_path / place / "adding.py").unlink()
