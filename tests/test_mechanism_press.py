"""The press: what outlets claim about public incidents."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from racketsim.engine.log import event_id
from racketsim.engine.streams import Stream
from racketsim.mechanisms.press import Press
from racketsim.mechanisms.press_claims import NOBODY, UNASKED, Fact, Said, blame, carry, claim_id, forget
from racketsim.results.vocabulary import EVENT_TYPES
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
    said, due = np.zeros((len(Said), n), np.int64), np.zeros((days, len(fame)), np.int64)
    ids = np.arange(n, dtype=np.uint64)
    quantities = np.array([[coverage], [bias], [delay], [attribution], [wrong], [miscount]])
    weights = np.full(n, notice)
    count = carry(
        *(np.uint64(2), 0, n, ids, weights, rows, quantities, suspicion, most_off, np.array(fame), due),
        *(said, about := np.zeros(n, np.uint64), np.zeros(n, np.uint64)),
    )
    return {
        **{name.lower(): said[place, :count] for name, place in Said.__members__.items()},
        "due": due,
        "event": about[:count],
    }


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
        forget(0, 0.5**0.1, np.array([[0, 1]]), named, fame)
    assert fame[0] == pytest.approx(4.0)
    assert fame[1] == pytest.approx((1 - 0.5) / (1 - 0.5**0.1))
    assert named.tolist() == [0, 1]


def test_a_group_that_did_nothing_for_long_fades_from_the_news_though_errors_still_name_it() -> None:
    """Group 0 was famous and is gone; group 1 goes on, and three in ten of the names given for it are wrong."""
    fame, gone = np.array([300.0, 30.0, 10.0]), []
    for day in range(1500):
        claims = _carry(2, coverage=0.9999, attribution=1.0, wrong=0.3, fame=tuple(fame), known=1 + day % 2)
        forget(0, 0.5 ** (1 / 60), np.bincount(claims["group"], minlength=3)[None], np.zeros(3, np.int64), fame)
        gone.append(fame[0])
    assert gone[-1] < 0.05 * fame[1:].min()


OUTLETS = len(lima().outlets)
NUMBERS = {
    "fame_half_life": 90.0,
    "misstatement": 3.0,
    "suspicion": 0.0,
    "arrest_notice": 0.3,
    "protest_notice": 0.5,
    "vehicle_notice": 1.0,
    "threat_notice": 7.0,
    "state_notice": 7.0,
}


def _bench(numbers: dict[str, float] | None = None, **quantities: float) -> Bench:
    """Return the press of three districts, with outlets that carry all and, unless told, err in nothing."""
    right = {"coverage": 1.0, "delay_mean": 0.0, "attribution": 1.0, "attribution_error": 0.0, "count_error": 0.0}
    city = row_of_three(groups=["local_norte", "gallegos", "remote_operators"])
    bench = Bench(Press, with_outlets(city, **{**right, **quantities}), {**NUMBERS, **(numbers or {})})
    bench["ultimatum_day"][:] = bench["ultimatum_deadline"][:] = -1
    return bench


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


def _one(bench: Bench) -> dict[str, int]:
    """Return what the first outlet claims, having checked that all claim the same and about one event."""
    claims = {name: column.tolist() for name, column in _claims(bench).items() if name not in ("claim_id", "outlet")}
    assert all(len(values) == OUTLETS and len(set(values)) == 1 for values in claims.values()), claims
    return {name: values[0] for name, values in claims.items()}


def _protest(bench: Bench, district: int, size: int, *, violent: bool = False, sponsor: int = NOBODY) -> int:
    bench["crowd_acted"][0] = 1
    bench["protest_size"][district], bench["protest_violent"][district] = size, violent
    bench["protest_nth"][district] = 4
    bench["protest_sponsor"][district] = sponsor
    return int(event_id(Stream.OUTBREAK, district, 4))


def test_a_peaceful_protest_is_carried_with_its_size_and_blames_nobody() -> None:
    bench = _bench(attribution_error=1.0)
    bench["fame"][:2] = 5.0
    protest = _protest(bench, B, 320)
    bench.run(0)
    said = _one(bench)
    assert (said["event_id"], said["type"], said["district"]) == (protest, CODE["protest"], B)
    assert (said["people"], said["vehicles"], said["group"], said["sponsor"]) == (320, 0, NOBODY, NOBODY)


def test_who_is_behind_a_protest_is_said_by_the_suspicious_alone() -> None:
    bench = _bench({"suspicion": 1.0})
    _protest(bench, B, 320, sponsor=0)
    bench.run(0)
    assert _one(bench)["sponsor"] == 0
    assert bench["named"][0] == OUTLETS, "who is said to be behind a protest is in the news"


def test_a_riot_is_carried_with_vehicles_by_the_owner_that_was_reported() -> None:
    """Group 1 owned them, the police say group 0's: outlets that do not err say what the police say."""
    bench = _bench()
    riot = _protest(bench, C, 900, violent=True)
    bench["crowd_hit"][0] = 1
    bench["burnt_true_suspect"][C], bench["burnt_innocent"][C], bench["burnt_by_group"][1, C] = 3, 1, 3
    bench["burnt_reported_by_group"][0, C] = 4
    bench["crowd_injured"][C], bench["crowd_killed"][C] = 2, 1
    bench.run(0)
    said = _one(bench)
    assert (said["event_id"], said["type"], said["people"]) == (riot, CODE["riot"], 900)
    assert (said["vehicles"], said["injured"], said["killed"]) == (4, 2, 1)
    assert (said["true_group"], said["group"]) == (1, 0)


@pytest.mark.parametrize(("innocents", "reported"), [(4, NOBODY), (3, NOBODY), (2, 0)])
def test_vehicles_are_innocents_where_the_police_say_so_of_most(innocents: int, reported: int) -> None:
    bench = _bench()
    _protest(bench, A, 100, violent=True)
    bench["burnt_innocent"][A] = 5
    bench["burnt_reported_by_group"][0, A], bench["burnt_reported_innocent"][A] = 3, innocents
    bench.run(0)
    said = _one(bench)
    assert (said["group"], said["true_group"]) == (reported, NOBODY)


def test_vigilantes_are_carried_but_for_those_in_a_riot() -> None:
    bench = _bench()
    bench["crowd_hit"][0] = 1
    bench["vigilante_innocent"][[A, B]], bench["vigilante_attacks"][0, [A, B]] = 1, 6
    bench["crowd_injured"][A] = 1
    _protest(bench, B, 50, violent=True)
    bench.run(0)
    claims = _claims(bench)
    attack = claims["type"] == CODE["vigilante_attack"]
    assert set(claims["event_id"][attack].tolist()) == {int(event_id(Stream.VIGILANTE_ATTACK, A, 6))}
    assert set(claims["type"][~attack].tolist()) == {CODE["riot"]}
    assert set(claims["injured"][attack].tolist()) == {1}


def test_a_public_threat_is_carried_as_its_senders() -> None:
    bench = _bench()
    bench["public_threat"][1], bench["threat_district"][1], bench["threats"][1, C] = 1, C, 3
    bench.run(0)
    said = _one(bench)
    assert said["event_id"] == int(event_id(Stream.PUBLIC_THREAT_WAIT, 65536 + C, 3))
    assert (said["type"], said["group"], said["district"]) == (CODE["public_threat"], 1, C)


@pytest.mark.parametrize(("who", "named"), [(1, 1), (-2, NOBODY)])
def test_an_ultimatum_is_carried_on_the_day_when_it_is_set(who: int, named: int) -> None:
    bench = _bench()
    bench["ultimatum_who"][B], bench["ultimatum_deadline"][B], bench["ultimatums"][B] = who, 13, 2
    bench["ultimatum_day"][B] = 10
    for day in (9, 10, 11):
        bench.run(day)
    said = _one(bench)
    assert (said["day"], said["event_id"]) == (10, int(event_id(Stream.ULTIMATUM, B, 2)))
    assert (said["type"], said["group"]) == (CODE["ultimatum"], named)


def test_incidents_against_innocents_are_carried_and_blamed_on_no_group() -> None:
    bench = _bench(attribution_error=1.0)
    bench["fame"][:2] = 5.0
    bench["backlash_count"][C], bench["backlash_incidents"][0, C] = 1, 8
    bench["backlash_injured"][C] = 4
    bench.run(0)
    said = _one(bench)
    assert (said["event_id"], said["injured"]) == (int(event_id(Stream.BACKLASH_WAIT, C, 8)), 4)
    assert (said["type"], said["group"]) == (CODE["backlash_incident"], NOBODY)


def test_officers_of_an_operation_are_misstated_by_outlets_each_on_its_own() -> None:
    """Of many operations of 700 officers, two outlets in three that err give 400 or less, or 2,000 or more."""
    bench = _bench(count_error=1.0)
    bench["begun_count"][0], bench["begun_officers"][0], bench["begun_district"][0] = 1, 700, B
    for day in range(200):
        bench["begun_key"][0] = 1000 + day
        bench.run(day)
    claims = _claims(bench)
    people = claims["people"].reshape(200, OUTLETS)
    assert all(len(set(row)) > 1 for row in people.tolist())
    assert (people.min(), people.max()) == (pytest.approx(700 / 3, abs=5), pytest.approx(2100, abs=40))
    far = ((people <= 400) | (people >= 2000)).mean()
    expected = 1 - np.log(2000 / 400) / np.log(9)
    assert far == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / people.size))
    assert set(claims["type"].tolist()) == {CODE["policy_start"]}
    assert set(claims["group"].tolist()) == {NOBODY}


def test_events_that_hurt_nobody_are_noticed_by_what_they_are() -> None:
    """With coverage 0.05 and bias 1, an event of notice n is carried with odds 0.05 / 0.95 * (1 + n) ** (1 / ln 2)."""
    for name, notice in (("threat_notice", 7.0), ("threat_notice", 0.0)):
        bench = _bench({name: notice}, coverage=0.05, severity_bias=1.0)
        bench["public_threat"][1] = 1
        for nth in range(2000):
            bench["threats"][1, A] = nth
            bench.run(nth % 300)
        odds = 0.05 / 0.95 * np.exp(np.log2(1 + notice))
        expected = odds / (1 + odds)
        share = len(_claims(bench)["day"]) / (2000 * OUTLETS)
        assert share == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / (2000 * OUTLETS)))


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
    done = ~np.isin(claims["type"], [CODE["riot"], CODE["vigilante_attack"]])  # of which the log names others
    np.testing.assert_array_equal(log["group"][row][done], claims["true_group"][done])
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


def test_in_lima_the_press_carries_every_sort_of_public_event() -> None:
    found = {EVENT_TYPES[code] for seed in (1, 2, 3) for code in np.unique(whole_lima(seed).claims["type"])}
    assert found >= {"incident", "arrest", "clash", "retaliation", "protest", "riot", "vigilante_attack"}
    assert found >= {"public_threat", "ultimatum", "backlash_incident", "policy_start"}


def test_in_lima_officers_of_the_operation_and_crowds_are_counted_differently() -> None:
    claims = whole_lima().claims
    for name in ("policy_start", "protest"):
        about = claims["type"] == CODE[name]
        by_event: dict[int, set[int]] = {}
        for event, people in zip(claims["event_id"][about], claims["people"][about], strict=True):
            by_event.setdefault(int(event), set()).add(int(people))
        assert any(len(versions) > 1 for versions in by_event.values())


def test_severe_attacks_are_over_represented_in_the_press() -> None:
    sim = small_lima()
    claims, incidents = sim.claims, events(sim, "incident")
    about = claims["type"] == CODE["incident"]
    assert claims["injured"][about].mean() > 2 * incidents["injured"].mean()
