"""Territory: choices by weights, marks that fade, control that passes to who leads clearly, concentration."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from racketsim.engine import plan
from racketsim.engine.log import EventLog
from racketsim.engine.mechanism import Array, Mechanism, Variable
from racketsim.mechanisms.territory import (
    NOBODY,
    Territory,
    TerritoryParameters,
    first_months,
    herfindahl,
    marks_of_rivals,
    pass_control,
    place_weights,
    renew_marks,
)
from racketsim.results.vocabulary import EVENT_CODE
from tests.mechanism_city import row_of_three

numbers = st.floats(-50.0, 50.0)


def weights_of(offer: list[float], rivals: list[float], aversion: float) -> Array:
    weights = np.empty((1, len(offer)))
    place_weights(np.array([offer]), np.array([rivals]), aversion, weights)
    chances: Array = weights[0]
    return chances


@settings(deadline=None)
@given(st.lists(st.tuples(numbers, st.floats(0.0, 500.0)), min_size=1, max_size=8), st.floats(0.0, 5.0))
def test_weights_are_chances(places: list[tuple[float, float]], aversion: float) -> None:
    weights = weights_of([offer for offer, _ in places], [rivals for _, rivals in places], aversion)
    assert weights.sum() == pytest.approx(1.0)
    assert (weights >= 0.0).all()


def test_weights_follow_the_formula() -> None:
    found = weights_of([0.0, 1.0, 0.5], [2.0, 0.0, 4.0], 0.3)
    expected = np.exp([0.0 - 0.6, 1.0, 0.5 - 1.2])
    assert found == pytest.approx(expected / expected.sum())


def test_a_group_avoids_its_rivals_and_not_itself() -> None:
    marks = np.array([[9.0, 0.0, 0.0], [0.0, 5.0, 0.0], [0.0, 1.0, 2.0]])
    rivals = np.empty(3)
    marks_of_rivals(marks, 0, np.array([0, 1, 2]), rivals)
    assert rivals.tolist() == [0.0, 6.0, 2.0]
    weights = weights_of([0.0] * 3, rivals.tolist(), 1.0)
    assert weights[0] > weights[2] > weights[1]


def test_marks_rest_at_what_keeps_them_up_and_fade_without_it() -> None:
    marks, members = np.zeros((1, 2)), np.array([[10, 0]])
    for _ in range(200):
        renew_marks(members, 0.1, 0.1, marks)
    assert marks[0] == pytest.approx([10.0, 0.0])
    renew_marks(np.zeros_like(members), 0.1, 0.1, marks)
    assert marks[0, 0] == pytest.approx(9.0)


def test_control_passes_with_a_clear_lead_only() -> None:
    holder, takeovers = np.array([0, 0, NOBODY, 1]), np.empty(4, dtype=np.int64)
    marks = np.array([[10.0, 10.0, 0.0, 0.0], [10.9, 11.1, 3.0, 0.2]])
    assert pass_control(marks, 0.1, holder, takeovers) == 1
    assert holder.tolist() == [0, 1, 1, 1], "a narrow lead, a clear lead, empty ground, a district that all have left"
    assert takeovers.tolist() == [0, 1, 0, 0]


def test_concentration_runs_from_one_over_the_number_of_groups_to_one() -> None:
    members = np.array([[10, 0, 0], [5, 5, 0], [4, 4, 4], [0, 0, 0]])
    assert herfindahl(members) == pytest.approx([1.0, 0.5, 1.0 / 3.0, 0.0])


def test_first_months_say_when_a_group_came() -> None:
    members = np.zeros((4, 2, 2), dtype=np.int64)
    members[0:, 0, 0] = 3
    members[2, 1, 1] = 1
    assert first_months(members).tolist() == [[0, -1], [-1, 2]]


class _Members(Mechanism):
    """Writes what `territory` reads."""

    name = "members"
    elements = ("A1",)
    summary = "stands for membership"
    writes = {"members": Variable(("group", "district"), "i8", "members", "members at large")}  # noqa: RUF012

    def step(self, day: int) -> None: ...


def test_a_district_is_taken_over_once_its_holder_is_outnumbered_for_long() -> None:
    from racketsim.city.city import City

    city = City(row_of_three(groups=("local_centro", "gallegos")), seed=1)
    log = EventLog()
    members = _Members(city, TerritoryParameters(memory=10.0, margin=0.1), log)
    kept = Territory(city, TerritoryParameters(memory=10.0, margin=0.1), log)
    state = plan.allocate(city, (_Members, Territory))
    plan.bind((members, kept), state)
    state["members"][0] = 20
    kept.prepare()
    assert state["holder"].tolist() == [0, 0, 0]
    state["members"][0, 1], state["members"][1, 1] = 10, 20
    taken = []
    for day in range(60):
        kept.step(day)
        if state["takeovers"].any():
            taken.append(day)
    lead = [20.0 * (1.0 - 0.5 ** (day / 10.0)) / (10.0 + 10.0 * 0.5 ** (day / 10.0)) for day in range(60)]
    first = next(day for day, ratio in enumerate(lead) if ratio > 1.1)
    assert taken == [first - 1], "once, on the day on which the mark that grows has passed the one that fades by 10%"
    assert state["holder"].tolist() == [0, 1, 0]
    events = log.events.columns()
    assert events["type"].tolist() == [EVENT_CODE["takeover"]]
    assert (events["group"][0], events["district"][0], events["count"][0]) == (1, 1, 20)
