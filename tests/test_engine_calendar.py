"""The calendar behaves like a list of things for every day."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from racketsim.engine.calendar import empty_free, empty_head, schedule, take

DAYS, ROOM = 6, 8


class Calendar:
    """A calendar with one column of its owner's: a label for each slot."""

    def __init__(self) -> None:
        self.head, self.free = empty_head(DAYS), empty_free()
        self.link = np.zeros(ROOM, dtype=np.int32)
        self.label = np.zeros(ROOM, dtype=np.int64)

    def add(self, day: int, label: int) -> int:
        slot = int(schedule(self.head, self.link, self.free, day))
        if slot >= 0:
            self.label[slot] = label
        return slot

    def take(self, day: int) -> int:
        slot = int(take(self.head, self.link, self.free, day))
        return slot if slot < 0 else int(self.label[slot])


class CalendarIsADictOfLists(RuleBasedStateMachine):
    """Anything one can do to a calendar, done beside it to a dict of lists."""

    @initialize()
    def start(self) -> None:
        self.calendar = Calendar()
        self.model: dict[int, list[int]] = {day: [] for day in range(DAYS)}
        self.labels = 0

    def held(self) -> int:
        return sum(len(due) for due in self.model.values())

    @precondition(lambda self: self.held() < ROOM)
    @rule(day=st.integers(0, DAYS - 1))
    def add(self, day: int) -> None:
        self.labels += 1
        assert self.calendar.add(day, self.labels) >= 0
        self.model[day].append(self.labels)

    @rule(day=st.integers(0, DAYS - 1))
    def take_one(self, day: int) -> None:
        label = self.calendar.take(day)
        if self.model[day]:
            self.model[day].remove(label)
        else:
            assert label == -1

    @rule(day=st.integers(DAYS, DAYS + 1000))
    def past_the_end(self, day: int) -> None:
        assert self.calendar.add(day, -7) == -1

    @precondition(lambda self: self.held() == ROOM)
    @rule(day=st.integers(0, DAYS - 1))
    def full(self, day: int) -> None:
        with pytest.raises(OverflowError, match="more is under way than there is room for"):
            self.calendar.add(day, -7)

    @invariant()
    def counts_what_it_holds(self) -> None:
        assert int(self.calendar.free[2]) == self.held()


TestCalendarIsADictOfLists = CalendarIsADictOfLists.TestCase
TestCalendarIsADictOfLists.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_slots_are_used_again_once_they_are_free() -> None:
    calendar = Calendar()
    for day in list(range(DAYS)) * 20:
        calendar.add(day, day)
        assert calendar.take(day) == day
    assert int(calendar.free[1]) == 1


def test_the_last_scheduled_is_taken_first() -> None:
    calendar = Calendar()
    for label in (1, 2, 3):
        calendar.add(0, label)
    assert [calendar.take(0) for _ in range(4)] == [3, 2, 1, -1]
