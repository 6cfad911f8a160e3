"""V7, contagion: the chains of `retaliation` have the published shape, and lose it when the mechanism is broken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from racketsim.mechanisms import retaliation
from racketsim.verification.case import passes
from racketsim.verification.contagion import CASE

count, delay = retaliation.offspring_count, retaliation.offspring_delay


def test_the_case_passes() -> None:
    rows = CASE.run(None, 1)
    assert passes(rows)
    assert [row.name for row in rows if row.soft and not row.passed] == ["largest cascade"]


BROKEN: dict[str, tuple[str, Callable[..., Any]]] = {
    "too many answers": ("offspring_count", lambda seed, entity, ordinal, n: count(seed, entity, ordinal, n + 0.03)),
    "no answers": ("offspring_count", lambda seed, entity, ordinal, n: 0),
    "answers too soon": ("offspring_delay", lambda *given: 0.8 * delay(*given)),
    "fixed delays": ("offspring_delay", lambda seed, entity, ordinal, nth, mean: mean),
}


@pytest.mark.parametrize("what", BROKEN)
def test_the_case_fails_when_the_mechanism_is_broken(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    monkeypatch.setattr(retaliation, *BROKEN[what])
    assert not passes(CASE.run(8, 1))
