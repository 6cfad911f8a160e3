"""What must hold in every run, whatever the numbers of the scenario: nothing is lost, nothing is counted twice.

Scenarios, seeds and policies are drawn by hypothesis; each example simulates some months of a small city.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from racketsim import Sim, load_scenario
from racketsim.policies import Capture, MegaOperation
from racketsim.results.vocabulary import EVENT_TYPES
from tests.same_bits import assert_same

NUMBERS: dict[str, Any] = {
    "parameters.allocation.rate_per_member": st.floats(0.0, 0.6),
    "parameters.allocation.officer_elasticity": st.floats(0.0, 2.0),
    "parameters.allocation.city_elasticity": st.floats(0.0, 2.0),
    "parameters.allocation.displaced_share": st.floats(0.0, 1.0),
    "parameters.collection.review_mean": st.floats(5.0, 400.0),
    "parameters.collection.reopening_mean": st.floats(1.0, 100.0),
    "parameters.collection.turnover": st.floats(0.01, 1.0),
    "parameters.backlash.rate": st.floats(0.0, 1e-4),
    "parameters.backlash.fear_hostility": st.floats(0.0, 20.0),
    "parameters.contest.clash_rate": st.floats(0.0, 0.05),
    "parameters.contest.lethality": st.floats(0.0, 1.0),
    "parameters.contest.yield_ratio": st.floats(0.0, 2.0),
    "parameters.contest.submission": st.floats(0.0, 1.0),
    "parameters.crowd.outbreak_rate": st.floats(0.0, 0.1),
    "parameters.crowd.threshold_mean": st.floats(0.0, 0.5),
    "parameters.crowd.violent_first": st.floats(0.0, 1.0),
    "parameters.crowd.association": st.floats(0.0, 1.0),
    "parameters.crowd.capture": st.floats(0.0, 1.0),
    "parameters.crowd_violence.vigilante_rate": st.floats(0.0, 0.1),
    "parameters.crowd_violence.lethality": st.floats(0.0, 1.0),
    "parameters.signals.rate": st.floats(0.0, 1.0),
    "parameters.decision.noise": st.floats(0.05, 2.0),
    "parameters.decision.horizon": st.floats(10.0, 365.0),
    "parameters.diffusion.rate_per_operator": st.floats(0.0, 2.0),
    "parameters.expansion.rate": st.floats(0.0, 0.01),
    "parameters.leadership.fragmentation": st.floats(0.0, 1.0),
    "parameters.leadership.visibility": st.floats(0.0, 20.0),
    "parameters.membership.leaving": st.floats(0.0, 0.02),
    "parameters.policing.clearance": st.floats(0.0, 0.05),
    "parameters.policing.caseload": st.floats(0.0, 0.5),
    "parameters.policing.sweep": st.floats(0.0, 0.05),
    "parameters.punishment.propensity": st.floats(0.0, 1.0),
    "parameters.punishment.delay_mean": st.floats(0.0, 30.0),
    "parameters.recruitment.salary": st.floats(1.0, 2000.0),
    "parameters.reporting.base": st.floats(-5.0, 3.0),
    "parameters.reporting.paid": st.floats(-3.0, 3.0),
    "parameters.reporting.dispersion_city": st.floats(0.0, 2.0),
}
SHARES = (
    *("credibility", "brand_credibility", "concentration", "contestedness", "tribute_level"),
    *("threat_credibility", "grievance", "repertoire", "collective_refusal", "hostility"),
)
WEIGHTS = ("priority", "state_priority", "deterred_demands", "diffused_benefit", "perceived_arrest", "cases_waiting")
"""Records that are shares or weights or expected numbers, not counts."""

OVERRIDES = st.fixed_dictionaries({}, optional=NUMBERS)
SEEDS = st.integers(0, 2**64 - 1)
POLICIES = st.sampled_from(
    [
        (),
        (MegaOperation(districts=("Harbour", "Centre"), officers=2000, start="2022-02-01"),),
        (Capture(group="harbour_band", members=25, leader=True, start="2022-02-10"),),
    ]
)
examples = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
Table = npt.NDArray[Any]


def simulate(city: Path, seed: int, overrides: dict[str, Any], policies: tuple[Any, ...], until: str) -> Sim:
    return Sim(city, seed=seed, overrides=overrides, policies=policies).run(until=until)


@examples
@given(SEEDS, OVERRIDES, POLICIES)
def test_monthly_records_balance(small_city: Path, seed: int, overrides: dict[str, Any], policies: Any) -> None:
    r = simulate(small_city, seed, overrides, policies, "2022-08-31").records
    assert all(np.issubdtype(table.dtype, np.integer) for name, table in r.items() if name not in (*SHARES, *WEIGHTS))
    assert all((table >= 0).all() for table in r.values())
    assert np.array_equal(r["demands"].sum(axis=3), (r["paid"] + r["refused"]).sum(axis=3) + r["closed"])
    assert np.array_equal(r["demands"].sum(axis=(2, 3)), r["demands_by_group"].sum(axis=2))
    assert np.array_equal(r["relations"].sum(axis=2), r["relations_by_group"].sum(axis=2))
    assert np.array_equal(r["incidents"].sum(axis=1), r["incidents_by_group"].sum(axis=1))
    assert np.array_equal(r["arrests"].sum(axis=1), r["arrests_by_group"].sum(axis=1))
    assert (r["recorded_on_time"] <= r["recorded"]).all()
    assert (r["recorded"] <= r["reported"]).all()
    assert (np.cumsum(r["reported"] + r["withheld"], axis=0) <= np.cumsum(r["demands"].sum(axis=(2, 3)), axis=0)).all()
    assert (np.cumsum(r["cases_cleared"], axis=0) <= np.cumsum(r["cases_opened"], axis=0)).all()
    assert (r["displaced_demands"] <= r["demands"].sum(axis=(2, 3))).all()
    assert all((r[name] <= 1.0 + 1e-9).all() for name in SHARES)
    assert r["fallen"].sum() <= r["rival_killed"].sum(), "bystanders are in the latter only"
    assert (r["expulsions"] <= r["clashes"]).all()
    assert (r["sponsored_riots"] <= r["riots"]).all()
    assert (r["sponsored"] <= r["protests"] + r["riots"]).all()
    assert (r["sponsored_riots"] <= r["sponsored"]).all()
    assert np.array_equal((r["riots"] > 0), (r["rioters"] > 0))
    assert np.array_equal((r["protests"] > 0), (r["protesters"] > 0))
    for suffix in ("", "_reported"):
        innocent, owned = r[f"vehicles_innocent{suffix}"].sum(axis=1), r[f"vehicles_by_group{suffix}"].sum(axis=1)
        assert np.array_equal(r["vehicles_burnt"].sum(axis=1), innocent + owned)
    assert (r["beaten_innocent"] <= r["beaten"]).all()
    assert (r["vigilante_attacks"] <= r["beaten"]).all()
    assert np.array_equal(r["beaten"], r["crowd_injured"] + r["crowd_killed"])
    assert (r["lynched"].sum(axis=1) <= r["crowd_killed"].sum(axis=1)).all()
    assert (r["districts_held"].sum(axis=1) <= r["takeovers"].shape[1]).all()


@examples
@given(SEEDS, OVERRIDES, POLICIES)
def test_events_and_records_tell_the_same(
    small_city: Path, seed: int, overrides: dict[str, Any], policies: Any
) -> None:
    sim = simulate(small_city, seed, overrides, policies, "2022-08-31")
    log, records = sim.log, sim.records

    def events(name: str) -> Table:
        chosen: Table = log["type"] == EVENT_TYPES.index(name)
        return chosen

    for name, table in (
        ("demand", "demands"),
        ("refusal", "refused"),
        ("closure", "closed"),
        ("incident", "incidents"),
        ("protest", "protests"),
        ("riot", "riots"),
        ("vehicle_burnt", "vehicles_burnt"),
        ("vigilante_attack", "vigilante_attacks"),
        ("public_threat", "public_threats"),
        ("ultimatum", "ultimatums"),
        ("backlash_incident", "backlash_incidents"),
        ("report_withheld", "withheld"),
    ):
        assert events(name).sum() == records[table].sum(), name
    met = events("payment_agreed") | events("switch") | events("double_payment")
    assert met.sum() == records["paid"].sum()
    for name, table in (("arrest", "arrests"), ("case_opened", "cases_opened"), ("case_cleared", "cases_cleared")):
        assert log["count"][events(name)].sum() == records[table].sum(), name
    withheld = log["caused_by"][events("report_withheld")]
    for name, table, key in (("report", "reported", "event_id"), ("record", "recorded", "caused_by")):
        assert (~np.isin(log[key][events(name)], withheld)).sum() == records[table].sum(), name
    between = events("clash") | events("retaliation")
    by_crowds = events("person_beaten") | events("vigilante_attack") | events("vehicle_burnt")
    for column in ("injured", "killed"):
        assert log[column][events("incident")].sum() == records[column].sum()
        assert log[column][between].sum() == records[f"rival_{column}"].sum()
        assert log[column][by_crowds].sum() == records[f"crowd_{column}"].sum()
        assert log[column][events("backlash_incident")].sum() == records[f"backlash_{column}"].sum()
        told = events("incident") | between | by_crowds | events("backlash_incident")
        assert log[column][~told].sum() == 0
    crowds = events("protest") | events("riot")
    assert log["count"][crowds].sum() == (records["protesters"] + records["rioters"]).sum()
    assert log["amount"][crowds].sum() == records["sponsor_paid"].sum()
    assert (log["group"][crowds] >= 0).sum() == records["sponsored"].sum()
    assert events("owner_reported").sum() == by_crowds.sum()
    for name, table in (("clash", "clashes"), ("retaliation", "retaliations"), ("inter_group_threat", "rival_threats")):
        assert events(name).sum() == records[table].sum(), name
    assert (events("expulsion") | events("submission")).sum() == records["expulsions"].sum()
    assert events("takeover").sum() == records["takeovers"].sum()
    assert log["count"][between].sum() == records["fallen"].sum()
    assert log["count"][events("dismissal")].sum() == records["dismissed"].sum()
    held = log["count"][events("arrest")].sum() - log["count"][events("release")].sum()
    assert held == records["held"][-1].sum()
    identified = log["event_id"][log["event_id"] > 0]
    assert np.unique(identified).size == identified.size
    assert np.isin(log["caused_by"][log["caused_by"] > 0], identified).all()


@examples
@given(SEEDS, OVERRIDES, POLICIES)
def test_the_state_balances_on_every_day(small_city: Path, seed: int, overrides: dict[str, Any], policies: Any) -> None:
    sim = Sim(small_city, seed=seed, overrides=overrides, policies=policies)
    state, city = sim._state, sim._city
    class_of = np.repeat(np.arange(city.classes), np.diff(city.starts))
    in_person = members_in_person(sim)
    tribute = 0
    for day in range(150):
        kept = ("members", "recruits", "leavers", "clock", "held", "cases", "cases_cold", "sweeps")
        before = {name: state[name].copy() for name in kept}
        sim.run(until=sim.scenario.start + timedelta(days=day))
        assert (state["members"] >= 0).all()
        assert (state["operators"] >= 0).all()
        _cases_are_conserved(state, before)
        assert (state["clock"] >= before["clock"]).all()
        _members_are_conserved(state, before, in_person)
        assert np.array_equal(state["held"], before["held"] + state["arrested"] - state["released"])
        assert (state["arrested"][in_person] <= before["members"][in_person]).all()
        assert (state["returned"] <= state["released"]).all()
        _relations_add_up(state, class_of, city.kinds)
        assert state["income_group"].sum() == state["income_kind"].sum()
        tribute += int(state["income_kind"].sum())
    assert tribute == sim.records["tribute_by_kind"].sum() == sim.records["tribute_by_group"].sum()


def members_in_person(sim: Sim) -> npt.NDArray[np.bool_]:
    """Return which places of the group axis have members: groups but remote ones, and factions, but not impostors."""
    remote = [place for place, group in enumerate(sim.scenario.groups) if group.role == "remote"]
    in_person = np.ones(sim._city.groups, dtype=np.bool_)
    in_person[[*remote, sim._city.impostor]] = False
    return in_person


def _cases_are_conserved(state: dict[str, Table], before: dict[str, Table]) -> None:
    """No more is cleared than is open; what is left lacks that, and at most what was given up or found in a sweep."""
    open_today = before["cases"] + state["cases_opened"]
    assert (state["cases_cleared"] <= open_today).all()
    assert (state["cases"] >= 0).all()
    left = open_today - state["cases_cleared"]
    gone = sum(state[name] - before[name] for name in ("cases_cold", "sweeps"))
    assert (state["cases"] <= left).all()
    assert (state["cases"] >= left - gone).all()


def _members_are_conserved(state: dict[str, Table], before: dict[str, Table], in_person: Table) -> None:
    """Every change of members is a recruit, leaver, arrival, return, arrest, dismissal, or done by rivals or crowds."""
    gone = ("arrested", "dismissed", "fallen", "disbanded", "avenged", "lynched")
    flow = state["arriving"] + state["returned"] + state["supplied"] - sum(state[name] for name in gone)
    flow += state["recruits"] - before["recruits"] - (state["leavers"] - before["leavers"])
    assert state["moving"].sum() == state["displaced"].sum() == 0
    change = state["members"] - before["members"]
    assert change[in_person].sum() == flow[in_person].sum(), "members from nowhere, or lost"
    assert (state["members"][~in_person] == 0).all()


def _relations_add_up(state: dict[str, Table], class_of: Table, kinds: int) -> None:
    """Counts and flows of relations are those of the targets that pay; who pays two groups counts with each."""
    by_kind = np.zeros_like(state["relations_kind"])
    by_group = np.zeros_like(state["relations_group"])
    flow = np.zeros_like(state["flow_kind"])
    for payee, tribute in (("payee", "tribute"), ("second", "second_tribute")):
        paying = np.flatnonzero(state[payee] >= 0)
        place = class_of[paying] // kinds, class_of[paying] % kinds
        np.add.at(by_kind, place, 1)
        np.add.at(by_group, (place[0], state[payee][paying]), 1)
        np.add.at(flow, place, state[tribute][paying])
        assert (state["closed"][paying] == 0).all()
    assert np.array_equal(by_kind, state["relations_kind"])
    assert np.array_equal(by_group, state["relations_group"])
    assert np.array_equal(flow, state["flow_kind"])
    assert np.array_equal(state["flow_group"].sum(axis=1), flow.sum(axis=1))
    assert (state["payee"][state["second"] >= 0] >= 0).all()
    noted = np.unpackbits(state["paying"], bitorder="little", count=len(class_of))
    assert np.array_equal(noted, state["payee"] >= 0)


@pytest.fixture(scope="module")
def city_with_an_empty_district(small_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small city, with nobody to extort in its harbour."""
    folder = tmp_path_factory.mktemp("scenarios") / "empty-harbour"
    folder.mkdir()
    for file in small_city.iterdir():
        text = file.read_text(encoding="utf-8")
        if file.name == "targets.csv":
            lines = text.splitlines()
            emptied = [re.sub(r"^(Harbour,\w+),\d+", r"\1,0", line) for line in lines]
            text = "\n".join(emptied) + "\n"
        (folder / file.name).write_text(text, encoding="utf-8")
    return folder


@examples
@given(SEEDS)
def test_nothing_happens_in_a_district_without_targets(city_with_an_empty_district: Path, seed: int) -> None:
    sim = Sim(city_with_an_empty_district, seed=seed, overrides={"parameters.allocation.rate_per_member": 0.3})
    sim.run(until="2022-12-31")
    place = sim.scenario.districts.name.index("Harbour")
    for name in ("demands", "relations", "tribute_by_kind", "incidents", "reported", "cases_opened", "arrests"):
        assert sim.records[name][:, place].sum() == 0, name
        assert name == "arrests" or sim.records[name].sum() > 0, name


def test_the_log_stands_in_the_order_of_days_and_ends_with_the_run(small_city: Path) -> None:
    sim = Sim(small_city, seed=2, overrides={"parameters.allocation.rate_per_member": 0.3}).run(until="2022-06-30")
    assert (np.diff(sim.log["day"]) >= 0).all()
    assert sim.log["day"].max() <= (sim.day - sim.scenario.start).days


def test_the_end_of_a_scenario_has_no_influence_on_the_days_before_it(small_city: Path) -> None:
    numbers = {"parameters.allocation.rate_per_member": 0.6, "parameters.collection.review_mean": 60.0}
    scenario = load_scenario(small_city, numbers)
    short = replace(scenario, end=date(2022, 12, 31), policies=(), headlines=())
    through, cut = (Sim(city, seed=3).run(until="2022-12-30") for city in (scenario, short))
    assert_same(through, cut)


@pytest.mark.parametrize("targets", [1, 3, 20])
def test_a_handful_of_targets_under_heavy_demand_is_a_city_too(small_city: Path, targets: int) -> None:
    """Calendars have room for all that can be due at once, stale reviews included."""
    numbers = {
        "parameters.allocation.rate_per_member": 0.05,
        "parameters.punishment.propensity": 1.0,
        "parameters.punishment.delay_mean": 100.0,
        "parameters.reporting.base": 10.0,
        "parameters.reporting.delay_mean": 100.0,
    }
    scenario = load_scenario(small_city, numbers)
    few = replace(scenario, targets=np.full_like(scenario.targets, targets))
    sim = Sim(few, seed=3).run(until="2022-12-31")
    assert sim.records["demands"].sum() > 100


def test_who_moves_away_cannot_be_arrested_on_the_same_day_too(small_city: Path) -> None:
    """A group that spreads on the day on which all of it is captured has nobody left, and nobody came from nowhere."""
    numbers = {
        "parameters.expansion.rate": 1.0,
        "parameters.expansion.moving_share": 0.9,
        "parameters.membership.leaving": 0.0,
        "parameters.membership.recruitment": 0.0,
        "parameters.leadership.fragmentation": 0.0,
    }
    all_of_them = Capture(group="newcomers", members=1000, start="2022-07-02")
    sim = Sim(small_city, seed=1, overrides=numbers, policies=[all_of_them]).run(until="2022-07-02")
    place = [group.id for group in sim.groups].index("newcomers")
    assert sim.records["expansions"].sum() > 0
    arrested = sim.records["arrests_by_group"][:, place].sum()
    assert sim._state["members"][place].sum() + arrested == 15
