"""V4: payment, protection and punishment (Smith and Varese 2001, Rationality and Society 13:349).

An entrepreneur is asked for m by somebody who is genuine with chance i, and who, if genuine and if circumstances let
him (chance p), punishes a refusal with damage D. A faker cannot punish.
1. One period: the entrepreneur pays from i = m / (p D) on; where policing is so strong that p D < m nobody ever pays.
2. Two periods, punishment certain: the entrepreneur filters, that is refuses once, below i = 2 m / (m + D).
3. Fakers enter where the entrepreneur pays, and only there, while what they risk is less than what they take.
4. Filtering is violent once: then beliefs are settled. A policing shock, after which a genuine thug is still able to
   punish with chance a only, unsettles them and re-opens filtering where a < 2 m / (m + D), for one period.

All is analytic; beliefs i are tried on a grid of 1/1000 and must switch at the very point. What runs here are the
choice of targets (`decision.choose`, through `posing.pays`), the beliefs of `senders`, and the expected take and the
hazards of entry of `posing`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from racketsim.engine.mechanism import Array
from racketsim.mechanisms import posing, senders
from racketsim.verification.case import Case, Row, by_absolute, by_bound

GRID = 1000
_EXACT = 1e-12
_NEVER_CLOSES = 1e12
_NOISE = 1e-6
_CENTS = 100

REPEATED = ((1.0, 4.0), (1.0, 9.0), (3.0, 5.0), (1.0, 19.0), (2.0, 3.0))
"""Demands and damages whose thresholds 2 m / (m + D) lie on the grid; the first is the literature's."""

SINGLE = ((1.0, 4.0, 1.0), (1.0, 4.0, 0.5), (1.0, 10.0, 0.8), (2.0, 16.0, 0.5))
"""Demands, damages and chances of punishment whose thresholds m / (p D) lie on the grid."""


def beliefs() -> Array:
    """Return the grid of beliefs, both ends included."""
    return np.arange(GRID + 1) / GRID


def switch(demand: float, damage: float, *, chance: float = 1.0, periods: int) -> float:
    """Return the smallest belief on the grid at which an entrepreneur pays; infinity where none does.

    Not a number where the answer is not a single switch.
    """
    paid = np.array([posing.pays(i * chance, demand, damage, periods) for i in beliefs()])
    if not paid.any():
        return float("inf")
    first = int(paid.argmax())
    return float(beliefs()[first]) if paid[first:].all() else float("nan")


def entering(demand: float, damage: float, risk: float, periods: int) -> npt.NDArray[np.bool_]:
    """Return for every belief of the grid whether fakers enter a district in which targets hold it."""
    places = GRID + 1
    take, entry, leaving = np.zeros((3, places))
    posing.expected_take(
        np.ones((places, 1)),
        np.array([round(_CENTS * demand)]),
        np.array([1e9]),
        np.array([_NEVER_CLOSES]),
        beliefs(),
        float(senders.repeated_harm(damage / demand, float(periods))),
        1.0,
        _NOISE,
        1.0 / _CENTS,
        take,
    )
    nobody = np.zeros(places, dtype=np.int64)
    posing.set_hazards(
        take,
        np.full(places, risk),
        np.ones(places),
        np.zeros(places),
        np.ones(places),
        nobody,
        (1.0, 1.0, 0.0, 1.0),
        entry,
        leaving,
    )
    found: npt.NDArray[np.bool_] = entry > 0.0
    return found


def play(
    genuine_share: float,
    demand: float,
    damage: float,
    periods: int,
    able_after: Mapping[int, float],
    people: int = GRID,
) -> tuple[list[int], list[int]]:
    """Play the repeated game; return how many are punished in every period, and how many are settled at its end.

    Settled is who is sure that the thug is genuine, or that it is a faker.

    Each of `people` entrepreneurs faces a thug of his own. `able_after` gives the periods that begin with a policing
    shock, and the share of genuine thugs who can still punish after it.
    """
    able = np.arange(people) < round(genuine_share * people)
    belief = np.full(people, genuine_share)
    punished, settled = [], []
    for period in range(periods):
        if period in able_after:
            share = able_after[period]
            belief = belief * share
            able &= np.cumsum(able) <= round(share * np.count_nonzero(able))
        values, place = np.unique(belief, return_inverse=True)
        refused = ~np.array([posing.pays(value, demand, damage, 2) for value in values])[place]
        struck = refused & able
        spared = np.array([senders.genuine_posterior(value, 1.0, 1) for value in values])[place]
        belief = np.where(struck, 1.0, np.where(refused, spared, belief))
        punished.append(int(np.count_nonzero(struck)))
        settled.append(int(np.count_nonzero((belief == 0.0) | (belief == 1.0))))
    return punished, settled


def _thresholds() -> list[Row]:
    rows = []
    for demand, damage, chance in SINGLE:
        name = f"one period, m={demand:g}, D={damage:g}, p={chance:g}: pays from i = m/(pD)"
        ours = switch(demand, damage, chance=chance, periods=1)
        rows.append(by_absolute(name, demand / (chance * damage), ours, _EXACT))
    silent = switch(1.0, 4.0, chance=0.2, periods=1)
    rows.append(by_bound("one period, m=1, D=4, p=0.2: policing leaves no racket", "never pays", silent, silent > 1.0))
    for demand, damage in REPEATED:
        name = f"two periods, m={demand:g}, D={damage:g}: filters below i = 2m/(m+D)"
        rows.append(by_absolute(name, 2 * demand / (demand + damage), switch(demand, damage, periods=2), _EXACT))
    wrong = sum(
        bool(senders.filters(i, demand, damage)) == posing.pays(i, demand, damage, 2)
        for demand, damage in REPEATED
        for i in beliefs()
    )
    rows.append(by_absolute("beliefs at which the rule of filtering and the choice differ", 0, wrong, 0))
    return rows


def _entry() -> list[Row]:
    rows = []
    for periods in (1, 2):
        paid = np.array([posing.pays(i, 1.0, 4.0, periods) for i in beliefs()])
        wrong = int(np.count_nonzero(entering(1.0, 4.0, 0.25, periods) != paid))
        name = f"beliefs at which fakers enter and are not paid, or the reverse, periods: {periods}"
        rows.append(by_absolute(name, 0, wrong, 0))
    daring = int(np.count_nonzero(entering(1.0, 4.0, 1.0, 1)))
    rows.append(by_absolute("beliefs at which fakers enter though they risk what they can take", 0, daring, 0))
    return rows


def _dynamics() -> list[Row]:
    """Thugs of whom 30% are genuine, below the threshold of 40%; a shock in the tenth period of twenty."""
    last, shock = 20, 10
    played, settled = play(0.3, 1.0, 4.0, last, {shock: 0.2})
    calm = sum(played) - played[0] - played[shock]
    mild, _ = play(0.3, 1.0, 4.0, last, {shock: 0.4})
    trusted, _ = play(0.4, 1.0, 4.0, last, {})
    return [
        by_absolute("punishments while 1,000 entrepreneurs filter for the first time, i=0.3", 300, played[0], 0),
        by_absolute("punishments in the period after a shock that leaves a fifth able to punish", 60, played[shock], 0),
        by_absolute("punishments in all other periods", 0, calm, 0),
        by_absolute("entrepreneurs who know whom they face after one period", 1000, settled[0], 0),
        by_absolute("entrepreneurs who know it after the shock", 1000, settled[shock], 0),
        by_absolute("punishments after a shock that leaves two fifths able", 0, sum(mild[1:]), 0),
        by_absolute("punishments where i is not below the threshold", 0, sum(trusted), 0),
    ]


def run(replicates: int | None = None, seed: int = 1) -> list[Row]:
    """Return the rows of the case; nothing in it is drawn."""
    del replicates, seed
    return [*_thresholds(), *_entry(), *_dynamics()]


CASE = Case(
    id="V4",
    title="Payment, protection and punishment: filtering and fakers",
    source="Smith and Varese 2001, Rationality and Society 13:349",
    fast=True,
    run=run,
)
