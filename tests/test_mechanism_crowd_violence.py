"""What crowds do: vehicles burnt, people beaten, vigilantes; who was innocent, and what was reported."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from racketsim.engine.log import event_id
from racketsim.engine.streams import Stream
from racketsim.mechanisms import crowd_violence as module
from racketsim.mechanisms.crowd_violence import CrowdViolence
from tests.crowd_city import ENTRANT, INCUMBENT, VIOLENT, A, Alone, B, C

HARM = ("vehicle_burnt", "person_beaten", "vigilante_attack")
COUNTED = (
    "burnt_true_suspect",
    "burnt_innocent",
    "beaten_suspect",
    "beaten_innocent",
    "vigilante_suspect",
    "vigilante_innocent",
)


def _riots(
    riots: int, size: int = 1000, rival: int = -1, violent: int = 1, **changes: Any
) -> tuple[Alone, dict[str, int]]:
    """Let a crowd gather in A on each of some days; return the city and the sums of what was counted."""
    city = Alone(CrowdViolence, VIOLENT, **changes)
    city.v.members[ENTRANT, A] = 50
    city.v.protest_size[A], city.v.protest_violent[A], city.v.protest_rival[A] = size, violent, rival
    sums = dict.fromkeys(
        [*COUNTED, "burnt_reported_suspect", "burnt_reported_innocent", "crowd_injured", "crowd_killed", "lynched"], 0
    )
    for nth in range(1, riots + 1):
        city.v.protest_nth[A] = nth
        city.live()
        for name in sums:
            sums[name] += int(getattr(city.v, name).sum())
    return city, sums


def test_a_peaceful_protest_harms_nobody() -> None:
    city, sums = _riots(50, violent=0)
    assert not any(sums.values())
    assert not city.log.rows


@pytest.mark.parametrize(("size", "mean"), [(40, 0.4), (150, 1.5), (1000, 10.0)])
def test_a_violent_crowd_attacks_in_proportion_to_its_size(size: int, mean: float) -> None:
    """One attack for 100 people, whole numbers around it."""
    city, _ = _riots(400, size)
    assert len(city.log.of(*HARM)) / 400 == pytest.approx(mean, abs=0.1)


def test_a_huge_crowd_has_a_last_attack() -> None:
    assert len(_riots(1, 100_000)[0].log.of(*HARM)) == 63


def test_every_attack_is_an_event_of_its_riot_and_every_number_adds_up() -> None:
    city, sums = _riots(100)
    rows = city.log.of(*HARM)
    assert {row["caused_by"] for row in rows} == {event_id(int(Stream.OUTBREAK), A, nth) for nth in range(1, 101)}
    assert len({row["event_id"] for row in rows}) == len(rows) == sum(sums[name] for name in COUNTED)
    for name, what, innocent in [
        ("burnt_true_suspect", "vehicle_burnt", False),
        ("burnt_innocent", "vehicle_burnt", True),
        ("beaten_suspect", "person_beaten", False),
        ("beaten_innocent", "person_beaten", True),
    ]:
        assert sums[name] == sum((row["group"] == -1) == innocent for row in city.log.of(what))
    beaten = sums["beaten_suspect"] + sums["beaten_innocent"]
    assert sums["crowd_injured"] + sums["crowd_killed"] == beaten
    assert sum(row["injured"] for row in rows) == sums["crowd_injured"]
    assert sum(row["killed"] for row in rows) == sums["crowd_killed"]
    assert 0 < sums["lynched"] < sums["crowd_killed"]


def test_innocents_are_hit_with_the_stated_chance_and_groups_by_their_members() -> None:
    """1,000 attacks, 4 sigma."""
    city, _ = _riots(100)
    owners = np.array([row["group"] for row in city.log.of(*HARM)])
    assert (owners == -1).mean() == pytest.approx(0.4, abs=0.062)
    assert (owners == ENTRANT).mean() == pytest.approx(0.3, abs=0.062)
    assert (owners == INCUMBENT).mean() == pytest.approx(0.3, abs=0.062)


def test_where_no_group_is_present_all_are_innocent() -> None:
    city = Alone(CrowdViolence, VIOLENT)
    city.v.members[:] = 0
    city.v.protest_size[A], city.v.protest_violent[A], city.v.protest_nth[A] = 3000, 1, 1
    city.live()
    assert {row["group"] for row in city.log.rows} == {-1}
    assert city.v.burnt_innocent[A] > 0


def test_reports_of_owners_differ_from_the_truth_with_the_stated_error() -> None:
    city, sums = _riots(100)
    truth = {row["event_id"]: row["group"] for row in city.log.of(*HARM)}
    said = {row["caused_by"]: row["group"] for row in city.log.of("owner_reported")}
    assert truth.keys() == said.keys()
    wrong = [truth[event] != said[event] for event in truth]
    assert np.mean(wrong) == pytest.approx(0.35, abs=0.06)
    burnt = sums["burnt_true_suspect"] + sums["burnt_innocent"]
    assert sums["burnt_reported_suspect"] + sums["burnt_reported_innocent"] == burnt
    exact, _ = _riots(50, report_error=0.0)
    truth = {row["event_id"]: row["group"] for row in exact.log.of(*HARM)}
    assert truth == {row["caused_by"]: row["group"] for row in exact.log.of("owner_reported")}


def test_vehicles_are_booked_by_true_and_by_reported_owner() -> None:
    city, _ = _riots(1, 6000)
    for name, types in (("burnt_by_group", "vehicle_burnt"), ("burnt_reported_by_group", "owner_reported")):
        vehicles = {row["event_id"] for row in city.log.of("vehicle_burnt")}
        rows = [r for r in city.log.of(types) if r.get("event_id") in vehicles or r["caused_by"] in vehicles]
        for group in (INCUMBENT, ENTRANT):
            assert getattr(city.v, name)[group, A] == sum(row["group"] == group for row in rows)


def test_a_steered_crowd_hits_the_rival() -> None:
    def share_of_rival(**steering: Any) -> float:
        city, _ = _riots(60, rival=ENTRANT, **steering)
        return float(np.mean([row["group"] == ENTRANT for row in city.log.of(*HARM)]))

    assert share_of_rival(steering=0.0) == pytest.approx(0.3, abs=0.08)
    assert share_of_rival(steering=0.7) == pytest.approx(0.79, abs=0.07)


def test_no_more_members_are_killed_than_there_are() -> None:
    city, sums = _riots(1, 10_000, vehicle_share=0.0, false_positive=0.0, lethality=1.0)
    assert sums["lynched"] == 63
    city.v.members[:, A] = 0
    city.v.members[ENTRANT, A] = 2
    city.v.protest_nth[A] = 2
    city.live()
    assert city.v.lynched[ENTRANT, A] == 2
    assert city.v.beaten_innocent[A] == 61


def _vigilantes(days: int = 400, grievance: tuple[float, float, float] = (0.4, 0.2, 0.0), rate: float = 1.0) -> Alone:
    city = Alone(CrowdViolence, VIOLENT, vigilante_rate=rate)
    city.v.grievance[:] = grievance
    return city.live(days)


def test_vigilantes_follow_grievance_and_attack_one_person_at_a_time() -> None:
    """Rate * people / 10,000 * grievance a day; 4 sigma."""
    city = _vigilantes()
    rows = city.log.of(*HARM)
    assert {row["type"] for row in rows} == {"vigilante_attack"}
    assert all(row["injured"] + row["killed"] == 1 for row in rows)
    people = city.city.counts[A, 1:].sum()
    for district, grievance in ((A, 0.4), (B, 0.2), (C, 0.0)):
        expected = 400 * people / 10_000 * grievance
        happened = sum(row["district"] == district for row in rows)
        assert happened == pytest.approx(expected, abs=4 * np.sqrt(expected))
    assert np.mean([row["group"] == -1 for row in rows]) == pytest.approx(0.4, abs=0.1)


def test_a_day_without_attacks_is_empty_again() -> None:
    city, _ = _riots(1)
    city.v.protest_violent[A] = 0
    city.live()
    for name in CrowdViolence.writes:
        if name not in ("vigilante_threshold", "vigilante_attacks"):
            assert not getattr(city.v, name).any(), name


def test_the_element_can_be_left_out() -> None:
    assert Alone(CrowdViolence, VIOLENT, off=("A9",)).mechanism.rests
    assert not Alone(CrowdViolence, VIOLENT).mechanism.rests


def test_the_same_seed_gives_the_same_attacks() -> None:
    one, same = _riots(20)[0].log.rows, _riots(20)[0].log.rows
    assert one == same
    assert one != _riots(20, seed=2)[0].log.rows


@pytest.mark.parametrize(
    ("broken", "test"),
    [
        (lambda *_: (True, -1, -1, False), test_innocents_are_hit_with_the_stated_chance_and_groups_by_their_members),
        (lambda *_: (True, 0, 0, False), test_reports_of_owners_differ_from_the_truth_with_the_stated_error),
        (lambda *_: (True, 0, 0, False), test_a_steered_crowd_hits_the_rival),
        (lambda *_: (True, 0, 0, False), test_every_attack_is_an_event_of_its_riot_and_every_number_adds_up),
    ],
)
def test_an_attack_without_its_rules_is_noticed(broken: object, test: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "attack", broken)
    with pytest.raises(AssertionError):
        test()  # type: ignore[operator]
