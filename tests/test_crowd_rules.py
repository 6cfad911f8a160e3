"""Rules of crowds: thresholds, grievance and risk, and whom a crowd attacks."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from racketsim.engine.streams import Stream
from racketsim.mechanisms.crowd_rules import (
    NOBODY,
    accuse,
    activates,
    arrest_risk,
    attack,
    crowd_size,
    grievance_from,
    hardship_from,
    more_violent,
    pick_owner,
    refuses_together,
    riot_share,
    riot_size,
    tell,
)

SEED = np.uint64(5)
UNITS = (np.arange(2000) + 0.5) / 2000


def _riot(
    thresholds: list[float], starters: int = 0, grievance: float = 0.0, officers: float = 0.0, fear: float = 0.0
) -> int:
    return int(riot_size(np.sort(np.array(thresholds, dtype=np.float64)), starters, grievance, officers, fear, 2.3))


@settings(deadline=None)
@given(st.lists(st.integers(0, 30), max_size=30))
def test_a_riot_is_the_least_fixed_point_of_those_whose_threshold_is_met(thresholds: list[int]) -> None:
    joined, before = 0, -1
    while joined != before:
        before, joined = joined, sum(threshold <= joined for threshold in thresholds)
    assert _riot([float(t) for t in thresholds]) == joined


def test_starters_come_whatever_others_do_and_bring_others() -> None:
    assert _riot([2.0, 3.0, 9.0]) == 0
    assert _riot([2.0, 3.0, 9.0], starters=2) == 4
    assert _riot([], starters=3) == 3


def test_grievance_brings_people_and_officers_keep_them_away() -> None:
    people = [float(t) for t in range(2, 102)]
    assert _riot(people) == 0
    assert _riot(people, grievance=3.0) == 100
    assert _riot(people, grievance=3.0, officers=40.0, fear=20.0) == 0


def test_a_crowd_is_safer_than_its_first_members() -> None:
    """Who is held back alone comes along once others are there: risk falls with the size of the crowd."""
    assert _riot([0.0] * 50, officers=5.0, fear=20.0) == 0
    assert _riot([0.0] * 50, starters=30, officers=5.0, fear=20.0) == 80


@pytest.mark.parametrize(("mean", "fear"), [(0.2, 0.0), (0.35, 0.1), (0.6, 0.3), (0.1, 0.2)])
def test_a_large_crowd_is_as_the_distribution_of_its_thresholds(mean: float, fear: float) -> None:
    drawn = [crowd_size(SEED, crowd, 4000, 200, mean, 0.25, 0.0, 30.0, fear, 2.3) for crowd in range(5)]
    share = riot_share(mean, 0.25, 200 / 4200, 4200.0, 30.0, fear * 4000 / 4200, 2.3)
    assert np.mean(drawn) / 4200 == pytest.approx(share, abs=0.02)


def test_very_large_crowds_go_by_the_distribution() -> None:
    assert crowd_size(SEED, 1, 10_000, 0, 0.0, 0.2, 0.0, 0.0, 0.0, 2.3) == int(
        10_000 * riot_share(0.0, 0.2, 0.0, 10_000.0, 0.0, 0.0, 2.3)
    )


def test_two_crowds_of_the_same_people_differ_by_their_draws_alone() -> None:
    sizes = [crowd_size(SEED, crowd, 60, 0, 0.35, 0.17, 0.0, 0.0, 0.0, 2.3) for crowd in range(60)]
    assert sizes == [crowd_size(SEED, crowd, 60, 0, 0.35, 0.17, 0.0, 0.0, 0.0, 2.3) for crowd in range(60)]
    assert min(sizes) < 10 < 40 < max(sizes)


def test_risk_is_one_less_an_exponential_and_the_floor_takes_it_away_where_actives_outnumber_officers() -> None:
    assert arrest_risk(0, 10, 2.3, False) == 0.0
    assert arrest_risk(5, 10, 2.3, False) == pytest.approx(1.0 - math.exp(-1.15))
    assert arrest_risk(5, 10, 2.3, True) == 0.0
    assert arrest_risk(25, 10, 2.3, True) == arrest_risk(2, 1, 2.3, False)
    assert arrest_risk(10, 10, 2.3, True) == arrest_risk(10, 10, 2.3, False) == pytest.approx(0.9, abs=0.001)


def test_grievance_is_hardship_without_legitimacy_and_moves_only_beyond_the_threshold() -> None:
    assert grievance_from(0.5, 0.82) == pytest.approx(0.09)
    assert grievance_from(1.0, 1.0) == grievance_from(0.0, 0.0) == 0.0
    assert activates(0.5, 0.3, 0.1)
    assert not activates(0.5, 0.4, 0.1)
    assert not activates(0.5, 0.3, 0.3)


def test_hardship_rises_with_every_cause_up_to_one_and_needs_impunity() -> None:
    assert hardship_from(0.0, 0.0, 0.0, 1.0) == 0.0
    assert hardship_from(5.0, 5.0, 5.0, 0.0) == 0.0
    for cause in range(3):
        causes = [0.1, 0.1, 0.1]
        causes[cause] = 0.5
        assert hardship_from(causes[0], causes[1], causes[2], 1.0) > hardship_from(0.1, 0.1, 0.1, 1.0)
    assert hardship_from(1.0, 1.0, 1.0, 1.0) > hardship_from(1.0, 1.0, 1.0, 0.5)
    assert hardship_from(50.0, 50.0, 50.0, 1.0) <= 1.0


def test_a_violent_share_moves_within_zero_and_one_by_the_sign_of_the_step() -> None:
    assert more_violent(0.2, 0.25) == pytest.approx(0.4)
    assert more_violent(0.2, -0.25) == pytest.approx(0.15)
    assert more_violent(0.2, 0.0) == 0.2
    assert (more_violent(0.2, 1.0), more_violent(0.2, -1.0)) == (1.0, 0.0)


def test_suspicion_falls_on_groups_by_their_members_and_on_innocents_with_its_error() -> None:
    members = np.array([30.0, 0.0, 10.0])
    picked = np.array([pick_owner(u, members) for u in UNITS])
    assert (picked == 0).mean() == pytest.approx(0.75, abs=0.002)
    assert not (picked == 1).any()
    accused = np.array(
        [accuse(u, v, 0.4, members) for u, v in zip(UNITS, np.random.default_rng(1).permuted(UNITS), strict=True)]
    )
    assert (accused == NOBODY).mean() == pytest.approx(0.4, abs=0.001)


def test_nobody_is_guilty_where_no_group_has_members() -> None:
    assert {accuse(u, u, 0.4, np.zeros(3)) for u in UNITS[::100]} == {NOBODY}
    assert {tell(NOBODY, u, u, 1.0, np.zeros(3)) for u in UNITS[::100]} == {NOBODY}


def test_a_wrong_report_clears_the_guilty_and_accuses_the_innocent() -> None:
    members = np.array([30.0, 10.0])
    of_guilty = [tell(1, u, u, 0.35, members) for u in UNITS]
    assert np.mean([said == NOBODY for said in of_guilty]) == pytest.approx(0.35, abs=0.001)
    assert set(of_guilty) == {1, NOBODY}
    of_innocent = [tell(NOBODY, u, v, 0.35, members) for u, v in zip(UNITS, UNITS[::-1], strict=True)]
    assert np.mean([said != NOBODY for said in of_innocent]) == pytest.approx(0.35, abs=0.001)


def _attacks(n: int, settings: tuple[float, ...], rival: int, members: list[float]) -> np.ndarray:
    stream = int(Stream.CROWD_ATTACK)
    return np.array(
        [attack(SEED, 1, stream, nth, settings, rival, np.array(members)) for nth in range(n)], dtype=np.int64
    )


def test_attacks_have_the_stated_shares() -> None:
    """4,000 attacks, 4 sigma."""
    vehicle, owner, said, dead = _attacks(4000, (0.6, 0.4, 0.35, 0.1, 0.7), NOBODY, [30.0, 10.0]).T
    assert vehicle.mean() == pytest.approx(0.6, abs=0.031)
    assert (owner == NOBODY).mean() == pytest.approx(0.4, abs=0.031)
    assert ((owner == NOBODY) != (said == NOBODY)).mean() == pytest.approx(0.35, abs=0.031)
    assert not (dead & vehicle).any()
    assert dead[vehicle == 0].mean() == pytest.approx(0.1, abs=0.03)


def test_a_steered_crowd_attacks_the_rival_who_is_there() -> None:
    settings = (0.6, 0.4, 0.35, 0.1, 0.7)
    steered = _attacks(4000, settings, 1, [30.0, 10.0])[:, 1]
    assert (steered == 1).mean() == pytest.approx(0.7 + 0.3 * 0.6 * 0.25, abs=0.03)
    gone = _attacks(1000, settings, 1, [30.0, 0.0])[:, 1]
    assert not (gone == 1).any()


def test_who_joins_a_small_refusal_joins_a_large_one() -> None:
    small, large = ({t for t in range(4000) if refuses_together(SEED, t, share)} for share in (0.1, 0.5))
    assert small < large
    assert len(small) / 4000 == pytest.approx(0.1, abs=0.02)
    assert len(large) / 4000 == pytest.approx(0.5, abs=0.035)
