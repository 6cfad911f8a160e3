"""What simulations, runs, comparisons and their rows look like at the prompt."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from rich.console import Console

import racketsim.cli.compare as cli_compare
from racketsim import Sim, compare, run_replicates
from racketsim.ensembles.difference import Difference, signed, signed_share
from racketsim.policies import StateOfEmergency
from racketsim.results.headline import Range


def test_a_simulation_says_what_it_is_and_how_far_it_is(small_city: Path) -> None:
    sim = Sim(small_city, seed=7)
    assert repr(sim) == "<Sim of 'small-city', seed 7: not simulated yet, of 2022-01-01 to 2023-12-31>"
    sim.run(until="2022-01-31")
    assert repr(sim) == "<Sim of 'small-city', seed 7: simulated to 2022-01-31, of 2022-01-01 to 2023-12-31>"


def test_a_run_is_one_line_at_the_prompt(small_city: Path, tmp_path: Path) -> None:
    run = run_replicates(small_city, replicates=2, until="2022-01-31", out=tmp_path / "run", workers=1, report=False)
    assert repr(run) == (f"<run of 'small-city' in {tmp_path / 'run'}: seed 1, 2 replicates, 2022-01-01 to 2022-01-31>")


def test_a_comparison_says_what_it_compares_and_over_which_days(small_city: Path) -> None:
    emergency = StateOfEmergency(["Centre"], start="2022-02-10", days=3)
    found = compare(small_city, [emergency], replicates=1, workers=1, until="2022-02-28")
    assert repr(found) == (
        "<comparison of 'small-city' with state of emergency: 1 pair from seed 1 on, 2022-02-01 to 2022-02-28>"
    )
    assert found.shared_days == 9
    early = StateOfEmergency(["Centre"], start="2022-01-01", days=3)
    found = compare(small_city, [early], replicates=1, workers=1, until="2022-01-05")
    assert (f"{found.sums_from}", found.shared_days) == ("2022-01-01", 0)


def test_no_row_of_the_table_takes_more_than_two_lines_at_80_columns(
    small_city: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    emergency = StateOfEmergency(["Centre"], start="2022-01-01", days=2)
    found = compare(small_city, [emergency], replicates=2, workers=1, until="2022-01-02")
    large = replace(found, totals=found.totals * 1000.0 + 123_456.0)
    page = io.StringIO()
    monkeypatch.setattr(cli_compare, "answers", lambda: Console(width=80, file=page))
    cli_compare._print(large)
    lines = page.getvalue().splitlines()
    assert max(map(len, lines)) == 80
    assert sum(line.rstrip().endswith("%") for line in lines) == len(large.summary())
    table = [line for line in lines if line.startswith(" ") and line.strip()][2:]
    assert not any(one[60:].isspace() and two[60:].isspace() for one, two in pairwise(table))


def row(change: Range, pairs: int = 20, relative: float | None = -0.0102) -> Difference:
    before = Range(7232.0, 7000.0, 7400.0)
    return Difference("truce", "arrests", "arrests", "people", before, change, relative, pairs, "there")


def test_a_row_of_a_comparison_is_a_line_without_noise() -> None:
    change = Range(-73.5, -204.85, -8.15000000000001)
    assert str(row(change)) == "truce: arrests (people), there: -74 (90% range -205 to -8) on 7,232, -1.0%"
    assert str(row(change, pairs=1)) == "truce: arrests (people), there: -74 on 7,232, -1.0%"
    assert str(row(change, relative=None)).endswith("on 7,232")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (-0.0, "0"), (-0.4, "0"), (0.4, "0"), (12.0, "+12"), (-1340.2, "-1,340"), (1.12e8, "+112M")],
)
def test_a_change_has_a_sign_unless_it_is_nothing(value: float, text: str) -> None:
    assert signed(value) == text


@pytest.mark.parametrize(("value", "text"), [(-0.0001, "0.0%"), (0.0, "0.0%"), (0.1, "+10.0%"), (-0.0102, "-1.0%")])
def test_a_relative_change_has_a_sign_unless_it_is_nothing(value: float, text: str) -> None:
    assert signed_share(value) == text
