"""One task for each index, over workers that may be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from racketsim.ensembles.processes import MOST_LOSSES, cores, run_each
from racketsim.errors import WorkersLostError


def collect(task, indices, workers: int = 2) -> tuple[dict[int, Any], list[int]]:
    found: dict[int, Any] = {}
    lost: list[int] = []
    run_each(task, indices, workers=workers, done=found.__setitem__, lost=lost.append)
    return found, lost


def test_each_index_is_done_once_and_elsewhere() -> None:
    found, lost = collect(lambda index: (index * index, os.getpid()), range(7))
    assert {index: result[0] for index, result in found.items()} == {n: n * n for n in range(7)}
    assert os.getpid() not in {result[1] for result in found.values()}
    assert lost == []


def test_a_worker_has_one_thread_for_compiled_kernels() -> None:
    found, _ = collect(lambda _: os.environ["NUMBA_NUM_THREADS"], [0, 1])
    assert set(found.values()) == {"1"}


def test_a_killed_worker_loses_one_task_which_is_done_again(tmp_path: Path) -> None:
    def killed_once(index: int) -> int:
        mark = tmp_path / "killed"
        if index == 2 and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        with (tmp_path / f"done-{index}").open("a") as file:
            file.write("x")
        return index

    found, lost = collect(killed_once, range(6))
    assert sorted(found) == list(range(6))
    assert lost == [1]


def test_workers_that_are_killed_again_and_again_are_given_up() -> None:
    def fatal(index: int) -> int:
        if index == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return index

    found: dict[int, int] = {}
    lost: list[int] = []
    with pytest.raises(WorkersLostError, match="out of memory"):
        run_each(fatal, range(3), workers=1, done=found.__setitem__, lost=lost.append)
    assert len(lost) == MOST_LOSSES
    assert 1 not in found


def test_what_a_task_raises_comes_through() -> None:
    def broken(index: int) -> int:
        raise OSError(28, "No space left on device", f"/full/{index}")

    with pytest.raises(OSError, match="No space left on device"):
        collect(broken, [0, 1])


def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        "import os, pathlib, sys, time\n"
        "from racketsim.ensembles.processes import run_each\n"
        "def task(index):\n"
        "    pathlib.Path(sys.argv[1], f'{os.getpid()}.pid').touch()\n"
        "    time.sleep(60)\n"
        "run_each(task, [0, 1], workers=2, done=print, lost=print)\n"
    )
    with subprocess.Popen([sys.executable, script, tmp_path], stderr=subprocess.DEVNULL) as parent:
        workers = wait_for(lambda: [int(file.stem) for file in tmp_path.glob("*.pid")], 2)
        parent.kill()
    assert wait_for(lambda: [pid for pid in workers if not alive(pid)], 2)


def wait_for(look, number: int, seconds: float = 30.0) -> list[int]:
    until = time.monotonic() + seconds
    while len(found := look()) < number:
        assert time.monotonic() < until, f"waited {seconds} s for {number}, found {found}"
        time.sleep(0.05)
    return list(found)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_cores_are_counted() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)
