"""The press: what outlets claim about public incidents."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from racketsim.engine.log import event_id
from racketsim.engine.streams import Stream
from racketsim.mechanisms.press import Press
from racketsim.mechanisms.press_claims import NOBODY, UNASKED, Fact, Said, blame, carry, claim_id, forget
from tests.mechanism_bench import Bench
from tests.mechanism_city import CODE, events, lima, row_of_three, run, small_lima, whole_lima, with_outlets, without

A, B, C = 0, 1, 2


def _carry(
    n: int = 10_000,
    *,
    coverage: float = 0.5,
    bias: float = 0.0,
    delay: float = 0.0,
    attribution: float = 0.0,
    wrong: float = 0.0,
    miscount: float = 0.0,
    most_off: float = 3.0,
    suspicion: float = 0.0,
    notice: float = 0.0,
    known: int = 1,
    fame: tuple[float, ...] = (0.0, 0.0),
    days: int = 1,
    **facts: int,
) -> dict[str, np.ndarray]:
    """Return the claims of one outlet about alike events, by what is said; and what is due to be published."""
    rows = np.zeros((n, len(Fact)), np.int64)
    rows[:, Fact.KNOWN], rows[:, Fact.SPONSOR] = known, UNASKED
    for name, value in facts.items():
        rows[:, Fact[name.upper()]] = value
    said, due = np.zeros((n, len(Said)), np.int64), np.zeros((days, len(fame)), np.int64)
    ids = np.arange(n, dtype=np.uint64)
    quantities = np.array([[coverage], [bias], [delay], [attribution], [wrong], [miscount]])
    weights = np.full(n, notice)
    count = carry(
        *(np.uint64(2), 0, n, ids, weights, rows, quantities, suspicion, most_off, np.array(fame), due),
        *(said, np.zeros(n, np.uint64)),
    )
    return {**{name.lower(): said[:count, place] for name, place in Said.__members__.items()}, "due": due}


def test_events_are_carried_in_the_stated_share() -> None:
    share = _carry(coverage=0.35)["event"].size / 10_000
    assert share == pytest.approx(0.35, abs=4 * np.sqrt(0.35 * 0.65 / 1e4))


def test_each_doubling_of_the_notice_adds_the_bias_to_the_log_odds() -> None:
    for notice in (1, 3, 15):
        odds = 0.05 / 0.95 * np.exp(0.9 * np.log2(1 + notice))
        expected = odds / (1 + odds)
        share = _carry(coverage=0.05, bias=0.9, notice=notice)["event"].size / 10_000
        assert share == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / 1e4))


def test_claims_are_published_after_the_stated_delay() -> None:
    days = _carry(coverage=0.9999, delay=3.0)["day"]
    assert (days >= 0).all()
    assert days.mean() == pytest.approx(1 / (np.exp(1 / 3) - 1), abs=0.15)  # whole days of an exponential


def test_claims_name_a_group_in_the_stated_share_and_the_right_one_without_error() -> None:
    group = _carry(coverage=0.9999, attribution=0.4)["group"]
    assert (group >= 0).mean() == pytest.approx(0.4, abs=0.02)
    assert set(group.tolist()) == {-1, 1}


def test_errors_name_other_groups_in_proportion_to_fame_and_never_the_true_one() -> None:
    """Group 1 did it all and is the most famous; of the others, 3 is in the news four times as much as 0."""
    named = _carry(coverage=0.9999, attribution=1.0, wrong=0.3, fame=(5.0, 1e6, 0.0, 20.0))["group"]
    assert set(named.tolist()) == {0, 1, 3}
    assert (named != 1).mean() == pytest.approx(0.3, abs=0.02)
    assert (named == 3).sum() / (named != 1).sum() == pytest.approx(0.8, abs=0.03)


def test_where_no_other_group_is_in_the_news_the_press_cannot_err() -> None:
    assert set(_carry(coverage=0.9999, attribution=1.0, wrong=1.0, fame=(0.0, 7.0, 0.0))["group"].tolist()) == {1}


def test_blame_falls_on_another_by_fame() -> None:
    fame = np.array([1.0, 2.0, 0.0, 1.0])
    assert [int(blame(draw, fame, NOBODY)) for draw in (0.1, 0.3, 0.7, 0.8, 0.9999)] == [0, 1, 1, 3, 3]
    assert [int(blame(draw, fame, 1)) for draw in (0.1, 0.49, 0.51)] == [0, 0, 3]
    assert blame(0.5, np.zeros(3), 2) == 2


def test_a_sponsor_is_suspected_in_the_stated_share_and_by_fame_where_there_is_none() -> None:
    """With attribution 0.5 and suspicion 0.4, one claim in five says who is behind a protest."""
    fame = (0.0, 3.0, 1.0)
    given: dict[str, Any] = {"coverage": 0.9999, "attribution": 0.5, "suspicion": 0.4, "fame": fame, "known": NOBODY}
    true = _carry(**given, sponsor=0)["sponsor"]
    assert set(true.tolist()) == {NOBODY, 0}
    assert (true == 0).mean() == pytest.approx(0.2, abs=0.016)
    none = _carry(**given, sponsor=NOBODY)["sponsor"]
    assert (none >= 0).mean() == pytest.approx(0.2, abs=0.016)
    assert (none == 1).sum() / (none >= 0).sum() == pytest.approx(0.75, abs=0.04)
    wrong = _carry(**given, wrong=0.3, sponsor=0)["sponsor"]
    assert (wrong > 0).sum() / (wrong >= 0).sum() == pytest.approx(0.3, abs=0.045)
    assert set(_carry(**given)["sponsor"].tolist()) == {NOBODY}, "nobody asks who is behind an attack"


def test_all_numbers_of_a_claim_are_off_by_one_factor_up_to_the_largest() -> None:
    counts: dict[str, Any] = {"injured": 1000, "killed": 4000, "vehicles": 100, "people": 7000}
    claims = _carry(coverage=0.9999, miscount=0.4, **counts)
    off = claims["people"] != 7000
    assert off.mean() == pytest.approx(0.4, abs=0.02)
    factor = claims["people"][off] / 7000
    assert 1 / 3 <= factor.min() < 0.35
    assert 2.9 < factor.max() <= 3
    assert np.log(factor).mean() == pytest.approx(0, abs=4 * np.log(3) / np.sqrt(3 * off.sum()))
    for name, value in counts.items():
        np.testing.assert_allclose(claims[name][off], value * factor, rtol=0.02)
        assert set(claims[name][~off].tolist()) == {value}
    assert _carry(coverage=0.9999, miscount=1.0)["injured"].max() == 0


def test_names_are_due_on_the_day_of_publication() -> None:
    claims = _carry(coverage=0.9999, attribution=0.6, delay=2.0, fame=(0.0, 0.0), days=40)
    for day in range(40):
        assert claims["due"][day, 1] == ((claims["day"] == day) & (claims["group"] == 1)).sum()
    assert claims["due"][:, 0].sum() == 0


def test_ids_of_claims_differ_by_event_and_outlet() -> None:
    ids = {int(claim_id(event, outlet)) for event in range(20_000) for outlet in range(5)}
    assert len(ids) == 100_000


def test_fame_halves_in_its_half_life() -> None:
    fame, named = np.array([8.0, 0.0]), np.zeros(2, np.int64)
    for _ in range(10):
        forget(0.5**0.1, np.array([0, 1]), named, fame)
    assert fame[0] == pytest.approx(4.0)
    assert fame[1] == pytest.approx((1 - 0.5) / (1 - 0.5**0.1))
    assert named.tolist() == [0, 1]


def test_a_group_that_did_nothing_for_long_fades_from_the_news_though_errors_still_name_it() -> None:
    """Group 0 was famous and is gone; group 1 goes on, and three in ten of the names given for it are wrong."""
    fame, gone = np.array([300.0, 30.0, 10.0]), []
    for day in range(1500):
        claims = _carry(2, coverage=0.9999, attribution=1.0, wrong=0.3, fame=tuple(fame), known=1 + day % 2)
        forget(0.5 ** (1 / 60), np.bincount(claims["group"], minlength=3), np.zeros(3, np.int64), fame)
        gone.append(fame[0])
    assert gone[-1] < 0.05 * fame[1:].min()


OUTLETS = len(lima().outlets)
NUMBERS = {"fame_half_life": 90.0, "misstatement": 3.0, "arrest_notice": 0.3}


def _bench(**quantities: float) -> Bench:
    """Return the press of three districts, with outlets that carry all and, unless told, err in nothing."""
    right = {"coverage": 1.0, "delay_mean": 0.0, "attribution": 1.0, "attribution_error": 0.0, "count_error": 0.0}
    city = row_of_three(groups=["local_norte", "gallegos", "remote_operators"])
    return Bench(Press, with_outlets(city, **{**right, **quantities}), NUMBERS)


def _claims(bench: Bench) -> dict[str, np.ndarray]:
    return bench.log.claims.columns()


def test_a_clash_and_its_revenge_are_carried_with_those_hurt() -> None:
    bench = _bench()
    for name, value in (("attacker", 1), ("district", B), ("ordinal", 7), ("wounded", 3), ("dead", 2)):
        bench[f"clash_{name}"][0] = value
    for name, value in (("attacker", 0), ("district", C), ("key", 99), ("wounded", 1), ("dead", 0)):
        bench[f"reprisal_{name}"][0] = value
    bench["clash_count"][0] = bench["reprisal_count"][0] = 1
    bench.run(0)
    claims, n = _claims(bench), OUTLETS
    assert claims["event_id"].tolist() == [int(event_id(Stream.CLASH, 65536 + B, 7))] * n + [99] * n
    assert claims["group"].tolist() == [1] * n + [0] * n
    assert claims["injured"].tolist() == [3] * n + [1] * n
    assert claims["killed"].tolist() == [2] * n + [0] * n
    assert claims["district"].tolist() == [B] * n + [C] * n


def test_arrests_are_carried_by_cell_but_those_of_an_operation_as_one() -> None:
    bench = _bench()
    bench["arrested"][0, [A, C]] = 2, 1
    bench["arrested"][1, [A, B, C]] = 4, 9, 5
    bench["arrest_key"][:2] = np.arange(6).reshape(2, 3) + 10
    bench["captures"][1] = 30
    bench.run(0)
    claims = {name: column[::OUTLETS].tolist() for name, column in _claims(bench).items()}
    assert claims["event_id"] == [10, 12, 14]
    assert claims["group"] == [0, 0, 1]
    assert claims["people"] == [2, 1, 18]
    assert claims["district"] == [A, C, B]


def test_arrested_impostors_are_known_by_the_name_that_they_had_used() -> None:
    bench = _bench()
    impostor = bench.city.impostor
    bench["arrested"][impostor, B] = 1
    bench["claim_running"][B, 1:] = 1.0  # only the name of group 1 is used there
    bench["arrest_key"][impostor, B] = 5
    bench.run(0)
    bench["claim_running"][:] = 0.0
    bench.run(1)
    claims, n = _claims(bench), OUTLETS
    assert claims["group"].tolist() == [1] * n + [NOBODY] * n, "where no name was known nobody is named"
    assert set(claims["true_group"].tolist()) == {impostor}


def test_remote_operators_have_no_name() -> None:
    bench = _bench()
    bench.incident(A, 2, killed=1)
    bench.run(0)
    claims = _claims(bench)
    assert set(claims["group"].tolist()) == {NOBODY}
    assert set(claims["true_group"].tolist()) == {2}


def test_only_public_incidents_are_carried_and_a_quiet_day_brings_nothing() -> None:
    bench = _bench()
    bench.incident(A, 0, public=False)
    bench.run(0)
    bench.incident(B, 0, injured=15)
    bench.run(1)
    bench.quiet()
    bench.run(2)
    claims = _claims(bench)
    assert claims["day"].tolist() == [1] * OUTLETS
    assert claims["injured"].tolist() == [15] * OUTLETS
    assert bench["fame"][0] == pytest.approx(OUTLETS * 0.5 ** (1 / 90))
    assert bench["named"][0] == 0


def test_a_day_with_more_incidents_than_usual_is_carried_whole() -> None:
    bench = _bench()
    for _ in range(1000):
        bench.incident(A, 0)
    bench.run(0)
    assert len(_claims(bench)["day"]) == 1000 * OUTLETS


def test_claims_of_a_run_join_to_its_events() -> None:
    sim = whole_lima()
    claims, log = sim.claims, sim.log
    assert claims["day"].size > 100
    known = log["event_id"] > 0
    place = {int(i): n for i, n in zip(log["event_id"][known], np.flatnonzero(known), strict=True)}
    row = np.array([place[int(i)] for i in claims["event_id"]])
    np.testing.assert_array_equal(log["type"][row], claims["type"])
    np.testing.assert_array_equal(log["group"][row], claims["true_group"])
    assert (claims["day"] >= log["day"][row]).all()
    assert len(np.unique(claims["claim_id"])) == claims["claim_id"].size


def test_in_lima_outlets_err_as_often_as_they_do() -> None:
    """Only names of groups that have one: what impostors and remote operators are known for is not theirs."""
    sim = whole_lima()
    claims, groups = sim.claims, sim.groups
    named = (claims["group"] >= 0) & [groups[g].role not in ("remote", "impostor") for g in claims["true_group"]]
    rate = np.array([outlet["attribution_error"] for outlet in sim.scenario.outlets])[claims["outlet"][named]]
    wrong = (claims["group"] != claims["true_group"])[named].sum()
    assert wrong == pytest.approx(rate.sum(), abs=4 * np.sqrt((rate * (1 - rate)).sum()))


def test_claims_about_one_incident_contradict_each_other_and_are_kept_side_by_side() -> None:
    claims = whole_lima().claims
    by_incident: dict[int, set[tuple[int, int]]] = {}
    for event, group, injured in zip(claims["event_id"], claims["group"], claims["injured"], strict=True):
        by_incident.setdefault(int(event), set()).add((int(group), int(injured)))
    assert sum(len(versions) > 1 for versions in by_incident.values()) > 10


def test_every_death_is_publicly_known() -> None:
    """An incident with deaths can be carried by all: with full coverage each outlet claims it."""
    scenario = with_outlets(
        row_of_three({"parameters.punishment.propensity": 1.0}, groups=["local_norte"]), coverage=1.0
    )
    sim = run(scenario, "2018-06-30")
    incidents = events(sim, "incident")
    fatal = incidents["event_id"][incidents["killed"] > 0]
    assert fatal.size > 0
    claimed, times = np.unique(sim.claims["event_id"], return_counts=True)
    assert np.isin(fatal, claimed).all()
    assert (times == len(scenario.outlets)).all()


def test_the_press_changes_nothing_that_offenders_or_victims_do_but_for_impostors() -> None:
    """Impostors take the names that are in the news, so they are left out."""
    city = without(lima(share=50), "remote", "entrant")
    loud, silent = (run(with_outlets(city, coverage=c), "2018-12-31", without=("A5",)) for c in (1.0, 0.0))
    assert loud.claims["day"].size > 0 == silent.claims["day"].size
    for name, table in loud.records.items():
        np.testing.assert_array_equal(table, silent.records[name], err_msg=name)


def test_severe_attacks_are_over_represented_in_the_press() -> None:
    sim = small_lima()
    claims, incidents = sim.claims, events(sim, "incident")
    about = claims["type"] == CODE["incident"]
    assert claims["injured"][about].mean() > 2 * incidents["injured"].mean()
