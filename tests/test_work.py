"""The main job does no more work than the committed baseline allows, counted and not timed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import guard, work
from tests.wasteful import with_twice_the_work

UNTIL = "2022-03-31"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Instrumented machine code, compiled once for all tests here."""
    return tmp_path_factory.mktemp("instrumented")


def job(city: Path) -> dict[str, Any]:
    """A quarter of a year in a city."""
    return {"scenario": str(city), "seed": 1, "until": UNTIL}


@pytest.fixture(scope="module")
def small(cache: Path, small_city: Path) -> dict[str, int]:
    """The work of a quarter of a year in the small city."""
    return work.counted(work.of_a_run, cache, **job(small_city))


@pytest.fixture(scope="module")
def main_job(cache: Path) -> dict[str, int]:
    """The work of one replicate of full Lima."""
    return guard.count(cache)


@pytest.mark.slow
def test_the_main_job_does_not_do_a_quarter_more_work_than_the_baseline(main_job: dict[str, int]) -> None:
    baseline = guard.read_baseline()
    grown = guard.excess(baseline, main_job)
    print("\n", *(f"{name}: {main_job[name] / baseline[name]:.3f} of the baseline;" for name in guard.GUARDED))
    assert not grown, guard.message(grown)


@pytest.mark.slow
def test_the_main_job_does_not_do_a_quarter_more_work_than_when_its_speed_was_measured(
    main_job: dict[str, int],
) -> None:
    passed = guard.excess(guard.read_ceiling(), main_job)
    assert not passed, guard.message_of_ceiling(passed)


def test_counts_are_the_same_every_time(small: dict[str, int], cache: Path, small_city: Path) -> None:
    again = work.counted(work.of_a_run, cache, **job(small_city))
    assert again.pop("instructions") == pytest.approx(small["instructions"], rel=1e-3)
    assert again == {name: count for name, count in small.items() if name != "instructions"}


def test_twice_the_work_fails(small: dict[str, int], cache: Path, small_city: Path) -> None:
    spoilt = work.counted(with_twice_the_work, cache, **job(small_city))
    assert spoilt["events"] == small["events"]
    told = guard.message(guard.excess(small, spoilt))
    for name in ("instructions", "touches", "python calls"):
        assert f"{name}: " in told
    assert "events" not in told


def test_a_failure_says_how_the_baseline_is_refreshed() -> None:
    baseline = dict.fromkeys(guard.GUARDED, 100)
    assert guard.excess(baseline, dict.fromkeys(guard.GUARDED, 125)) == []
    grown = guard.excess(baseline, {**baseline, "events": 126})
    assert grown == ["events: 126 against 100 (+26%)"]
    assert "python -m benchmarks guard --refresh" in guard.message(grown)


def test_small_steps_that_the_baseline_follows_are_caught_by_the_ceiling_which_no_refresh_moves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "baseline.json"
    kept.write_text(guard.BASELINE.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(guard, "BASELINE", kept)
    ceiling = guard.read_ceiling()
    found = dict(ceiling)
    for _ in range(3):
        found = {name: count * 11 // 10 for name, count in found.items()}
        guard.write_baseline(found, {})
        assert guard.excess(guard.read_baseline(), found) == []
    assert guard.read_ceiling() == ceiling
    passed = guard.excess(ceiling, found)
    assert [line.split(":")[0] for line in passed] == list(guard.GUARDED)
    told = guard.message_of_ceiling(passed)
    kept = json.loads(guard.BASELINE.read_text(encoding="utf-8"))["ceiling"]
    measured = f"on {kept['date']}, when {kept['billion target-days/s']:.2f} billion target-days/s"
    for part in (measured, "--refresh does not move", "make bench PARTS=lima"):
        assert part in told


def test_the_baseline_is_that_of_the_main_job() -> None:
    kept = json.loads(guard.BASELINE.read_text(encoding="utf-8"))
    assert kept["job"] == guard.JOB
    assert min(kept["ceiling"]["work"][name] for name in guard.GUARDED) > 0
    assert min(kept["work"][name] for name in guard.GUARDED) > 0


def test_every_block_of_a_function_is_counted_once() -> None:
    code = (
        "define i64 @f(i64 %n) {\n"
        "entry:\n  %a = load i64, ptr %p\n  br label %loop\n"
        "loop:\n  %i = phi i64 [ 0, %entry ], [ %next, %loop ]\n  %next = add i64 %i, 1\n"
        "  store i64 %next, ptr %p\n  %done = icmp eq i64 %next, %n\n  br i1 %done, label %out, label %loop\n"
        "out:\n  ret i64 %a\n}\n"
    )
    added = [line.split(", ")[-1] for line in work.instrumented(code).splitlines() if "add i64 %racketsim" in line]
    assert added == ["2", "1", "4", "1", "1"]
