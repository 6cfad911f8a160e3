"""Headline rows and fit: medians and ranges over replicates, beside what was recorded."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from rich.console import Console

from racketsim.results.findings import gather
from racketsim.results.fit import fit_to_record, observed_grid, rank_correlation
from racketsim.results.headline_text import headline_text, print_headline
from racketsim.results.replicate import replicate_of
from racketsim.scenario.model import Records
from tests import synthetic_results as synthetic

SMALL = synthetic.scenario()
SIMS = [synthetic.sim(SMALL, seed, demands=20) for seed in range(5)]
FOUND = gather(SMALL, [replicate_of(sim, index) for index, sim in enumerate(SIMS)])
ROWS = {row.id: row for row in FOUND.rows}
LIMA = np.array([region == "Lima Metropolitana" for region in SMALL.districts.region])


def test_sum_row_is_the_median_and_90_percent_range_of_the_region_in_its_months() -> None:
    sums = [sim.records["recorded"][48:56, LIMA].sum() for sim in SIMS]
    found = ROWS["lima-jan-aug-2022"].simulated
    assert found is not None
    assert found.median == np.median(sums)
    assert (found.low, found.high) == pytest.approx(np.quantile(sums, (0.05, 0.95)))


def test_recorded_figure_comes_from_the_record_with_its_source() -> None:
    assert SMALL.records is not None
    row = ROWS["lima-jan-aug-2022"]
    assert row.recorded == SMALL.records.counts[48:56, LIMA].sum()
    assert row.source == "reports.csv"
    assert ROWS["killed"].recorded == 120
    assert ROWS["killed"].source == "L1"
    assert ROWS["true-2022"].recorded is None


def test_ratio_is_taken_replicate_by_replicate() -> None:
    ratios = [s.records["recorded"][60:68, LIMA].sum() / s.records["recorded"][48:56, LIMA].sum() for s in SIMS]
    found, row = ROWS["lima-jan-aug-ratio"].simulated, ROWS["lima-jan-aug-ratio"]
    assert found is not None
    assert found.median == pytest.approx(np.median(ratios))
    assert row.recorded == pytest.approx(ROWS["lima-jan-aug-2023"].recorded / ROWS["lima-jan-aug-2022"].recorded)  # type: ignore[operator]


def test_top_districts_are_ranked_by_the_record() -> None:
    assert SMALL.records is not None
    totals = SMALL.records.counts[48:60].sum(axis=0)
    names = [SMALL.districts.name[place] for place in np.argsort(-totals)]
    top = [row for row in FOUND.rows if row.id.startswith("top-2022-")]
    assert [row.name.split(": ")[1] for row in top] == names
    assert [row.recorded for row in top] == sorted(totals.tolist(), reverse=True)


def test_money_is_in_the_currency_not_in_hundredths() -> None:
    row = ROWS["soles-2022"]
    assert row.unit == "PEN"
    assert row.simulated is not None
    assert row.simulated.median == pytest.approx(
        np.median([s.records["tribute_by_kind"][48:60].sum() / 100 for s in SIMS])
    )


def test_rows_beyond_the_run_are_not_covered_rather_than_partial() -> None:
    short = gather(SMALL, [replicate_of(synthetic.sim(SMALL, months=62, demands=20))])
    rows = {row.id: row for row in short.rows}
    assert rows["lima-jan-aug-2022"].simulated is not None
    assert rows["lima-jan-aug-2023"].simulated is None
    assert rows["lima-jan-aug-ratio"].simulated is None
    assert rows["lima-jan-aug-2023"].recorded is not None


def test_months_that_are_not_recorded_give_no_recorded_figure() -> None:
    assert SMALL.records is not None
    counts = SMALL.records.counts.copy()
    counts[50, LIMA] = -1
    gap = replace(SMALL, records=replace(SMALL.records, counts=counts))
    rows = {row.id: row for row in gather(gap, [replicate_of(SIMS[0])]).rows}
    assert rows["lima-jan-aug-2022"].recorded is None
    assert rows["lima-jan-aug-ratio"].recorded is None


def test_perfect_simulation_has_correlation_one_in_recorded_months_only() -> None:
    grid = observed_grid(SMALL, 72)
    assert grid is not None
    simulated = np.where(grid >= 0, grid, 10_000).astype(np.float64)[None]
    fit = fit_to_record(SMALL, simulated, 72)
    assert fit is not None
    assert fit.monthly_of_median == pytest.approx(1)
    assert fit.districts_of_median == pytest.approx(1)
    assert (fit.months, fit.year) == (71, 2023)


def test_fit_is_given_per_replicate_and_on_the_median() -> None:
    fit = FOUND.fit
    assert fit is not None
    assert fit.monthly is not None
    assert fit.monthly.low <= fit.monthly.median <= fit.monthly.high
    assert fit.monthly_of_median is not None
    assert fit.monthly_of_median > 0.9


def test_no_record_means_no_fit() -> None:
    assert fit_to_record(replace(SMALL, records=None), FOUND.measured["recorded"], 72) is None
    nothing = Records((date(2018, 1, 1),), np.full((1, 3), -1), "reports.csv")
    assert fit_to_record(replace(SMALL, records=nothing), FOUND.measured["recorded"], 72) is None


def test_rank_correlation_gives_ties_their_mean_rank() -> None:
    x, y = np.array([1.0, 2.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0, 4.0])
    assert rank_correlation(x, y) == pytest.approx(0.9486833)
    assert np.isnan(rank_correlation(x, np.ones(4)))


def test_terminal_table_is_plain_text_when_it_is_piped() -> None:
    out = io.StringIO()
    print_headline(Console(file=out, width=60), FOUND.rows, 5)
    lines = out.getvalue().splitlines()
    assert len(lines) == len(FOUND.rows) + 1
    assert "\x1b" not in out.getvalue()
    assert "reports.csv" in lines[1]


def test_terminal_table_shows_no_range_for_one_replicate() -> None:
    one = gather(SMALL, [replicate_of(SIMS[0])])
    assert " to " not in headline_text(one.rows, 1).replace("January to August", "").replace(
        "2018 to 2023", ""
    ).replace("Ratio of 2023 to", "")
    assert " to " in headline_text(FOUND.rows, 5)
    styled = io.StringIO()
    print_headline(Console(file=styled, width=140, force_terminal=True), FOUND.rows, 5)
    assert "\x1b" in styled.getvalue()
