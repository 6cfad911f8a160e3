"""Territory: marks of presence, who holds a district, and how concentrated control is (A15, A17, A24).

State: a mark xi[g, d] of each group in each district, which its members renew every day and which fades:
    xi' = (1 - lambda) xi + gamma * members.
A group that looks for a place weighs what place e offers against the marks of its rivals there:
    P(e) proportional to exp(offer_e - beta * sum over rivals of xi[., e]).
This is the model of gang territories by marks of Alsenafi and Barbaro (2018, Physica A; for more groups 2021,
Mathematics, arXiv:2104.12512). Well-mixed groups part into territories where beta exceeds
beta* = lambda / (2 gamma sqrt(rho_A rho_B)); case V5 of `racketsim verify` shows it with the functions of this module,
and `expansion` chooses the goals of entrants by them. In a city gamma = lambda: a mark is then in units of members, and
at rest equals the members who make it.

Control passes to the group with the largest mark once that exceeds the holder's by `margin`; a district that all have
left stays with its last holder until another comes. Turnover of control counts these passages, and `herfindahl`
measures concentration. Nothing of it is scripted: entry, contest and brand produce it (A15).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property

import numpy as np

from racketsim.engine.bound import bind
from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.mechanism import Array, Mechanism, Variable
from racketsim.mechanisms.parameters import Parameters, parameter

NOBODY = -1
_LEAST_MARK = 0.5
"""A mark below that of half a member does not hold a district."""


class TerritoryParameters(Parameters):
    """How long presence is remembered, and how clearly a group must lead to hold a district."""

    memory: float = parameter("days", "half-life of the marks of presence", gt=0.0, le=1e4)
    margin: float = parameter("share", "by how much a rival's mark must exceed the holder's", ge=0.0, le=10.0)


@kernel
def place_weights(offer: Array, rival_marks: Array, aversion: Real, weights: Array) -> None:
    """Set each row of `weights[N, P]` to the chances of P places: exp(offer - aversion * rival marks), over their sum.

    `offer[N, P]` is what each place has to give, `rival_marks[N, P]` the marks of all rivals in it.
    """
    for row in range(offer.shape[0]):
        best = offer[row, 0] - aversion * rival_marks[row, 0]
        for place in range(1, offer.shape[1]):
            best = max(best, offer[row, place] - aversion * rival_marks[row, place])
        total = 0.0
        for place in range(offer.shape[1]):
            weights[row, place] = math.exp(offer[row, place] - aversion * rival_marks[row, place] - best)
            total += weights[row, place]
        for place in range(offer.shape[1]):
            weights[row, place] /= total


@kernel
def renew_marks(presence: Array, fading: Real, making: Real, marks: Array) -> None:
    """Advance `marks[G, P]` by a step: (1 - fading) * mark + making * presence[G, P]."""
    keep = 1.0 - fading
    for group in range(marks.shape[0]):
        for place in range(marks.shape[1]):
            marks[group, place] = keep * marks[group, place] + making * presence[group, place]


@kernel
def marks_of_rivals(marks: Array, group: Int, places: Array, rivals: Array) -> None:
    """Set `rivals[i]` to the marks of all groups but `group` in `places[i]`."""
    for n in range(places.size):
        total = 0.0
        for other in range(marks.shape[0]):
            if other != group:
                total += marks[other, places[n]]
        rivals[n] = total


@kernel
def pass_control(marks: Array, margin: Real, holder: Array, takeovers: Array) -> Int:
    """Give each district to the group that leads by the margin; return how many passed from one group to another.

    `takeovers[d]` is 1 where control passed today. A district that nobody held before is taken without a takeover.
    """
    passed = 0
    for district in range(marks.shape[1]):
        takeovers[district] = 0
        leader, most = NOBODY, _LEAST_MARK
        for group in range(marks.shape[0]):
            if marks[group, district] > most:
                leader, most = group, marks[group, district]
        held_by = holder[district]
        if leader in (NOBODY, held_by):
            continue
        if held_by == NOBODY:
            holder[district] = leader
        elif most > (1.0 + margin) * marks[held_by, district]:
            holder[district] = leader
            takeovers[district] = 1
            passed += 1
    return passed


def herfindahl(members: Array) -> Array:
    """Return the Herfindahl index of members over groups, the last axis: 1 one group has all, 0 where nobody is."""
    total = members.sum(axis=-1, keepdims=True)
    share = np.divide(members, total, out=np.zeros(members.shape), where=total > 0)
    index: Array = (share**2).sum(axis=-1)
    return index


def first_months(members: Array) -> Array:
    """Return the first month in which each group has members in each district, [D, G], from `members[T, D, G]`.

    -1 where it never has: the arrival and spread of a group, district by district (A17).
    """
    present = members > 0
    months: Array = np.where(present.any(axis=0), present.argmax(axis=0), -1)
    return months


class Territory(Mechanism):
    """Keep the marks of presence, and who holds each district."""

    name = "territory"
    elements = ("A15", "A17", "A24")
    summary = "presence leaves marks that fade; a district passes to the group that leads clearly"
    reads = ("members",)
    writes = {
        "marks": Variable(("group", "district"), "f8", "members", "mark of presence of a group"),
        "holder": Variable(("district",), "i8", "group", "group that holds the district, -1 none so far"),
        "takeovers": Variable(("district",), "i8", "1", "whether the district passed to another group today"),
    }
    emits = ("takeover",)
    Parameters = TerritoryParameters

    def accept(self, parameters: TerritoryParameters) -> None:
        """Keep the parameters."""
        self.p = parameters
        self._fading = 1.0 - 0.5 ** (1.0 / parameters.memory)

    def prepare(self) -> None:
        """Start from the marks that those who are there would leave in the long run (A24)."""
        v = self.v
        v.marks[:] = v.members
        v.holder[:] = NOBODY
        pass_control(v.marks, self.p.margin, v.holder, v.takeovers)

    def step(self, day: int) -> None:
        """Renew the marks, and pass on what has a new leader."""
        v = self.v
        self._renew_marks()
        if self._pass_control():
            places = np.flatnonzero(v.takeovers)
            new = v.holder[places]
            self.log.add("takeover", day, len(places), district=places, group=new, count=v.members[new, places])

    @cached_property
    def _renew_marks(self) -> Callable[..., None]:
        return bind(renew_marks, self.v.members, self._fading, self._fading, self.v.marks)

    @cached_property
    def _pass_control(self) -> Callable[..., int]:
        return bind(pass_control, self.v.marks, self.p.margin, self.v.holder, self.v.takeovers)
