"""Custody: the arrested are held for a spell, released, and some return."""

from __future__ import annotations

import numpy as np
import pytest

from racketsim.policies import Capture
from racketsim.simulation import Sim
from tests.mechanism_city import events, row_of_three, run, whole_lima, with_group

STILL = {
    "parameters.policing.opening_report": 0.0,
    "parameters.policing.opening_incident": 0.0,
    "parameters.membership.recruitment": 0.0,
    "parameters.membership.leaving": 0.0,
    "parameters.leadership.visibility": 0.0,
}
"""Numbers with which nobody is arrested but in a capture, and members change in no other way."""


def _captured(until: str, **custody: float) -> tuple[Sim, int]:
    """Return a run in which 60 members are captured on the second day, and the members before."""
    numbers = {**STILL, **{f"parameters.custody.{name}": value for name, value in custody.items()}}
    city = row_of_three(numbers, groups=["local_norte"])
    sim = Sim(city, policies=[Capture(group="local_norte", members=300, start="2018-01-02")])
    before = int(sim._state["members"].sum())
    return sim.run(until), before


def test_the_arrested_are_off_the_street_and_in_custody() -> None:
    sim, before = _captured("2018-01-02", short_share=0.0)
    assert sim._state["members"].sum() == before - 300
    assert sim._state["held"].sum() == 300


def test_people_are_conserved_between_street_custody_and_outside() -> None:
    sim, before = _captured("2018-12-31", return_share=0.5)
    released = events(sim, "release")["count"].sum()
    state = sim._state
    assert state["admitted"].sum() == state["held"].sum() + released == 300
    returned = state["members"].sum() - (before - 300)
    assert returned == pytest.approx(0.5 * released, abs=4 * np.sqrt(0.25 * released))


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_all_or_none_of_the_released_return(share: float) -> None:
    sim, before = _captured("2018-12-31", return_share=share, long_mean=30.0)
    assert sim._state["held"].sum() <= 3
    assert sim._state["members"].sum() == pytest.approx(before - 300 * (1 - share), abs=3 * share)


def test_spells_are_a_mixture_of_short_and_long_exponentials() -> None:
    sim, _ = _captured("2018-12-31", short_share=0.4, short_mean=7.0, long_mean=1100.0)
    for day in (5, 30, 200):
        release = events(sim, "release")
        still = 300 - release["count"][release["day"] <= 1 + day].sum()
        expected = 0.4 * np.exp(-day / 7.0) + 0.6 * np.exp(-day / 1100.0)
        assert still / 300 == pytest.approx(expected, abs=4 * np.sqrt(0.25 / 300))


def test_nobody_is_released_before_a_day_has_passed() -> None:
    sim, _ = _captured("2018-01-02", short_share=1.0, short_mean=0.0)
    assert sim._state["held"].sum() == 300
    assert sim.run("2018-01-03")._state["held"].sum() == 0


def test_longer_spells_hold_more_people() -> None:
    held = [_captured("2018-12-31", short_share=0.0, long_mean=mean)[0]._state["held"].sum() for mean in (100, 2000)]
    assert held[1] > 5 * held[0]


def test_those_held_in_lima_are_those_arrested_and_not_yet_released() -> None:
    sim = whole_lima()
    arrested, released = np.zeros(2191), np.zeros(2191)
    for what, table in (("arrest", arrested), ("release", released)):
        happened = events(sim, what)
        np.add.at(table, happened["day"], happened["count"])
    inside = np.cumsum(arrested - released)
    month_ends = np.flatnonzero(np.diff(sim._city.month_of_day, append=99))
    np.testing.assert_array_equal(sim.records["held"].sum(axis=1), inside[month_ends])


def test_released_operators_return_to_their_telephones() -> None:
    """Adoption is closed (innovation and imitation zero), so operators change by arrests and returns alone."""
    numbers = {
        "parameters.diffusion.innovation": 0.0,
        "parameters.diffusion.imitation": 0.0,
        "parameters.policing.clearance": 0.01,
        "parameters.policing.remote_clearance": 1.0,
        "parameters.policing.caseload": 100.0,
        "parameters.custody.short_share": 1.0,
    }
    left = []
    for share in (0.0, 1.0):
        city = row_of_three({**numbers, "parameters.custody.return_share": share}, groups=["remote_operators"])
        sim = run(with_group(city, "remote_operators", members=200.0, potential=200.0), "2022-12-31")
        assert sim.records["arrests"].sum() > 20
        left.append(int(sim.records["operators"][-1]))
    assert left[0] < left[1]
    assert left[1] >= 185  # of 200; at any time a few are in custody
