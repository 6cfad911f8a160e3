"""The marks of who pays give exactly the targets that pay, for any stretch of targets."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from racketsim.mechanisms.payers import EIGHT, mark_paying, payers

TARGETS = 70


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, TARGETS - 1), st.booleans())), st.integers(0, TARGETS), st.integers(0, TARGETS)
)
def test_those_listed_are_those_marked_last_as_paying(changes: list[tuple[int, bool]], begin: int, end: int) -> None:
    paying = np.zeros(-(-TARGETS // EIGHT), dtype=np.uint8)
    pays = np.zeros(TARGETS, dtype=bool)
    for target, now in changes:
        mark_paying(paying, target, now)
        pays[target] = now
    assert payers(paying, begin, end).tolist() == [target for target in range(begin, end) if pays[target]]
