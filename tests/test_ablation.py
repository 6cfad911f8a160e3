"""Ablation: paired runs with and without each element, the same for any number of workers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from racketsim import InputError, Sim
from racketsim.elements import switchable
from racketsim.ensembles.ablate import NOTHING, OUTCOMES, Ablation, ablate, cell, markdown_table, read_changes
from tests.command_line import CommandLine

UNTIL = "2022-12-31"
OFF = ("A12", "A26")


@pytest.fixture(scope="module")
def found(small_city: Path) -> Ablation:
    return ablate(small_city, OFF, seed=4, replicates=3, until=UNTIL, workers=1)


def test_outcomes_are_those_of_single_runs(found: Ablation, small_city: Path) -> None:
    assert found.totals.shape == (3, 3, len(OUTCOMES))
    for place, off in enumerate(((), ("A12",), ("A26",))):
        records = Sim(small_city, seed=6, without=off).run(until=UNTIL).records
        assert found.totals[place, 2].tolist() == [outcome.compute(records) for outcome in OUTCOMES.values()]


def test_workers_do_not_matter(found: Ablation, small_city: Path) -> None:
    other = ablate(small_city, OFF, seed=4, replicates=3, until=UNTIL, workers=2)
    assert np.array_equal(found.totals, other.totals)


def test_changes_are_taken_pair_by_pair(found: Ablation) -> None:
    rows = {(row.element, row.outcome): row for row in found.summary()}
    assert len(rows) == len(OFF) * len(OUTCOMES)
    incidents = rows["A12", "incidents"]
    assert incidents.change.median == -incidents.baseline.median
    assert incidents.relative is not None
    assert incidents.relative.low == incidents.relative.high == -1.0
    cases = list(OUTCOMES).index("cases")
    held, without_press = found.totals[0, :, cases], found.totals[1 + OFF.index("A26"), :, cases]
    press = rows["A26", "cases"].change
    pairs = np.percentile(without_press - held, (5, 50, 95))  # of the differences, not the difference of medians
    assert (press.low, press.median, press.high) == pytest.approx(tuple(pairs))
    assert press.high - press.low < np.ptp(held)  # what both members of a pair share cancels


def test_the_markdown_tables_have_a_line_for_each_outcome_and_each_element(found: Ablation) -> None:
    lines = markdown_table(found.summary())
    assert markdown_table(read_changes(found.as_dict()["changes"])) == lines
    gap = lines.index("")
    assert gap == 2 + len(OUTCOMES)
    assert len(lines) == gap + 3 + len(OFF)
    assert {line.count("|") for line in lines[:gap]} == {3}
    assert {line.count("|") for line in lines[gap + 1 :]} == {4}
    assert "incidents -100.0% (-100.0 to -100.0)" in lines[-2]
    assert lines[-1].startswith("| A26 |")


def test_the_table_names_the_outcomes_that_nearly_all_pairs_move_one_way(found: Ablation) -> None:
    for row in found.summary():
        shown = any(
            line.startswith(f"| {row.element} |") and f"{row.label} {cell(row)}" in line
            for line in markdown_table(found.summary())
        )
        assert shown == (min(abs(row.change.low), abs(row.change.high)) > 0 and row.change.low * row.change.high > 0)
    silent = [row._replace(change=replace(row.change, low=-1.0, high=1.0)) for row in found.summary()]
    assert all(line.endswith(f"| {NOTHING} |") for line in markdown_table(silent)[-len(OFF) :])


def test_the_command_prints_a_table_markdown_or_json(racketsim: CommandLine, small_city: Path) -> None:
    arguments = ("ablate", small_city, "-n", "2", "--until", "2022-03-31", "--workers", "1", "--without", "A12")
    printed = racketsim(*arguments)
    assert printed.code == 0, printed.err
    assert "A12" in printed.out
    lines = racketsim(*arguments, "--markdown").out.splitlines()
    assert lines[0].startswith("| outcome, everything on |")
    answer = json.loads(racketsim(*arguments, "--json").out)
    assert {row["element"] for row in answer["changes"]} == {"A12"}
    assert answer["replicates"] == 2


def test_every_switch_is_tried_where_none_is_named(small_city: Path) -> None:
    assert ablate(small_city, replicates=1, until="2022-01-10", workers=1).elements == tuple(switchable())


def test_what_cannot_be_left_out_is_refused(small_city: Path) -> None:
    with pytest.raises(InputError, match="cannot be switched off"):
        ablate(small_city, ("A16",), replicates=1)
    with pytest.raises(InputError, match="out of range"):
        ablate(small_city, ("A12",), replicates=0)
