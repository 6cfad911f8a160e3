"""Diffusion of the remote technique among operators (A1): phones, messages and loan apps need no territory.

State: operators[g] of each remote group. Equation: adoption is a pure birth process with hazard
(p + q * A / M) * (M - A) a day (Bass 1969, doi:10.1287/mnsc.15.5.215): few innovators, many imitators, saturation at
the potential M. Its mean follows the logistic curve when p = 0. Arrested operators leave;
their places are adopted anew.
Draws: one threshold for each adoption.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from racketsim.engine.bound import LATE, bind
from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.mechanism import Array, Mechanism, Variable
from racketsim.engine.philox import exponential
from racketsim.engine.streams import Stream
from racketsim.mechanisms.parameters import Parameters, parameter

_WAIT = int(Stream.ADOPTION_WAIT)


class DiffusionParameters(Parameters):
    """Speed of adoption and effort of operators."""

    innovation: float = parameter("1/day", "p: adoption without any adopter to learn from", ge=0.0, le=1.0)
    imitation: float = parameter("1/day", "q: adoption by learning from adopters", ge=0.0, le=1.0)
    rate_per_operator: float = parameter(
        "demands/operator-day", "demands that one operator makes a day", ge=0.0, le=1e4
    )


@kernel
def adopt(
    seed: Int,
    group: Int,
    adopters: Int,
    potential: Real,
    innovation: Real,
    imitation: Real,
    spent: Array,
    adoptions: Array,
) -> Int:
    """Return the operators who adopt today: the pure birth process of the module, started at `adopters`.

    `spent[group]` is the hazard lived through since the last adoption, `adoptions[group]` their number so far.
    """
    new = 0
    left = 1.0
    while left > 0.0:
        active = adopters + new
        hazard = (innovation + imitation * active / potential) * (potential - active)
        if hazard <= 0.0:
            break
        threshold = exponential(seed, group, _WAIT, adoptions[group])
        needed = (threshold - spent[group]) / hazard
        if needed > left:
            spent[group] += hazard * left
            break
        left -= needed
        spent[group] = 0.0
        adoptions[group] += 1
        new += 1
    return new


class Diffusion(Mechanism):
    """Let operators adopt the remote technique, and set today's rate of remote demands."""

    name = "diffusion"
    elements = ("A1",)
    summary = "the remote technique spreads among operators"
    reads = ("remote_capacity", "remote_effort", "operators_arrested", "operators_released")
    writes = {
        "operators": Variable(("group",), "i8", "operators", "remote operators at work"),
        "adoption_spent": Variable(("group",), "f8", "1", "hazard lived through since the last adoption"),
        "adoptions": Variable(("group",), "i8", "operators", "adoptions so far"),
        "remote_rate": Variable(("group",), "f8", "demands/day", "demands by remote that a group makes today"),
    }
    draws = (Stream.ADOPTION_WAIT,)
    emits = ("arrival",)
    Parameters = DiffusionParameters

    def accept(self, parameters: DiffusionParameters) -> None:
        """Keep the parameters, and which groups are remote, when they start and how large they can get."""
        self.p = parameters
        groups = self.city.scenario.groups
        self._remote = [
            (place, self.city.day_of(group.arrival or self.city.scenario.start), group["members"], group["potential"])
            for place, group in enumerate(groups)
            if group.role == "remote"
        ]

    def step(self, day: int) -> None:
        """Adoptions, arrests and releases of the day; then the rate of demands."""
        v = self.v
        np.multiply(v.remote_effort, self.p.rate_per_operator * v.remote_capacity[0], out=v.remote_rate)
        for group, arrival, first, _ in self._remote:
            if day < arrival:
                continue
            if day == arrival or (day == 0 and arrival < 0):
                v.operators[group] = round(first)
                self.log.add("arrival", day, 1, group=group, count=round(first))
            new = self._adopts[group](int(v.operators[group]))
            v.operators[group] += new - v.operators_arrested[group] + v.operators_released[group]
            v.remote_rate[group] = self.p.rate_per_operator * v.operators[group] * v.remote_capacity[0]

    @cached_property
    def _adopts(self) -> dict[int, Callable[[int], int]]:
        """For each remote group, what returns how many adopt today beside those who have."""
        v, rates = self.v, (self.p.innovation, self.p.imitation)
        return {
            group: bind(adopt, self.seed, group, LATE, potential, *rates, v.adoption_spent, v.adoptions)
            for group, _, _, potential in self._remote
        }
