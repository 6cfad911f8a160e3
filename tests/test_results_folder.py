"""The run directory: whole or not at all, resumable, never on top of what is not a run of racketsim."""

from __future__ import annotations

import errno
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from racketsim.errors import InputError
from racketsim.results import folder, whole
from racketsim.results.findings import Findings
from racketsim.results.folder import Unfinished, finish, open_run, start, write_replicate
from racketsim.results.manifest import RunPlan
from racketsim.results.provenance import file_digest
from tests import synthetic_results as synthetic

SMALL = synthetic.scenario()
PLAN = RunPlan(SMALL, seed=1, command="racketsim run three-districts --seed 1")
SIMS = [synthetic.sim(SMALL, seed, demands=60) for seed in (1, 2, 3)]


def begun(out: Path, plan: RunPlan = PLAN, replicates: int = 2) -> Unfinished:
    run = start(out, plan)
    for index in run.missing(replicates):
        write_replicate(run.path, index, SIMS[index], run.keeps_tables(index))
    return run


def test_run_directory_holds_everything_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    out = finish(begun(tmp_path / "run"), planned=2, seconds=3.0)
    names = {path.name for path in out.iterdir()}
    assert names == {
        "manifest.json", "summary.json", "series.nc", "events.parquet", "claims.parquet", "report.html", "replicates",
    }  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_summary_has_the_fields_that_scripts_read(tmp_path: Path) -> None:
    out = finish(begun(tmp_path / "run"), planned=2, report=False)
    found = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert found["scenario"] == "three-districts"
    assert (found["seed"], found["replicates"]) == (1, 2)
    assert found["period"] == {"start": "2018-01-01", "end": "2023-12-31", "months": 72}
    assert found["timing"]["target_days_per_second"] == 2.2e9
    assert found["version"]
    row = next(row for row in found["headline"] if row["id"] == "lima-jan-aug-ratio")
    assert set(row) == {"id", "name", "unit", "simulated", "recorded", "source"}
    assert set(row["simulated"]) == {"median", "low", "high"}
    assert found["totals"]["paid"]["unit"] == "PEN"
    assert found["totals"]["emergency_person_days"]["median"] > 0


def test_manifest_names_inputs_versions_and_the_digests_of_files(tmp_path: Path) -> None:
    out = finish(begun(tmp_path / "run"), planned=2, report=False)
    found = open_run(out).manifest
    assert found["scenario"]["sha256"] == SMALL.digest
    assert found["command"] == PLAN.command
    assert {"python", "numpy", "numba", "platform"} <= set(found["environment"])
    rate = found["parameters"]["parameters.demand.rate_per_member"]
    assert rate["value"] == 0.12
    assert rate["prior"]["distribution"] == "lognormal"
    assert found["files"]["series.nc"]["sha256"] == file_digest(out / "series.nc")
    assert found["events_kept"] == "replicate 0 only"
    emergency = next(policy for policy in found["policies"] if policy["kind"] == "state_of_emergency")
    assert emergency["districts"] == [SMALL.districts.name[0]]
    assert emergency["start"] == "2023-09-20"


def test_results_do_not_depend_on_the_order_in_which_replicates_end(tmp_path: Path) -> None:
    first = finish(begun(tmp_path / "a", replicates=3), planned=3, report=False)
    run = start(tmp_path / "b", PLAN)
    for index in (2, 0, 1):
        write_replicate(run.path, index, SIMS[index], run.keeps_tables(index))
    second = finish(run, planned=3, report=False)
    for name in ("series.nc", "events.parquet", "claims.parquet"):
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_interrupted_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    begun(tmp_path / "run", replicates=2)
    again = start(tmp_path / "run", PLAN)
    assert again.missing(3) == [2]
    assert not (tmp_path / "run").exists()


def test_unfinished_file_of_a_killed_worker_does_not_count(tmp_path: Path) -> None:
    run = begun(tmp_path / "run", replicates=1)
    (run.path / "replicates" / ".0001.npz.123.part").write_bytes(b"half")
    assert run.missing(2) == [1]


def test_another_seed_or_override_does_not_take_over_what_is_unfinished(tmp_path: Path) -> None:
    begun(tmp_path / "run", replicates=1)
    for other in (
        RunPlan(SMALL, seed=2, command=""),
        RunPlan(replace(SMALL, overrides={"parameters.demand.rate_per_member": 0.2}), seed=1, command=""),
        RunPlan(SMALL, seed=1, command="", events="all"),
    ):
        assert start(tmp_path / "run", other).missing(1) == [0]


def test_finishing_early_says_so_and_keeps_what_is_needed_to_go_on(tmp_path: Path) -> None:
    run = begun(tmp_path / "run", replicates=2)
    out = finish(run, planned=3, report=False)
    assert open_run(out).manifest["replicates_planned"] == 3
    again = start(tmp_path / "run", PLAN)
    assert again.missing(3) == [2]
    write_replicate(again.path, 2, SIMS[2])
    assert len(open_run(finish(again, planned=3, report=False)).replicates) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_events_of_all_replicates_are_kept_on_request(tmp_path: Path) -> None:
    plan = RunPlan(SMALL, seed=1, command="", events="all")
    out = finish(begun(tmp_path / "run", plan), planned=2, report=False)
    assert set(pq.read_table(out / "events.parquet")["replicate"].to_pylist()) == {0, 1}
    first = finish(begun(tmp_path / "first"), planned=2, report=False)
    assert "replicate" not in pq.read_table(first / "events.parquet").column_names
    for table, columns in (("events", SIMS[0].log), ("claims", SIMS[0].claims)):
        for place in (out, first):
            for name, values in open_run(place).columns(table, SMALL).items():  # type: ignore[arg-type]
                np.testing.assert_array_equal(values, columns[name], err_msg=name)


def test_finished_run_is_replaced_and_anything_else_is_left_alone(tmp_path: Path) -> None:
    for _ in range(2):
        finish(begun(tmp_path / "run", replicates=1), planned=1, report=False)
    thesis = tmp_path / "thesis"
    thesis.mkdir()
    (thesis / "chapter.txt").write_text("years of work")
    with pytest.raises(InputError, match="not a finished run"):
        start(thesis, PLAN)
    with pytest.raises(InputError, match="is a file"):
        start(thesis / "chapter.txt", PLAN)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run", "thesis"]


def test_place_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        start(tmp_path / "file" / "run", PLAN)


@pytest.mark.parametrize("stage", ["write_series", "write_text", "replace_folder"])
def test_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str) -> None:
    def full(*_args: Any, **_kwargs: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    run = begun(tmp_path / "run", replicates=1)
    owner = "racketsim.results.series.write_series" if stage == "write_series" else f"racketsim.results.folder.{stage}"
    monkeypatch.setattr(owner, full)
    with pytest.raises(InputError, match="No space left on device"):
        finish(run, planned=1, report=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "raised", [ValueError("no such style"), OSError(errno.EIO, "Input/output error"), SystemExit(1)]
)
def test_what_is_told_the_findings_may_fail_and_the_run_stands_all_the_same(
    tmp_path: Path, raised: BaseException
) -> None:
    def fail(_: Findings) -> None:
        assert not (tmp_path / "run").exists()
        raise raised

    with pytest.raises(type(raised)) as through:
        finish(begun(tmp_path / "run", replicates=1), planned=1, report=False, found=fail)
    assert through.value is raised
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert len(open_run(tmp_path / "run").replicates) == 1


def test_full_disk_keeps_the_finished_replicates_of_an_ensemble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    run = begun(tmp_path / "run", replicates=2)
    monkeypatch.setattr(folder, "replace_folder", full)
    with pytest.raises(InputError, match="No space left"):
        finish(run, planned=2, report=False)
    assert [path.name for path in tmp_path.iterdir()] == [run.path.name]
    assert start(tmp_path / "run", PLAN).missing(2) == []


def test_full_disk_while_a_replicate_is_written_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = start(tmp_path / "run", PLAN)

    def full(*_args: Any, **_kwargs: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("numpy.savez_compressed", full)
    with pytest.raises(InputError, match="No space left"):
        write_replicate(run.path, 0, SIMS[0])
    assert list((run.path / "replicates").iterdir()) == []
    run.tidy()
    assert list(tmp_path.iterdir()) == []


def test_run_that_failed_to_replace_an_older_one_leaves_the_older_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = finish(begun(tmp_path / "run", replicates=1), planned=1, report=False)
    before = (old / "summary.json").read_bytes()
    real, calls = Path.replace, 0

    def second_rename_fails(self: Path, target: Path) -> Path:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise OSError(errno.EIO, "Input/output error")
        return real(self, target)

    made = tmp_path / "made"
    made.mkdir()
    monkeypatch.setattr(Path, "replace", second_rename_fails)
    with pytest.raises(InputError, match="Input/output error"):
        whole.replace_folder(made, old)
    assert (old / "summary.json").read_bytes() == before


def test_opening_what_is_not_a_run_points_to_what_is_unfinished(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no manifest\.json"):
        open_run(tmp_path / "nowhere")
    run = begun(tmp_path / "run", replicates=1)
    with pytest.raises(InputError, match=run.path.name):
        open_run(tmp_path / "run")
