"""The city answers in a run: crowds, threats, the state's rules and backlash act on the racket, and it on them."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from racketsim import Sim
from racketsim.policies import Triggered
from racketsim.results.vocabulary import EVENT_CODE
from tests.mechanism_city import by_year, events, lima, row_of_three, run
from tests.same_bits import assert_same

RESTLESS = {
    "parameters.allocation.rate_per_member": 0.3,
    "parameters.crowd.outbreak_rate": 0.02,
    "parameters.crowd.threshold_mean": 0.2,
}


@pytest.mark.slow
def test_in_lima_protests_and_riots_are_rare_and_follow_victimisation() -> None:
    """A handful to a dozen riots a year at the median of six seeds, nearly all of them in the years of the wave.

    One seed may have more: riots come in chains.
    """
    sims = [run(lima(), seed=seed, keep_events=False) for seed in range(1, 7)]

    def median(name: str) -> np.ndarray:
        return np.asarray(np.median([by_year(sim, name).sum(axis=1) for sim in sims], axis=0))

    riots, protests = median("riots"), median("protests")
    assert riots[:4].sum() <= 2
    assert (riots[4:] >= 2).all()
    assert (riots[4:] <= 12).all()
    assert protests[4:].sum() > protests[:4].sum()
    assert max(by_year(sim, "riots").sum(axis=1).max() for sim in sims) <= 20
    assert max(by_year(sim, "vehicles_burnt").sum(axis=1).max() for sim in sims) <= 30
    assert max(by_year(sim, "public_threats").sum() for sim in sims) <= 30
    assert min(by_year(sim, "backlash_incidents").sum(axis=1).min() for sim in sims) > 0


@cache
def _united(*off: str) -> Sim:
    numbers = {
        **RESTLESS,
        "parameters.crowd.association": 1.0,
        "parameters.crowd.association_size": 50.0,
        "parameters.crowd.association_pull": 100.0,
    }
    return run(row_of_three(numbers, groups=["local_norte"]), "2019-12-31", seed=2, without=off)


def test_merchants_who_unite_stop_paying() -> None:
    """Those among payers who refuse together are asked the day after and refuse; the relation ends."""
    sim = _united()
    begun = events(sim, "collective_refusal")
    assert begun["day"].size > 0
    assert _united("A8").records["collective_refusal"].sum() == 0
    paying, alone = (one.records["relations"].sum(axis=(1, 2)) for one in (sim, _united("A8")))
    assert paying[-1] < 0.7 * alone[-1]


def test_demands_that_refusal_in_company_brings_about_are_counted_apart() -> None:
    """They are demands too, but `demands_of_united` tells how many; without A8 there are none."""
    sim, alone = _united(), _united("A8")
    of_united, demands = sim.records["demands_of_united"], sim.records["demands"].sum(axis=(2, 3))
    begun = events(sim, "collective_refusal")
    assert of_united.sum() > 0
    assert (of_united <= demands).all()
    months = np.unique(sim.scenario.start.month - 1 + (begun["day"] + 1) // 31)
    assert np.flatnonzero(of_united.sum(axis=1)).size <= 2 * months.size
    assert alone.records["demands_of_united"].sum() == 0


def test_a_rule_puts_its_policy_in_force_after_its_delay_and_within_its_budget() -> None:
    rule = Triggered(
        "killed", "mega_operation", threshold=1, delay=3, lasts=20, cooldown=400, arguments={"officers": 100}
    )
    numbers = {"parameters.punishment.propensity": 1.0, "parameters.allocation.rate_per_member": 0.3}
    city = row_of_three(numbers, groups=["local_norte", "gallegos"])
    sim = run(city, "2019-12-31", seed=4, policies=[rule])
    place = len(city.policies)
    triggers = events(sim, "trigger")
    started, ended = events(sim, "policy_start"), events(sim, "policy_end")
    first = triggers["day"][0]
    assert started["day"][0] == first + 3
    assert ended["day"][0] == first + 3 + 19
    assert set(started["count"]) == {place}
    assert started["caused_by"][0] == ended["caused_by"][0] == triggers["event_id"][0]
    assert started["district"][0] == triggers["district"][0]
    assert sim._state["trigger_spent"][0] == pytest.approx(100 * 20 * triggers["day"].size)
    frugal = Triggered("killed", "mega_operation", delay=3, lasts=20, officer_days=500, arguments=rule.arguments)
    spent = run(city, "2019-12-31", seed=4, policies=[frugal])
    assert spent._state["trigger_spent"][0] == pytest.approx(500)
    assert events(spent, "policy_end")["day"][0] == events(spent, "policy_start")["day"][0] + 4


def test_a_rule_of_ones_own_is_asked_whether_it_stands() -> None:
    """In force in June only, by its own `active`; its dates say always."""

    class June(Triggered):
        def active(self, day: date) -> bool:
            return day.month == 6

    city = row_of_three({"parameters.punishment.propensity": 1.0}, groups=["local_norte", "gallegos"])
    given: dict[str, Any] = {"when": "mass_harm", "policy": "mega_operation", "lasts": 2, "arguments": {"officers": 9}}

    def months(rule: Triggered) -> set[int]:
        days = events(run(city, "2018-12-31", seed=4, policies=[rule]), "trigger")["day"].tolist()
        return {(city.start + timedelta(days=day)).month for day in days}

    assert months(June(**given)) == {6}
    assert len(months(Triggered(**given))) > 6


def test_what_rules_have_set_off_survives_fork_save_and_load(small_city: Path, tmp_path: Path) -> None:
    rules = [
        Triggered("mass_harm", "state_of_emergency", threshold=1, delay=2, lasts=40, cooldown=10, officer_days=9000),
        Triggered("public_threat", "mega_operation", delay=1, lasts=6, where="neighbours", arguments={"officers": 50}),
    ]
    numbers: dict[str, str | float] = {"parameters.punishment.propensity": 1.0, "parameters.signals.rate": 0.2}
    whole = Sim(small_city, seed=3, policies=rules, overrides=numbers).run(until="2023-02-28")
    begun = whole.log["day"][whole.log["type"] == EVENT_CODE["trigger"]]
    middle = whole.scenario.start + timedelta(days=int(begun[len(begun) // 2]) + 3)
    half = Sim(small_city, seed=3, policies=rules, overrides=numbers).run(until=middle)
    assert (half._state["trigger_spent"] > 0).any()
    assert_same(Sim.load(half.save(tmp_path / "half.npz")).run(until="2023-02-28"), whole)
    assert_same(half.fork().run(until="2023-02-28"), whole)


def test_public_threats_make_people_pay_who_would_have_refused() -> None:
    """Arrests put groups under pressure; they threaten in public, are believed, and more demands in person are met."""
    numbers = {"parameters.policing.clearance": 0.05, "parameters.signals.rate": 1.0, "parameters.signals.force": 0.5}
    with_threats, without = (
        [run(row_of_three(numbers, groups=["local_norte"]), "2018-12-31", seed=s, without=off) for s in range(3)]
        for off in ((), ("A4",))
    )
    assert sum(sim.records["public_threats"].sum() for sim in with_threats) > 0
    assert sum(sim.records["public_threats"].sum() for sim in without) == 0

    def paid(sims: list[Sim]) -> float:
        met, asked = (sum(sim.records[name][..., 0].sum() for sim in sims) for name in ("paid", "demands"))
        return float(met / asked)

    assert paid(with_threats) > paid(without) + 0.01


def test_reports_that_fear_withholds_are_missing_from_the_record_and_from_nothing_else() -> None:
    afraid = {"parameters.backlash.labelled_share": 0.5, "parameters.backlash.fear_hostility": 5.0}
    silent, calm = (
        run(lima({**afraid}, share=20), "2018-12-31", without=off, keep_events=False) for off in ((), ("A25",))
    )
    withheld = silent.records["withheld"]
    assert withheld.sum() > 0
    np.testing.assert_array_equal(silent.records["reported"] + withheld, calm.records["reported"])
    for name in ("demands", "paid", "incidents", "cases_opened", "arrests", "members"):
        np.testing.assert_array_equal(silent.records[name], calm.records[name])
