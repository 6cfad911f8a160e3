"""One task for each index, here and in other workers, which may be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from loky import ProcessPoolExecutor

from racketsim.ensembles.processes import MOST_LOSSES, cores, run_each
from racketsim.errors import WorkersLostError


def collect(task, indices, workers: int = 2) -> tuple[dict[int, Any], list[int]]:
    found: dict[int, Any] = {}
    lost: list[int] = []
    run_each(task, indices, workers=workers, done=found.__setitem__, lost=lost.append)
    return found, lost


def met(folder: Path, index: int, processes: int = 2) -> int:
    """Return `index` once so many processes have come to a task, and not before: then all of them take part."""
    (folder / f"{os.getpid()}.pid").touch()
    wait_for(lambda: list(folder.glob("*.pid")), processes, seconds=100.0)
    return index


def test_each_index_is_done_once_here_and_elsewhere(tmp_path: Path) -> None:
    found, lost = collect(lambda index: (met(tmp_path, index) ** 2, os.getpid()), range(12))
    assert {index: result[0] for index, result in found.items()} == {n: n * n for n in range(12)}
    done_by = {pid for _, pid in found.values()}
    assert os.getpid() in done_by
    assert len(done_by) == 2
    assert lost == []


def test_three_workers_are_this_process_and_two_others(tmp_path: Path) -> None:
    found, _ = collect(lambda index: (met(tmp_path, index, 3), os.getpid()), range(12), workers=3)
    assert len({pid for _, pid in found.values()}) == 3
    assert found[0][1] == os.getpid()


@pytest.mark.parametrize(("workers", "tasks"), [(1, 3), (2, 1), (2, 0)])
def test_one_worker_or_one_task_needs_no_other_process(workers: int, tasks: int) -> None:
    found, _ = collect(lambda _: os.getpid(), range(tasks), workers=workers)
    assert found == dict.fromkeys(range(tasks), os.getpid())


def test_tasks_are_told_more_in_this_process(tmp_path: Path) -> None:
    def task(index: int, place: str = "elsewhere") -> tuple[str, int]:
        met(tmp_path, index)
        return place, os.getpid()

    found: dict[int, tuple[str, int]] = {}
    run_each(task, range(12), workers=2, done=found.__setitem__, lost=lambda _: None, here={"place": "here"})
    assert len(found) == 12
    assert {place for place, _ in found.values()} == {"here", "elsewhere"}
    assert all((place == "here") == (pid == os.getpid()) for place, pid in found.values())


@pytest.mark.parametrize("workers", [1, 2])
def test_what_a_task_leaves_in_itself_is_not_there_for_the_next(tmp_path: Path, workers: int) -> None:
    class Counting:
        def __init__(self) -> None:
            self.calls = 0

        def __call__(self, index: int) -> int:
            self.calls += met(tmp_path, 1, workers)
            return self.calls

    counting = Counting()
    found, _ = collect(counting, range(8), workers=workers)
    assert found == dict.fromkeys(range(8), 1)
    assert counting.calls == 0


def test_the_others_wait_for_a_first_result_that_is_to_be_alone() -> None:
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
    told_in, done_by = set(), set()

    def done(_: int, pid: int) -> None:
        told_in.add(threading.get_ident())
        done_by.add(pid)

    run_each(lambda _: met(tmp_path, os.getpid()), range(12), workers=2, done=done, lost=lambda _: None)
    assert len(done_by) == 2
    assert told_in == {threading.get_ident()}


def test_another_worker_has_one_thread_for_compiled_kernels(tmp_path: Path) -> None:
    found, _ = collect(lambda _: (met(tmp_path, os.getpid()), os.environ.get("NUMBA_NUM_THREADS")), range(12))
    assert {threads for pid, threads in found.values() if pid != os.getpid()} == {"1"}


def test_another_worker_is_not_replaced_because_it_has_grown_by_what_a_replicate_takes(tmp_path: Path) -> None:
    def task(_: int) -> tuple[int, int]:
        from loky import process_executor

        return met(tmp_path, os.getpid()), process_executor._MAX_MEMORY_LEAK_SIZE

    found = dict(collect(task, range(12))[0].values())
    del found[os.getpid()]
    assert min(found.values()) > 1e12


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone is told whom to end first")
def test_another_worker_is_ended_before_this_process_where_memory_runs_out(tmp_path: Path) -> None:
    def task(_: int) -> tuple[int, int]:
        return met(tmp_path, os.getpid()), int(Path("/proc/self/oom_score_adj").read_text())

    found = dict(collect(task, range(12))[0].values())
    here = found.pop(os.getpid())
    assert [there > here for there in found.values()] == [True]


def test_a_killed_worker_loses_one_task_which_is_done_again_and_not_by_the_parent(tmp_path: Path) -> None:
    here = os.getpid()

    def killed_once(index: int) -> int:
        met(tmp_path, index)
        mark = tmp_path / "killed"
        if os.getpid() != here and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        with (tmp_path / f"done-{index}").open("a") as file:
            file.write("x" if os.getpid() == here else "y")
        time.sleep(0.1)
        return index

    found, lost = collect(killed_once, range(60))
    assert sorted(found) == list(range(60))
    assert lost == [1]
    done = [file.read_text() for file in tmp_path.glob("done-*")]
    assert len(done) == 60
    assert set(done) == {"x", "y"}  # nothing twice


def test_workers_that_are_killed_again_and_again_are_given_up(tmp_path: Path) -> None:
    here = os.getpid()

    def fatal(index: int) -> int:
        met(tmp_path, index)
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.01)
        return index

    found: dict[int, int] = {}
    lost: list[int] = []
    with pytest.raises(WorkersLostError, match="out of memory"):
        run_each(fatal, range(2000), workers=2, done=found.__setitem__, lost=lost.append)
    assert lost == [1] * MOST_LOSSES
    assert 0 in found
    assert len(found) < 2000


@pytest.mark.parametrize("submitted", [0, 1, 3])
@pytest.mark.parametrize("error", [RuntimeError("can't start new thread"), OSError(11, "Resource unavailable")])
def test_a_task_that_cannot_be_handed_over_is_an_error_and_no_endless_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, submitted: int, error: Exception
) -> None:
    submit, count = ProcessPoolExecutor.submit, iter(range(10_000))

    def failing(pool: Any, *task: Any) -> Any:
        if next(count) == submitted:
            raise error
        return submit(pool, *task)

    monkeypatch.setattr(ProcessPoolExecutor, "submit", failing)
    with pytest.raises(type(error), match=str(error.args[-1])):
        collect(lambda index: time.sleep(0.05 * (met(tmp_path, index, min(submitted, 1) + 1) > 0)), range(100))


@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_what_a_task_raises_comes_through(where: str, tmp_path: Path) -> None:
    here = os.getpid()

    def broken(index: int) -> int:
        met(tmp_path, index)
        time.sleep(0.1)
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


def wait_for(look, number: int, seconds: float = 30.0) -> list[Any]:
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
