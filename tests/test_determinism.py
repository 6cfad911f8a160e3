"""The same seed gives the same bits: over threads, saves, forks, idle policies, and before a policy starts.

Every comparison is of all events, all claims and all monthly records.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from racketsim import Sim, run_replicates
from racketsim.mechanisms.registry import RECORDED
from racketsim.policies import Capture, Lockdown, MegaOperation, StateOfEmergency
from tests.same_bits import assert_same, assert_same_columns, rows

MIDDLE, END = "2022-09-13", "2023-04-15"
BUSY: dict[str, str | float] = {
    "parameters.allocation.rate_per_member": 0.2,
    "parameters.policing.clearance": 0.003,
    "parameters.expansion.rate": 0.002,
    "parameters.contest.clash_rate": 0.0045,
    "parameters.leadership.fragmentation": 1.0,
    "parameters.leadership.visibility": 10.0,
    "parameters.crowd.outbreak_rate": 0.01,
    "parameters.crowd.violent_first": 0.3,
    "parameters.crowd.association": 0.5,
    "parameters.crowd.association_size": 50.0,
    "parameters.crowd.capture": 0.5,
    "parameters.crowd_violence.vigilante_rate": 0.03,
    "parameters.signals.rate": 0.2,
    "parameters.backlash.rate": 4e-6,
    "parameters.backlash.fear_hostility": 2.0,
}
"""Numbers with which the small city has arrests, lost leaders, factions, clashes and expansions in a year, and riots,
protests that somebody pays for, threats in public, refusal in company and backlash."""
SEED = 6


RIVALS = ("clashes", "retaliations", "takeovers")
STREETS = (
    *("protests", "riots", "sponsored", "collective_refusal", "vehicles_burnt", "beaten", "vigilante_attacks"),
    *("public_threats", "ultimatums", "backlash_incidents", "withheld"),
)

DIMS = {name: variable.dims for name, variable in RECORDED.items()}
"""Dimensions of every monthly record."""


def idle(city: Any, day: date) -> None:
    """Do nothing, every day."""


def simulate(city: Path, until: str = END, **more: Any) -> Sim:
    return Sim(city, seed=SEED, overrides=BUSY, **more).run(until=until)


@pytest.fixture(scope="module")
def through(small_city: Path) -> Sim:
    return simulate(small_city)


def test_the_city_of_these_tests_has_something_of_everything(through: Sim) -> None:
    sums = {name: array.sum() for name, array in through.records.items()}
    for name in (
        "demands",
        "paid",
        "closed",
        "incidents",
        "arrests",
        "expansions",
        "recorded",
        "emergency_days",
        *RIVALS,
        *STREETS,
    ):
        assert sums[name] > 0, name
    assert len(through.groups) > len(through.scenario.groups), "a group broke up"
    assert through.claims["day"].size > 0


def test_a_second_run_gives_the_same_bits(small_city: Path, through: Sim) -> None:
    assert_same(simulate(small_city), through)


def test_another_seed_gives_another_run(small_city: Path, through: Sim) -> None:
    other = Sim(small_city, seed=7, overrides=BUSY).run(until=END)
    assert other.log["day"].size != through.log["day"].size or (other.log["target"] != through.log["target"]).any()


@pytest.mark.parametrize("threads", [2, 3, 7])
def test_any_number_of_threads_gives_the_same_bits(small_city: Path, through: Sim, threads: int) -> None:
    assert_same(simulate(small_city, threads=threads), through)


def test_running_in_pieces_is_running_through(small_city: Path, through: Sim) -> None:
    sim = Sim(small_city, seed=SEED, overrides=BUSY)
    for until in ("2022-01-01", "2022-01-31", "2022-02-01", MIDDLE, END):
        sim.run(until=until)
    assert_same(sim, through)


@pytest.mark.parametrize("threads", [1, 2])
def test_saved_loaded_and_continued_is_run_through(
    small_city: Path, tmp_path: Path, through: Sim, threads: int
) -> None:
    file = simulate(small_city, until=MIDDLE).save(tmp_path / "city.npz")
    assert_same(Sim.load(file, threads=threads).run(until=END), through)


def test_a_saved_run_is_the_same_bits_when_it_comes_back(small_city: Path, tmp_path: Path) -> None:
    sim = simulate(small_city, until=MIDDLE)
    assert_same(Sim.load(sim.save(tmp_path / "city.npz")), sim)


def test_saved_before_the_first_day_or_between_policies_is_run_through(
    small_city: Path, tmp_path: Path, through: Sim
) -> None:
    for until in (None, "2023-02-28", "2023-03-01"):
        sim = Sim(small_city, seed=SEED, overrides=BUSY)
        if until:
            sim.run(until=until)
        assert_same(Sim.load(sim.save(tmp_path / "city.npz")).run(until=END), through)


def test_policies_are_saved_with_the_run_and_functions_are_given_again(small_city: Path, tmp_path: Path) -> None:
    surge = MegaOperation(districts=("Harbour",), officers=300, start="2022-08-01", end="2022-12-31")

    def stay_home(city: Any, day: date) -> None:
        city.scale("mobility", 0.5, ["Centre"])

    straight = simulate(small_city, policies=[surge, stay_home])
    file = simulate(small_city, until=MIDDLE, policies=[surge, stay_home]).save(tmp_path / "city.npz")
    assert_same(Sim.load(file, policies=[stay_home]).run(until=END), straight)


class Weekends(Lockdown):
    """A policy of one's own that is called like a shipped one."""

    def active(self, day: date) -> bool:
        return super().active(day) and day.weekday() >= 5


def test_policies_of_classes_of_ones_own_are_given_again(small_city: Path, tmp_path: Path) -> None:
    policies = [
        Weekends(mobility=0.2, station_access=1.0, start="2022-03-01"),
        Capture("callers", 3, start="2022-10-01"),
    ]
    straight = simulate(small_city, policies=policies)
    file = simulate(small_city, until=MIDDLE, policies=policies).save(tmp_path / "city.npz")
    later = Sim.load(file, policies=policies[:1])
    assert [type(policy) for policy in later.policies] == [Weekends, Capture]
    assert_same(later.run(until=END), straight)


def test_a_fork_without_policies_is_run_through_and_leaves_its_origin_alone(small_city: Path, through: Sim) -> None:
    origin = simulate(small_city, until=MIDDLE)
    fork = origin.fork()
    assert_same(fork, origin)
    assert_same(fork.run(until=END), through)
    assert str(origin.day) == MIDDLE
    assert_same(origin.run(until=END), through)


def test_a_fork_with_a_policy_is_the_run_that_had_it_from_the_start(small_city: Path) -> None:
    surge = MegaOperation(districts=("Harbour",), officers=300, start="2022-10-01", end="2022-12-31")
    forked = simulate(small_city, until=MIDDLE).fork([surge]).run(until=END)
    assert_same(forked, simulate(small_city, policies=[surge]))


IDLE = {
    "a function that does nothing": idle,
    "no officers": MegaOperation(districts=("Harbour",), officers=0, start="2022-05-01", end="2022-06-30"),
    "no officers, to the end": MegaOperation(districts=("Hills", "Centre"), officers=0, start="2022-05-01"),
    "nobody captured": Capture(group="harbour_band", members=0, start="2022-05-01"),
    "a lockdown in which everybody goes out": Lockdown(mobility=1, station_access=1, start="2022-05-01", days=90),
    "an emergency after the end": StateOfEmergency(districts=("Centre",), start="2023-12-01"),
}


@pytest.mark.parametrize("name", IDLE)
def test_an_idle_policy_changes_nothing(small_city: Path, through: Sim, name: str) -> None:
    assert_same(simulate(small_city, policies=[IDLE[name]]), through)


def test_the_days_before_a_policy_starts_are_the_same_bits(small_city: Path, through: Sim) -> None:
    start = date(2022, 10, 1)
    surge = MegaOperation(districts=("Harbour", "Centre"), officers=2000, start=start)
    treated = simulate(small_city, policies=[surge])
    first = (start - through.scenario.start).days
    before, treated_before = (rows(sim.log, sim.log["day"] < first) for sim in (through, treated))
    assert_same_columns(before, treated_before, "log")
    claims, treated_claims = (
        rows(sim.claims, np.isin(sim.claims["event_id"], before["event_id"])) for sim in (through, treated)
    )
    assert_same_columns(claims, treated_claims, "claims")
    groups = range(min(len(through.groups), len(treated.groups)))
    for name, dims in DIMS.items():
        one, other = (sim.records[name][:9] for sim in (through, treated))
        if "group" in dims:
            one, other = (np.take(table, groups, axis=dims.index("group")) for table in (one, other))
        assert np.array_equal(one, other), name
    assert treated.records["officer_days"][9:].sum() > through.records["officer_days"][9:].sum()
    assert (treated.records["demands"][9:] != through.records["demands"][9:]).any()


def test_not_keeping_events_changes_nothing_else(small_city: Path, through: Sim) -> None:
    silent = simulate(small_city, keep_events=False)
    assert silent.log["day"].size == 0
    assert_same_columns(silent.records, through.records, "records")
    assert silent.groups == through.groups


UNCOUPLED: dict[str, str | float] = {
    "parameters.allocation.rate_per_member": 0.2,
    "parameters.allocation.displaced_share": 0.0,
    "parameters.allocation.benefit_share": 0.0,
    "parameters.credibility.neighbour_weight": 0.0,
    "parameters.expansion.rate": 0.0,
    "parameters.leadership.visibility": 0.0,
    "parameters.policing.remote_clearance": 0.0,
    "parameters.policing.sweep": 0.0,
    "parameters.brand.city_weight": 0.0,
    "parameters.brand.signature_weight": 0.0,
    "parameters.brand.priority_step": 0.0,
    "parameters.impostors.pool": 0.0,
    "parameters.crowd.contagion": 0.0,
    "parameters.backlash.by_claim": 0.0,
}
"""No displacement, no news from the neighbours, no expansion, no leader to lose, no operator to arrest, no brand.

A group's purse is one over all districts (A7), and so is the word that its threats are worth (A11).
Groups of one brand would be known together and hunted together, and impostors follow names that are in the news, as
does hostility. Public threats and ultimatums (A4, A23) are of groups, wherever they are made."""


def test_a_policy_leaves_other_districts_alone_where_nothing_couples_them(small_city: Path) -> None:
    surge = MegaOperation(districts=("Harbour",), officers=2000, start="2022-04-01")
    plain, treated = (
        Sim(small_city, seed=5, overrides=UNCOUPLED, policies=policies, without=("A4", "A7", "A11", "A23")).run(
            until="2022-12-31"
        )
        for policies in ([], [surge])
    )
    place = plain.scenario.districts.name.index("Harbour")
    elsewhere, treated_elsewhere = (
        rows(sim.log, ~np.isin(sim.log["district"], (-1, place))) for sim in (plain, treated)
    )
    assert_same_columns(elsewhere, treated_elsewhere, "log")
    others = [n for n in range(len(plain.scenario.districts)) if n != place]
    for name, dims in DIMS.items():
        if "district" in dims:
            assert np.array_equal(plain.records[name][:, others], treated.records[name][:, others]), name
    assert (plain.records["demands"][:, place] != treated.records["demands"][:, place]).any()


def test_the_files_of_a_run_are_the_same_bytes_for_any_threads_and_workers(small_city: Path, tmp_path: Path) -> None:
    made = [
        run_replicates(
            small_city,
            replicates=2,
            until="2022-06-30",
            overrides=BUSY,
            workers=workers,
            threads=threads,
            events="all",
            report=False,
            out=tmp_path / f"{workers}-{threads}",
        )
        for workers, threads in ((1, 1), (2, 1), (1, 2))
    ]
    for name in ("events.parquet", "claims.parquet", "series.nc"):
        assert len({(run.path / name).read_bytes() for run in made}) == 1, name
