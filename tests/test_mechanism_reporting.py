"""Reporting and recording: true cases, reported cases, recorded cases."""

from __future__ import annotations

import math

import numpy as np
import pytest

from racketsim.mechanisms.reporting import report_chance
from racketsim.policies import Lockdown
from tests.mechanism_city import by_year, events, lima, row_of_three, run, whole_lima, without

SETTINGS = (-3.8, 1.9, 1.0, 2.0, 3.0, 1.5)  # base, remote, trust, fear, cover, harm
ALL_REPORTED = {
    "parameters.reporting.base": 20.0,
    "parameters.reporting.fear_weight": 0.0,
    "parameters.reporting.delay_mean": 0.0,
    "parameters.reporting.dispersion_district": 0.0,
    "parameters.reporting.dispersion_city": 0.0,
    "parameters.reporting.completeness": 1.0,
    "parameters.reporting.december": 1.0,
}


def _odds(chance: float) -> float:
    return math.log(chance / (1.0 - chance))


def test_log_odds_of_reporting_are_the_stated_sum() -> None:
    for trust, belief, cover, harmed in [(0.5, 0.0, 0.0, False), (0.2, 0.3, 0.1, False), (0.9, 0.1, 0.4, True)]:
        harm = 1.5 if harmed else 0.0
        in_person = report_chance(SETTINGS, False, trust, belief, cover, harmed)
        assert _odds(in_person) == pytest.approx(-3.8 + (trust - 0.5) - 2.0 * belief + 3.0 * cover + harm)
        remote = report_chance(SETTINGS, True, trust, belief, cover, harmed)
        assert _odds(remote) == pytest.approx(-3.8 + 1.9 + (trust - 0.5) + 3.0 * cover + harm)


def test_fear_lowers_reporting_in_person_and_not_by_remote() -> None:
    assert report_chance(SETTINGS, False, 0.5, 0.9, 0.1, False) < report_chance(SETTINGS, False, 0.5, 0.1, 0.1, False)
    assert report_chance(SETTINGS, True, 0.5, 0.9, 0.1, False) == report_chance(SETTINGS, True, 0.5, 0.1, 0.1, False)


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
    records = run(row_of_three(ALL_REPORTED, groups=["local_norte"]), "2018-06-30").records
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


def test_december_is_recorded_less_by_its_factor() -> None:
    numbers = {**ALL_REPORTED, "parameters.reporting.completeness": 0.8, "parameters.reporting.december": 0.5}
    records = run(row_of_three(numbers, groups=["local_norte"]), "2020-12-31").records
    recorded, reported = records["recorded"].sum(axis=1), records["reported"].sum(axis=1)
    december = np.arange(36) % 12 == 11
    share = [recorded[m].sum() / reported[m].sum() for m in (december, ~december)]
    assert share[0] / share[1] == pytest.approx(0.5, abs=0.05)


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


def _dispersion(noise: float) -> float:
    """Return the variance over the mean of recorded counts, given what was reported, over months and districts."""
    numbers = {
        **ALL_REPORTED,
        "parameters.reporting.completeness": 0.3,
        "parameters.reporting.dispersion_district": noise,
        "parameters.reporting.late_share": 0.0,
    }
    records = run(row_of_three(numbers, groups=["local_norte"]), "2022-12-31").records
    expected = 0.3 * records["reported"]
    variance = expected * 0.7  # of thinning alone
    return float((((records["recorded"] - expected) ** 2) / variance).mean())


def test_months_are_over_dispersed_by_the_noise_and_binomial_without_it() -> None:
    """Mean of 180 squared z-scores: one without noise (4 sigma: 0.42), far above with a sigma of 0.3."""
    assert _dispersion(0.0) == pytest.approx(1.0, abs=0.42)
    assert _dispersion(0.3) > 3.0


def test_recorded_months_of_lima_vary_more_than_poisson() -> None:
    recorded = whole_lima().records["recorded"][:14].sum(axis=1)  # a steady time, before entrants
    assert recorded.var(ddof=1) / recorded.mean() > 1.2


def test_a_lockdown_keeps_people_from_the_station() -> None:
    numbers = {"parameters.reporting.base": -1.0, "parameters.reporting.cover_weight": 0.0}
    city = without(lima(numbers, share=20), "entrant", "remote")
    shut = Lockdown(start="2018-03-01", end="2018-05-31", mobility=1.0, station_access=0.3)
    free, closed = run(city, "2018-05-31"), run(city, "2018-05-31", policies=[shut])
    reports = [sim.records["reported"][3:5].sum() for sim in (free, closed)]
    assert reports[0] > 800
    assert reports[1] / reports[0] == pytest.approx(0.3, abs=4 * np.sqrt(0.3 * 0.7 / 800))
    np.testing.assert_array_equal(free.records["reported"][:2], closed.records["reported"][:2])
