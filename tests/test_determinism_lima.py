"""The same bits on full Lima, for a short period: threads, save and continue, fork, an idle policy, workers."""

from __future__ import annotations

from pathlib import Path

import pytest

from racketsim import Sim, run_replicates
from racketsim.policies import MegaOperation
from tests.same_bits import assert_same

pytestmark = pytest.mark.slow
MIDDLE, END = "2018-02-10", "2018-04-30"


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
