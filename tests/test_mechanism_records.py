"""Records: the monthly tables are the sums of the days."""

from __future__ import annotations

import numpy as np
import pytest

from racketsim.simulation import Sim
from tests.mechanism_city import Columns, events, small_lima


def made(sim: Sim, reports: Columns) -> Columns:
    """Return the reports (or records of reports) that fear of hostility has not kept from being made."""
    withheld = events(sim, "report_withheld")["caused_by"]
    kept = ~np.isin(reports["event_id"], withheld) & ~np.isin(reports["caused_by"], withheld)
    return {name: column[kept] for name, column in reports.items()}


@pytest.mark.parametrize(
    ("record", "event"),
    [
        ("demands", "demand"),
        ("refused", "refusal"),
        ("closed", "closure"),
        ("incidents", "incident"),
        ("reported", "report"),
        ("recorded", "record"),
        ("expansions", "expansion"),
    ],
)
def test_flows_are_the_events_of_the_month_and_district(record: str, event: str) -> None:
    sim = small_lima()
    table = sim.records[record]
    happened = events(sim, event)
    if event in ("report", "record"):
        happened = made(sim, happened)
    counted = np.zeros(table.shape[:2], np.int64)
    np.add.at(counted, (sim._city.month_of_day[happened["day"]], happened["district"]), 1)
    np.testing.assert_array_equal(table.reshape(*table.shape[:2], -1).sum(axis=2), counted)
    assert counted.sum() > 0


@pytest.mark.parametrize(("record", "event"), [("arrests", "arrest"), ("cases_opened", "case_opened")])
def test_people_and_cases_are_counted_with_their_number(record: str, event: str) -> None:
    sim = small_lima()
    happened = events(sim, event)
    counted = np.zeros(sim.records[record].shape, np.int64)
    np.add.at(counted, (sim._city.month_of_day[happened["day"]], happened["district"]), happened["count"])
    np.testing.assert_array_equal(sim.records[record], counted)


def test_met_demands_are_agreements_switches_and_double_payments() -> None:
    sim = small_lima()
    met = sum(events(sim, name)["day"].size for name in ("payment_agreed", "switch", "double_payment"))
    assert sim.records["paid"].sum() == met


@pytest.mark.parametrize(("total", "parts"), [("demands", "demands_by_group"), ("relations", "relations_by_group")])
def test_groups_and_kinds_add_up_to_the_same(total: str, parts: str) -> None:
    records = small_lima().records
    whole = records[total].reshape(*records[total].shape[:2], -1).sum(axis=2)
    np.testing.assert_array_equal(whole, records[parts].sum(axis=2))


def test_stocks_are_those_of_the_last_day() -> None:
    sim = small_lima()
    np.testing.assert_array_equal(sim.records["members"][-1], sim._state["members"].T[:, : len(sim.groups)])
    np.testing.assert_array_equal(sim.records["relations"][-1], sim._state["relations_kind"])
    np.testing.assert_array_equal(sim.records["credibility"][-1], sim._state["credibility"][:, : len(sim.groups)])


def test_officer_days_are_officers_times_days() -> None:
    sim = small_lima()
    np.testing.assert_array_equal(sim.records["officer_days"][0], 31 * sim.scenario.districts.officers)
