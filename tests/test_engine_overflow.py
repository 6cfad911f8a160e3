"""Arrays of a day have a fixed room: a scenario that needs more is refused with one clear message, on the day it does.

The rooms are made small here, each test leaving one thing too much for them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from racketsim import Sim
from racketsim.city.city import City
from racketsim.engine.calendar import empty_head
from racketsim.errors import InputError
from racketsim.mechanisms.collection import Collection
from racketsim.mechanisms.contest import Contest
from racketsim.mechanisms.relations import united_payers
from racketsim.mechanisms.strikes import follow
from racketsim.policies import Lockdown

QUIET = {
    "parameters.allocation.rate_per_member": 0.0,
    "parameters.diffusion.rate_per_operator": 0.0,
    "parameters.punishment.propensity": 0.0,
    "parameters.reporting.base": -20.0,
    "parameters.collection.review_mean": 10_000.0,
}
"""Nothing happens: nobody is asked, nobody reports, and those who pay at the start are left alone."""
DEMANDS = {"parameters.allocation.rate_per_member": 0.5}
REVIEWS = {**DEMANDS, "parameters.collection.review_mean": 20.0}
REPORTED = {**DEMANDS, "parameters.reporting.base": 20.0, "parameters.reporting.fear_weight": 0.0}
PUNISHED = {**DEMANDS, "parameters.punishment.propensity": 1.0}
EMPTY_STREETS = (Lockdown(start="2022-01-01", mobility=0.0, station_access=1.0),)
"""No new demands in person: reviews of those who pay are all there is."""


class Guard(NamedTuple):
    """What a city with too small a room says, the room, and what fills it."""

    says: str
    rooms: dict[str, int]
    numbers: dict[str, float]
    policies: tuple[Lockdown, ...] = ()


GUARDS = {
    "targets that fire": Guard("more demands on one day", {"demand": 2}, DEMANDS),
    "demands": Guard("more demands on one day", {"demand": 2}, REVIEWS, EMPTY_STREETS),
    "reviews": Guard("more reviews on one day", {"pending": 2}, REVIEWS, EMPTY_STREETS),
    "reports": Guard("more reports on one day", {"today": 2}, {**REPORTED, "parameters.reporting.delay_mean": 0.0}),
    "reports to come": Guard(
        "more is under way", {"pending": 20}, {**REPORTED, "parameters.reporting.delay_mean": 300.0}
    ),
    "incidents": Guard(
        "more incidents on one day", {"today": 2}, {**PUNISHED, "parameters.punishment.delay_mean": 0.0}
    ),
    "incidents to come": Guard(
        "more is under way", {"pending": 20}, {**PUNISHED, "parameters.punishment.delay_mean": 300.0}
    ),
}


@pytest.fixture
def rooms(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Replace sizes of dimensions: `rooms(today=2)`."""
    plain = vars(City)["sizes"].func

    def replace(**sizes: int) -> None:
        monkeypatch.setattr(City, "sizes", property(lambda city: {**plain(city), **sizes}))

    return replace


@pytest.mark.parametrize("guard", GUARDS)
def test_what_does_not_fit_into_a_day_is_an_input_error_that_names_the_day(
    small_city: Path, rooms: Any, guard: str
) -> None:
    says, small, numbers, policies = GUARDS[guard]
    rooms(**small)
    sim = Sim(small_city, overrides={**QUIET, **numbers}, policies=policies)
    with pytest.raises(InputError) as found:
        sim.run()
    said = str(found.value)
    assert said.startswith(f"{sim._city.date_of(sim.next_day)}: {says}")
    assert said.endswith("than there is room for; a rate of the scenario is far too high")
    assert "\n" not in said
    assert found.value.__suppress_context__  # no second traceback of the kernel


@pytest.mark.parametrize("threads", [1, 2])
def test_a_day_of_too_many_demands_is_refused_on_any_number_of_threads(
    small_city: Path, rooms: Any, threads: int
) -> None:
    rooms(demand=4)
    with pytest.raises(InputError, match=r"^\d{4}-\d\d-\d\d: more demands on one day than there is room for;"):
        Sim(small_city, overrides={**QUIET, **DEMANDS}, threads=threads).run()


@pytest.mark.parametrize("guard", GUARDS)
def test_with_the_rooms_of_the_city_the_same_numbers_run(small_city: Path, guard: str) -> None:
    _, _, numbers, policies = GUARDS[guard]
    sim = Sim(small_city, overrides={**QUIET, **numbers}, policies=policies).run("2022-03-31")
    assert sim.next_day == 90
    assert sim.records["demands"].sum() > 0


def test_more_follow_ups_than_there_is_room_for_are_refused() -> None:
    """In a city the calendar itself is full first: its room is that of the follow-ups of one day."""
    head, link = empty_head(2), np.array([-1, 0, 1], np.int32)
    head[1] = 2  # three follow-ups on day 1
    ones = np.ones(3, np.int8)
    zeros = np.zeros(3, np.int32)
    room = [np.zeros(3, np.int32) for _ in range(3)]
    listed = (1, head, link, ones, zeros, zeros, zeros, 1, np.ones((1, 1), np.int64))
    assert follow(*listed, *room) == 3
    with pytest.raises(OverflowError, match="more follow-ups on one day than there is room for"):
        follow(*listed, *(column[:2] for column in room))


def test_more_payers_who_unite_than_can_be_asked_in_a_day_are_refused() -> None:
    """All of three paying targets refuse together, and there is room for two to be put to the test."""
    starts, payee, nobody = np.array([0, 3]), np.zeros(3, np.int16), np.full(3, -1, np.int16)
    paying = np.array([0b111], np.uint8)

    def unite(room: int) -> Any:
        target, cell, group = np.zeros(room, np.int32), np.zeros(room, np.int32), np.zeros(room, np.int16)
        return united_payers(np.uint64(1), 0, 1.0, 1, starts, payee, nobody, paying, target, cell, group, 0)

    assert unite(3) == 3
    with pytest.raises(OverflowError, match="more reviews on one day than there is room for"):
        unite(2)


def test_more_ceded_targets_than_can_be_asked_in_a_day_are_refused(small_city: Path) -> None:
    collection = Sim(small_city, overrides=QUIET)._mechanisms["collection"]
    assert isinstance(collection, Collection)
    collection.v.due_count[0] = collection.v.due_target.size - 1
    collection._invite(1)
    with pytest.raises(OverflowError, match="more reviews on one day than there is room for"):
        collection._invite(1)


def test_more_clashes_than_there_is_room_for_are_refused(small_city: Path) -> None:
    contest = Sim(small_city, overrides=QUIET)._mechanisms["contest"]
    assert isinstance(contest, Contest)
    contest._here[:2, 0] = 5
    contest.v.clash_count[0] = contest.v.clash_attacker.size
    with pytest.raises(OverflowError, match="more clashes on one day than there is room for"):
        contest._clash(0, 0, 1, 0, 1)
