"""One task for each index, here and in other workers, which may be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
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


def in_both(result: Callable[[int], Any]) -> Callable[[int], Any]:
    """Return a task that takes so long that one process alone cannot be through before the other has started."""

    def task(index: int) -> Any:
        time.sleep(0.3)
        return result(index)

    return task


def test_each_index_is_done_once_here_and_elsewhere() -> None:
    found, lost = collect(in_both(lambda index: (index * index, os.getpid())), range(40))
    assert {index: result[0] for index, result in found.items()} == {n: n * n for n in range(40)}
    done_by = Counter(pid for _, pid in found.values())
    assert os.getpid() in done_by
    assert len(done_by) == 2
    assert min(done_by.values()) > 3
    assert lost == []


def test_three_workers_are_this_process_and_two_others() -> None:
    found, _ = collect(in_both(lambda _: os.getpid()), range(40), workers=3)
    assert len(set(found.values())) == 3
    assert found[0] == os.getpid()


@pytest.mark.parametrize(("workers", "tasks"), [(1, 3), (2, 1), (2, 0)])
def test_one_worker_or_one_task_needs_no_other_process(workers: int, tasks: int) -> None:
    found, _ = collect(lambda _: os.getpid(), range(tasks), workers=workers)
    assert found == dict.fromkeys(range(tasks), os.getpid())


def test_this_process_may_call_another_function_for_its_share() -> None:
    found: dict[int, str] = {}
    run_each(
        in_both(lambda _: "there"),
        range(20),
        workers=2,
        done=found.__setitem__,
        lost=lambda _: None,
        here=in_both(lambda _: "here"),
    )
    assert len(found) == 20
    assert set(found.values()) == {"here", "there"}


def test_the_others_wait_for_a_first_result_that_is_to_be_alone(tmp_path: Path) -> None:
    def task(index: int) -> tuple[float, float]:
        begun = time.time()
        time.sleep(0.5)
        return begun, time.time()

    found: dict[int, tuple[float, float]] = {}
    run_each(task, range(6), workers=2, done=found.__setitem__, lost=lambda _: None, first_alone=True)
    first_ended = found.pop(0)[1]
    assert len(found) == 5
    assert all(begun >= first_ended for begun, _ in found.values())


def test_results_are_told_in_the_thread_that_asked(tmp_path: Path) -> None:
    told_in = set()
    run_each(
        in_both(lambda index: index),
        range(12),
        workers=2,
        done=lambda *_: told_in.add(threading.get_ident()),
        lost=lambda _: None,
    )
    assert told_in == {threading.get_ident()}


def test_another_worker_has_one_thread_for_compiled_kernels() -> None:
    here = os.getpid()
    found, _ = collect(in_both(lambda _: (os.getpid(), os.environ.get("NUMBA_NUM_THREADS"))), range(20))
    assert {threads for pid, threads in found.values() if pid != here} == {"1"}


def test_a_killed_worker_loses_one_task_which_is_done_again_and_not_by_the_parent(tmp_path: Path) -> None:
    here = os.getpid()

    def killed_once(index: int) -> int:
        mark = tmp_path / "killed"
        time.sleep(0.3)
        if os.getpid() != here and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        with (tmp_path / f"done-{index}").open("a") as file:
            file.write("x" if os.getpid() == here else "y")
        return index

    found, lost = collect(killed_once, range(20))
    assert sorted(found) == list(range(20))
    assert lost == [1]
    done = [file.read_text() for file in tmp_path.glob("done-*")]
    assert len(done) == 20
    assert set(done) == {"x", "y"}  # nothing twice


def test_workers_that_are_killed_again_and_again_are_given_up() -> None:
    here = os.getpid()

    def fatal(index: int) -> int:
        time.sleep(0.1)
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return index

    found: dict[int, int] = {}
    lost: list[int] = []
    with pytest.raises(WorkersLostError, match="out of memory"):
        run_each(fatal, range(100), workers=2, done=found.__setitem__, lost=lost.append)
    assert lost == [1] * MOST_LOSSES
    assert 0 in found
    assert len(found) < 100


@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_what_a_task_raises_comes_through(where: str) -> None:
    here = os.getpid()

    def broken(index: int) -> int:
        time.sleep(0.3)
        if (os.getpid() == here) == (where == "here"):
            raise OSError(28, "No space left on device", f"/full/{index}")
        return index

    with pytest.raises(OSError, match="No space left on device"):
        collect(broken, range(40))


def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        "import os, pathlib, sys, time\n"
        "from racketsim.ensembles.processes import run_each\n"
        "def task(index):\n"
        "    if os.getpid() != here:\n"
        "        pathlib.Path(sys.argv[1], f'{os.getpid()}.pid').touch()\n"
        "    time.sleep(60)\n"
        "here = os.getpid()\n"
        "run_each(task, [0, 1, 2], workers=3, done=print, lost=print)\n"
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
