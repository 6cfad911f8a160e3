"""Social norms: salience from what was done, seen, punished and invoked; what norms ask for; campaigns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from racketsim.mechanisms.norms import (
    BROKEN,
    COUNTS,
    INVOKED,
    INVOKED_AGAINST,
    KEPT,
    PUNISHED,
    SANCTIONED,
    SEEN_BROKEN,
    SEEN_KEPT,
    act_chance,
    invoke,
    keep,
    normative_drive,
    salience,
)


def of(**counts: float) -> float:
    """Return the salience for counts by name."""
    names = {
        "kept": KEPT,
        "broken": BROKEN,
        "seen_kept": SEEN_KEPT,
        "seen_broken": SEEN_BROKEN,
        "punished": PUNISHED,
        "sanctioned": SANCTIONED,
        "invoked": INVOKED,
        "against": INVOKED_AGAINST,
    }
    row = np.zeros(COUNTS)
    for name, count in counts.items():
        row[names[name]] = count
    return float(salience(row))


def test_salience_has_the_published_first_values_where_92_of_100_demands_were_paid() -> None:
    assert round(of(kept=92, broken=8, punished=8), 2) == 0.95
    assert round(of(kept=8, broken=92), 2) == 0.06


def test_each_term_has_its_published_weight() -> None:
    assert of(kept=3, broken=1, punished=1) == pytest.approx((0.99 * 1.5 + 0.66 + 0.33) / (1.98 + 0.66 + 0.33))
    assert of(kept=3, broken=1) == pytest.approx(0.99 * 1.5 / (1.98 + 0.66))
    assert of(kept=1, seen_kept=1) == 1.0
    assert of(kept=1, seen_broken=2, sanctioned=1) == pytest.approx(
        (1.98 + 0.66 * 0.5 + 0.99 * 0.5) / (1.98 + 0.66 + 0.66 + 0.99)
    )
    assert of(kept=1, against=5) == pytest.approx(0.5)
    assert of(invoked=1, against=3) == pytest.approx(0.25)


@given(arrays(np.float64, COUNTS, elements=st.floats(0, 1e6)))
def test_salience_lies_between_nothing_and_one(counts: np.ndarray) -> None:
    assert -1e-12 <= salience(counts) <= 1.0 + 1e-12


def test_nothing_is_salient_where_nothing_was_counted() -> None:
    assert of() == 0.0


def test_the_more_salient_norm_decides_what_is_asked_for() -> None:
    assert normative_drive(0.8, 0.3) == 0.8
    assert normative_drive(0.3, 0.8) == pytest.approx(0.2)


def test_the_weight_of_norms_runs_from_interest_alone_to_norms_alone() -> None:
    assert act_chance(0.9, 0.2, 0.0) == 0.9
    assert act_chance(0.9, 0.2, 1.0) == 0.2
    assert act_chance(0.9, 0.2, 0.51) == pytest.approx(0.49 * 0.9 + 0.51 * 0.2)


def test_an_act_keeps_one_norm_and_breaks_the_other_for_who_acts_and_who_sees() -> None:
    actor, onlooker = np.zeros((2, 2, COUNTS))
    keep(actor, 0, 1, True)
    keep(onlooker, 0, 1, False)
    assert (actor[0, KEPT], actor[1, BROKEN]) == (onlooker[0, SEEN_KEPT], onlooker[1, SEEN_BROKEN]) == (1.0, 1.0)
    assert actor.sum() == onlooker.sum() == 2.0


def test_a_campaign_invokes_a_norm_for_its_share_of_people() -> None:
    counts = np.zeros((2, COUNTS))
    assert not invoke(0.1, 0.1, counts, 0, 1)
    assert not counts.any()
    assert invoke(0.09, 0.1, counts, 0, 1)
    assert (counts[0, INVOKED], counts[1, INVOKED_AGAINST], counts.sum()) == (1.0, 1.0, 2.0)
