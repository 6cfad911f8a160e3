"""The same bits on full Lima: threads, save and continue, fork, an idle policy, workers.

For some months, and for threads and for save and continue to the end of the record too: entrants, remote operators and
policies come late.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from racketsim import Sim, run_replicates
from racketsim.policies import MegaOperation
from tests.same_bits import assert_same

pytestmark = pytest.mark.slow
MIDDLE, END = "2018-02-10", "2018-04-30"
LATE, LAST = "2022-11-15", "2023-11-30"


@pytest.fixture(scope="module")
def through() -> Sim:
    return Sim("lima-2023", seed=3).run(until=END)


def test_two_threads_and_one_give_the_same_bits(through: Sim) -> None:
    assert_same(Sim("lima-2023", seed=3, threads=2).run(until=END), through)


def test_saved_loaded_and_continued_is_run_through(tmp_path: Path, through: Sim) -> None:
    file = Sim("lima-2023", seed=3).run(until=MIDDLE).save(tmp_path / "lima.npz")
    assert_same(Sim.load(file, threads=2).run(until=END), through)


def test_a_fork_with_an_idle_policy_is_run_through(through: Sim) -> None:
    nobody = MegaOperation(districts=("Comas", "San Juan de Lurigancho"), officers=0, start="2018-02-15")
    assert_same(Sim("lima-2023", seed=3).run(until=MIDDLE).fork([nobody]).run(until=END), through)


def test_one_worker_and_two_write_the_same_bytes(tmp_path: Path) -> None:
    made = [
        run_replicates(
            "lima-2023",
            seed=3,
            replicates=2,
            until=MIDDLE,
            workers=workers,
            events="all",
            report=False,
            out=tmp_path / str(workers),
        )
        for workers in (1, 2)
    ]
    for name in ("events.parquet", "series.nc"):
        assert len({(run.path / name).read_bytes() for run in made}) == 1, name


@pytest.fixture(scope="module")
def whole() -> Sim:
    return Sim("lima-2023", seed=5).run(until=LAST)


def test_two_threads_and_one_give_the_same_bits_to_the_end_of_the_record(whole: Sim) -> None:
    assert_same(Sim("lima-2023", seed=5, threads=2).run(until=LAST), whole)


def test_saved_loaded_and_continued_is_run_through_to_the_end_of_the_record(tmp_path: Path, whole: Sim) -> None:
    """Saved in the week after a leader was captured."""
    file = Sim("lima-2023", seed=5).run(until=LATE).save(tmp_path / "lima.npz")
    assert_same(Sim.load(file).run(until=LAST), whole)
