"""The press: what outlets claim about public incidents."""

from __future__ import annotations

import numpy as np
import pytest

from racketsim.mechanisms.press import carry, most_famous
from tests.mechanism_city import events, lima, row_of_three, run, small_lima, whole_lima, with_outlets, without


def _carry(
    incidents: int = 10_000,
    *,
    coverage: float = 0.5,
    bias: float = 0.0,
    delay: float = 0.0,
    attribution: float = 0.0,
    wrong: float = 0.0,
    miscount: float = 0.0,
    injured: int = 0,
    killed: int = 0,
    public: bool = True,
    fame: tuple[int, ...] = (0, 0),
) -> dict[str, np.ndarray]:
    """Return the claims of one outlet about alike incidents of group 1."""
    names = ("incident", "outlet", "delay", "group", "injured", "killed")
    columns = {name: np.empty(incidents, np.int64) for name in names}
    held = np.array(fame, np.int64)
    n = carry(
        np.uint64(2),
        incidents,
        np.arange(incidents, dtype=np.int32),
        np.ones(incidents, np.int16),
        np.ones(incidents, np.int32),
        np.full(incidents, injured, np.int32),
        np.full(incidents, killed, np.int32),
        np.full(incidents, public, np.uint8),
        np.array([[coverage], [bias], [delay], [attribution], [wrong], [miscount]]),
        held,
        *columns.values(),
    )
    return {**{name: column[:n] for name, column in columns.items()}, "fame": held}


def test_only_public_incidents_are_carried_and_in_the_stated_share() -> None:
    assert _carry(public=False)["incident"].size == 0
    assert _carry(coverage=0.35)["incident"].size / 10_000 == pytest.approx(0.35, abs=4 * np.sqrt(0.35 * 0.65 / 1e4))


def test_each_doubling_of_the_people_hurt_adds_the_bias_to_the_log_odds() -> None:
    for hurt in (1, 3, 15):
        odds = 0.05 / 0.95 * np.exp(0.9 * np.log2(1 + hurt))
        expected = odds / (1 + odds)
        share = _carry(coverage=0.05, bias=0.9, injured=hurt)["incident"].size / 10_000
        assert share == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / 1e4))


def test_claims_are_published_after_the_stated_delay() -> None:
    delay = _carry(coverage=0.9999, delay=3.0)["delay"]
    assert (delay >= 0).all()
    assert delay.mean() == pytest.approx(1 / (np.exp(1 / 3) - 1), abs=0.15)  # whole days of an exponential


def test_claims_name_a_group_in_the_stated_share_and_the_right_one_without_error() -> None:
    group = _carry(coverage=0.9999, attribution=0.4)["group"]
    assert (group >= 0).mean() == pytest.approx(0.4, abs=0.02)
    assert set(group.tolist()) == {-1, 1}


def test_errors_name_the_other_group_that_is_named_most() -> None:
    claims = _carry(coverage=0.9999, attribution=1.0, wrong=0.3, fame=(10**6, 0))
    assert (claims["group"] == 0).mean() == pytest.approx(0.3, abs=0.02)
    assert claims["fame"].sum() == 10**6 + claims["group"].size


def test_an_error_never_names_the_true_group_however_famous_it_is() -> None:
    """Group 1 did it all; the most famous of the others is group 3."""
    claims = _carry(coverage=0.9999, attribution=1.0, wrong=1.0, fame=(5, 10**6, 0, 40))
    assert set(claims["group"].tolist()) == {3}
    mixed = _carry(coverage=0.9999, attribution=1.0, wrong=0.3, fame=(5, 10**6, 0, 40))["group"]
    assert set(mixed.tolist()) == {1, 3}
    assert (mixed == 3).mean() == pytest.approx(0.3, abs=0.02)


def test_where_no_other_group_was_ever_named_the_press_cannot_err() -> None:
    assert set(_carry(coverage=0.9999, attribution=1.0, wrong=1.0, fame=(0, 7, 0))["group"].tolist()) == {1}


def test_the_most_famous_besides_one() -> None:
    fame = np.array([4, 9, 9, 0])
    assert [int(most_famous(fame, besides)) for besides in range(4)] == [1, 2, 1, 1]
    assert most_famous(np.zeros(3, np.int64), 2) == 2


def test_counts_are_misstated_in_the_stated_share_by_a_half_to_twice() -> None:
    claims = _carry(coverage=0.9999, miscount=0.4, injured=100, killed=40)
    off = claims["injured"] != 100
    assert off.mean() == pytest.approx(0.4, abs=0.025)
    assert claims["injured"].min() >= 50
    assert claims["injured"].max() <= 200
    assert _carry(coverage=0.9999, miscount=1.0)["injured"].max() == 0


def test_claims_of_a_run_join_to_its_incidents() -> None:
    sim = whole_lima()
    claims, incidents = sim.claims, events(sim, "incident")
    assert claims["day"].size > 100
    place = {int(i): n for n, i in enumerate(incidents["event_id"])}
    row = np.array([place[int(i)] for i in claims["event_id"]])
    np.testing.assert_array_equal(incidents["group"][row], claims["true_group"])
    assert (claims["day"] >= incidents["day"][row]).all()
    assert len(np.unique(claims["claim_id"])) == claims["claim_id"].size


def test_in_lima_outlets_err_as_often_as_they_do() -> None:
    sim = whole_lima()
    claims = sim.claims
    named = claims["group"] >= 0
    rate = np.array([outlet["attribution_error"] for outlet in sim.scenario.outlets])[claims["outlet"][named]]
    wrong = (claims["group"] != claims["true_group"])[named].sum()
    assert wrong == pytest.approx(rate.sum(), abs=4 * np.sqrt((rate * (1 - rate)).sum()))


def test_claims_about_one_incident_contradict_each_other_and_are_kept_side_by_side() -> None:
    claims = whole_lima().claims
    named = claims["group"] >= 0
    assert (claims["group"][named] != claims["true_group"][named]).any()
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
    assert claims["injured"].mean() > 2 * incidents["injured"].mean()
