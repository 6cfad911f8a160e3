"""Reporting and recording: true cases, reported cases, recorded cases."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from racketsim.mechanisms.reporting import Reporting, report_chance
from racketsim.policies import Lockdown
from tests.lone_mechanism import alone
from tests.mechanism_city import by_year, events, lima, row_of_three, run, whole_lima, without

SETTINGS = (-3.8, 1.9, 1.0, 2.0, 3.0, -0.7, 1.5)  # base, remote, trust, fear, cover, paid, harm
ALL_REPORTED = {
    "parameters.reporting.base": 20.0,
    "parameters.reporting.fear_weight": 0.0,
    "parameters.reporting.delay_mean": 0.0,
    "parameters.reporting.dispersion_district": 0.0,
    "parameters.reporting.dispersion_city": 0.0,
    "parameters.reporting.completeness": 1.0,
    "parameters.reporting.december": 0.0,
}
EVEN_ODDS = {
    **ALL_REPORTED,
    "parameters.reporting.base": 0.0,
    "parameters.reporting.trust_weight": 0.0,
    "parameters.reporting.cover_weight": 0.0,
    "parameters.reporting.paid": 0.0,
    "parameters.punishment.propensity": 0.0,
}
"""Every case is reported with chance 1/2, on its day, and recorded."""


def _odds(chance: float) -> float:
    return math.log(chance / (1.0 - chance))


def _chance(
    *,
    remote: bool = False,
    trust: float = 0.5,
    belief: float = 0.0,
    cover: float = 0.0,
    paid: bool = False,
    harmed: bool = False,
    noise: float = 0.0,
) -> float:
    return float(report_chance(SETTINGS, remote, trust, belief, cover, paid, harmed, noise))


def test_log_odds_of_reporting_are_the_stated_sum() -> None:
    cases = [(0.5, 0.0, 0.0, False, False, 0.0), (0.2, 0.3, 0.1, True, False, 0.4), (0.9, 0.1, 0.4, False, True, -0.2)]
    for trust, belief, cover, paid, harmed, noise in cases:
        given: dict[str, Any] = {
            "trust": trust,
            "belief": belief,
            "cover": cover,
            "paid": paid,
            "harmed": harmed,
            "noise": noise,
        }
        score = -3.8 + (trust - 0.5) + 3.0 * cover + noise - (0.7 if paid else 0.0) + (1.5 if harmed else 0.0)
        assert _odds(_chance(**given)) == pytest.approx(score - 2.0 * belief)
        assert _odds(_chance(remote=True, **given)) == pytest.approx(score + 1.9)


def test_fear_lowers_reporting_in_person_and_not_by_remote() -> None:
    assert _chance(belief=0.9) < _chance(belief=0.1)
    assert _chance(belief=0.9, remote=True) == _chance(belief=0.1, remote=True)


def _reported_share(**overrides: float) -> float:
    numbers = {f"parameters.{name.replace('__', '.')}": value for name, value in overrides.items()}
    sim = run(without(lima(numbers, share=20), "entrant", "remote"), "2018-12-31")
    return float(sim.records["reported"].sum() / sim.records["demands"].sum())


def test_in_the_city_trust_cover_and_harm_raise_reporting_and_fear_lowers_it() -> None:
    normal = _reported_share()
    assert _reported_share(policies__base_trust=1.0) > 1.25 * normal
    assert _reported_share(policies__base_trust=0.0) < 0.8 * normal
    assert _reported_share(reporting__fear_weight=5.0) < 0.9 * normal
    assert _reported_share(reporting__harm=4.0) > 1.2 * normal
    assert _reported_share(reporting__cover_weight=20.0) > 1.1 * normal


def test_who_was_harmed_reports_more_often() -> None:
    sim = whole_lima()
    incidents, reports, asked = (events(sim, what) for what in ("incident", "report", "demand"))
    harmed = np.isin(reports["caused_by"], incidents["event_id"]).sum()
    in_person = asked["event_id"][asked["channel"] == 0]
    plain = np.isin(reports["caused_by"], in_person).sum()
    assert harmed / len(incidents["day"]) > 2 * plain / len(in_person)


def test_no_case_is_reported_twice_and_every_report_has_a_case() -> None:
    """Not even where the victim is asked again between the demand and the punishment of its refusal."""
    numbers = {"parameters.punishment.propensity": 0.5, "parameters.punishment.delay_mean": 60.0}
    sim = run(row_of_three({**ALL_REPORTED, **numbers}, groups=["local_norte"]), "2019-12-31")
    reports, asked, incidents = (events(sim, what) for what in ("report", "demand", "incident"))
    assert len(np.unique(reports["event_id"])) == len(reports["event_id"])
    assert np.isin(reports["caused_by"], np.concatenate([asked["event_id"], incidents["event_id"]])).all()


def test_recorded_cases_are_reported_cases_and_those_are_true_cases() -> None:
    records = whole_lima().records
    assert (records["recorded"] <= records["reported"]).all()
    assert (records["recorded_on_time"] <= records["recorded"]).all()
    true = np.cumsum(records["demands"].sum(axis=(2, 3)), axis=0)
    assert (np.cumsum(records["reported"], axis=0) <= true).all()
    share = records["reported"].sum() / records["demands"].sum()
    assert 0.01 <= share <= 0.20  # surveys


def test_with_all_brakes_off_every_case_is_reported_and_recorded() -> None:
    records = run(row_of_three(ALL_REPORTED, groups=["local_norte"]), "2018-06-30", without=("A25",)).records
    np.testing.assert_array_equal(records["reported"], records["demands"].sum(axis=(2, 3)))
    np.testing.assert_array_equal(records["recorded"], records["reported"])


def test_reports_come_after_the_stated_delay() -> None:
    numbers = {"parameters.reporting.delay_mean": 20.0, "parameters.punishment.propensity": 0.0}
    sim = run(row_of_three({**ALL_REPORTED, **numbers}, groups=["local_norte"]), "2019-12-31")
    asked, reports = events(sim, "demand"), events(sim, "report")
    day = dict(zip(asked["event_id"].tolist(), asked["day"].tolist(), strict=True))
    early = reports["day"] < 500
    pairs = zip(reports["day"][early].tolist(), reports["caused_by"][early].tolist(), strict=True)
    delay = np.array([reported - day[case] for reported, case in pairs])
    assert (delay >= 0).all()
    assert delay.mean() == pytest.approx(19.5, abs=4 * 20 / np.sqrt(len(delay)) + 0.4)


def test_reports_become_records_in_the_stated_share() -> None:
    scenario = row_of_three({**ALL_REPORTED, "parameters.reporting.completeness": 0.6}, groups=["local_norte"])
    records = run(scenario, "2018-12-31").records
    share = records["recorded"].sum() / records["reported"].sum()
    assert share == pytest.approx(0.6, abs=4 * np.sqrt(0.24 / records["reported"].sum()))


def test_who_pays_reports_less_by_the_stated_log_odds() -> None:
    numbers = {**EVEN_ODDS, "parameters.reporting.paid": -2.0}
    sim = run(row_of_three(numbers, groups=["local_norte", "local_sur"]), "2019-12-31")
    reported = events(sim, "report")["caused_by"]
    for outcome, odds in (("payment_agreed", -2.0), ("switch", -2.0), ("refusal", 0.0), ("closure", 0.0)):
        demands = events(sim, outcome)["caused_by"]
        expected = 1.0 / (1.0 + math.exp(-odds))
        sigma = math.sqrt(expected * (1.0 - expected) / demands.size)
        assert demands.size > 100
        assert np.isin(demands, reported).mean() == pytest.approx(expected, abs=4 * sigma), outcome


def test_in_lima_payers_report_less_than_those_who_refuse() -> None:
    sim = whole_lima()
    reported = events(sim, "report")["caused_by"]
    share = {what: np.isin(events(sim, what)["caused_by"], reported).mean() for what in ("payment_agreed", "refusal")}
    assert share["payment_agreed"] < 0.7 * share["refusal"]


def test_december_lowers_the_log_odds_of_reporting() -> None:
    numbers = {**EVEN_ODDS, "parameters.reporting.base": -1.0, "parameters.reporting.december": -1.0}
    records = run(row_of_three(numbers, groups=["local_norte"]), "2020-12-31").records
    reported, cases = records["reported"].sum(axis=1), records["demands"].sum(axis=(1, 2, 3))
    december = np.arange(36) % 12 == 11
    for months, odds in ((december, -2.0), (~december, -1.0)):
        expected = 1.0 / (1.0 + math.exp(-odds))
        sigma = math.sqrt(expected * (1.0 - expected) / cases[months].sum())
        assert reported[months].sum() / cases[months].sum() == pytest.approx(expected, abs=4 * sigma)
    np.testing.assert_array_equal(records["recorded"], records["reported"])  # what reaches the police is recorded


def test_late_records_make_the_newest_month_incomplete() -> None:
    on_time = {}
    for late in (0.0, 0.3):
        scenario = row_of_three({**ALL_REPORTED, "parameters.reporting.late_share": late}, groups=["local_norte"])
        records = run(scenario, "2018-12-31").records
        on_time[late] = records["recorded_on_time"].sum() / records["recorded"].sum()
    assert on_time[0.0] == 1.0
    left = 30.0 / 30.4 * (1.0 - math.exp(-30.4 / 30.0))  # chance that a lag of mean 30 outlasts the month
    assert on_time[0.3] == pytest.approx(1.0 - 0.3 * left, abs=0.03)
    assert (by_year(whole_lima(), "recorded_on_time") <= by_year(whole_lima(), "recorded")).all()
    assert whole_lima().records["recorded_on_time"].sum() < whole_lima().records["recorded"].sum()


def _noise(**changes: float) -> np.ndarray:
    """Return the monthly noise of Lima, `[month, district]`, with parameters of reporting changed."""
    scenario = lima(share=1000)
    parameters = {name: q.value for name, q in scenario.parameters["reporting"].items()}
    reads: dict[str, Any] = {name: np.zeros(1) for name in Reporting.reads}
    return alone(Reporting, scenario, {**parameters, **changes}, **reads)._noise


def test_without_dispersion_only_december_differs() -> None:
    noise = _noise(dispersion_district=0.0, dispersion_city=0.0, december=-0.17)
    assert (noise[11::12] == -0.17).all()
    assert (np.delete(noise, np.s_[11::12], axis=0) == 0.0).all()


def test_noise_of_city_and_district_has_the_stated_spread_and_mean_zero() -> None:
    """72 months x 50 districts; sample deviations within 4 sigma."""
    city = _noise(dispersion_district=0.0, dispersion_city=0.1, december=0.0)
    assert (city == city[:, :1]).all()
    assert city[:, 0].std() == pytest.approx(0.1, abs=4 * 0.1 / math.sqrt(2 * 72))
    assert city[:, 0].mean() == pytest.approx(0.0, abs=4 * 0.1 / math.sqrt(72))
    district = _noise(dispersion_district=0.2, dispersion_city=0.0, december=0.0)
    assert district.std() == pytest.approx(0.2, abs=4 * 0.2 / math.sqrt(2 * district.size))
    assert district.mean() == pytest.approx(0.0, abs=4 * 0.2 / math.sqrt(district.size))
    assert np.abs(np.corrcoef(district.T) - np.eye(50)).max() < 0.6  # 72 months, 1225 pairs: 5 sigma


def test_noise_leaves_the_mean_of_reporting_almost_where_it_was() -> None:
    """A symmetric noise on log odds moves a small chance up by half its variance (2.5% in Lima), one of 1/2 not."""
    spread = math.hypot(0.2, 0.1)
    draws = spread * stats.norm.ppf((np.arange(2000) + 0.5) / 2000)
    for cover in (0.0, 0.3, 0.6, 1.0):
        plain = _chance(cover=cover)
        assert 1.0 <= np.mean([_chance(cover=cover, noise=z) for z in draws]) / plain < 1.03


def _reporting(noise: float) -> tuple[float, float, float]:
    """Return the share of cases reported, the mean squared z-score of monthly counts, and cases by month and district.

    Every case is reported with chance 1/2.
    """
    numbers = {**EVEN_ODDS, "parameters.reporting.dispersion_district": noise}
    numbers["parameters.allocation.rate_per_member"] = 0.1
    records = run(row_of_three(numbers, groups=["local_norte"]), "2022-12-31").records
    cases = records["demands"].sum(axis=(2, 3))
    squared = (records["reported"] - 0.5 * cases) ** 2 / (0.25 * cases)
    return float(records["reported"].sum() / cases.sum()), float(squared.mean()), float(cases.mean())


def test_months_are_over_dispersed_by_the_noise_and_binomial_without_it_and_the_mean_stays() -> None:
    """Mean of 180 squared z-scores of n cases: one without noise, 1 + 4 (n - 1) var(p) with it; 4 sigma is 0.42 of it.

    The share of cases reported: 1/2 with a standard error of 0.002 without noise, 0.006 with it.
    """
    share, dispersion, _ = _reporting(0.0)
    assert dispersion == pytest.approx(1.0, abs=0.42)
    assert share == pytest.approx(0.5, abs=0.01)
    share, dispersion, cases = _reporting(0.3)
    draws = 0.3 * stats.norm.ppf((np.arange(2000) + 0.5) / 2000)
    expected = 1 + 4 * (cases - 1) * np.var(1 / (1 + np.exp(-draws)))
    assert expected > 3.0
    assert dispersion == pytest.approx(expected, rel=0.42)
    assert share == pytest.approx(0.5, abs=0.025)


def test_recorded_months_of_lima_vary_more_than_poisson() -> None:
    """Around their trend in the sixteen months before the last December, when counts are large enough to tell.

    Chi-squared over 14 degrees of freedom: above 2.9 with chance 2e-4 if counts were Poisson.
    """
    recorded = whole_lima().records["recorded"][-17:-1].sum(axis=1)
    months = np.arange(16)
    trend = np.polyval(np.polyfit(months, recorded, 1), months)
    assert ((recorded - trend) ** 2 / trend).sum() / 14 > 2.9


def test_a_lockdown_keeps_people_from_the_station() -> None:
    numbers = {"parameters.reporting.base": -1.0, "parameters.reporting.cover_weight": 0.0}
    city = without(lima(numbers, share=20), "entrant", "remote")
    shut = Lockdown(start="2018-03-01", end="2018-05-31", mobility=1.0, station_access=0.3)
    free, closed = run(city, "2018-05-31"), run(city, "2018-05-31", policies=[shut])
    reports = [sim.records["reported"][3:5].sum() for sim in (free, closed)]
    assert reports[0] > 800
    assert reports[1] / reports[0] == pytest.approx(0.3, abs=4 * np.sqrt(0.3 * 0.7 / 800))
    np.testing.assert_array_equal(free.records["reported"][:2], closed.records["reported"][:2])
