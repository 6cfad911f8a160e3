"""Telling the settings of protest capture apart: the command, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from racketsim.ensembles.identify import Identification, identify
from racketsim.errors import InputError
from racketsim.results.identifiability import EVERYTHING, OBSERVABLES
from tests.command_line import CommandLine

UNTIL = "2022-03-31"


def found(city: Path, **given: Any) -> Identification:
    return identify(city, **{"settings": ("off", "strong"), "replicates": 3, "until": UNTIL, "workers": 1, **given})


def test_each_observable_has_a_verdict_for_every_window(small_city: Path) -> None:
    report = found(small_city)
    assert {verdict.months for verdict in report.verdicts} == {1, 2, 3}
    for months in (1, 2, 3):
        assert [verdict.observable for verdict in report.at(months)] == [*OBSERVABLES, EVERYTHING]
    assert {name: series.shape[:3] for name, series in report.monthly.items()} == dict.fromkeys(OBSERVABLES, (2, 3, 3))


def test_workers_do_not_matter(small_city: Path) -> None:
    one, two = (found(small_city, workers=workers) for workers in (1, 2))
    assert one.as_dict() == two.as_dict()
    assert all(np.array_equal(one.monthly[name], two.monthly[name]) for name in OBSERVABLES)


def test_the_command_prints_a_table_or_json(racketsim: CommandLine, small_city: Path) -> None:
    arguments = ("identify", small_city, "--setting", "off", "--setting", "strong", "-n", "3", "--until", UNTIL)
    printed = racketsim(*arguments, "--workers", "1")
    assert printed.code == 0, printed.err
    assert "off or strong" in printed.out
    assert "chance alone puts 50%" in " ".join(printed.err.split())
    answer = json.loads(racketsim(*arguments, "--workers", "1", "--json").out)
    assert answer == found(small_city).as_dict()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--setting", "of", "--setting", "weak"), "settings: 'of' is not known; allowed: off, weak, strong."),
        (("--setting", "off"), "settings: give two or more different ones, to be told apart."),
        (("-n", "2"), "replicates: 2 is too few; a spread within settings takes 3 or more."),
        (("--months", "0"), "months: 0 is too few; give 1 or more."),
        (("--until", "2022-01-10"), "until: 2022-01-10 leaves no whole month of data."),
    ],
)
def test_what_cannot_be_told_apart_is_refused(
    racketsim: CommandLine, small_city: Path, arguments: tuple[str, ...], said: str
) -> None:
    answer = racketsim("identify", small_city, *arguments)
    assert answer.code == 2, answer
    assert said in " ".join(answer.err.split())


def test_a_seed_too_high_is_refused(small_city: Path) -> None:
    with pytest.raises(InputError, match=r"seed: .* is out of range"):
        found(small_city, seed=2**63 - 1)
