"""Allocation: how many demands in person each cell (group x district) makes today, given streets and police (A1, A10).

Equation: rate[g, d] = (r * effort[g] * members[g, d] * mobility[d] + debt_rate[g, d]) * a[d] * f[d], effort and debt
rate being those of `portfolio` (1 and 0 at the start), a the deterrence by perceived arrest (`deterrence`). Deterrence
by patrols is f[d] = (R_d / R) ** -e * R ** -e_city,
R_d the officers on patrol in the district over those of normal times, and R the same for the whole city. What deters
in one place is being policed more than elsewhere: a doubling there costs the 8 to 16% of hot-spot policing (Braga et
al. 2019, doi:10.1002/cl2.1046), a doubling everywhere no more than 2 to 3%.

A surge spills over to the neighbours that have none (Bowers et al. 2011, Journal of Experimental Criminology 7), each
of n neighbours having 1/n of it. Of the demands that it deters a share moves to cells of the same group there
(displacement), and another share is deterred there as well (diffusion of benefits), at most all.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from racketsim.engine.bound import bind
from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.mechanism import Array, Mechanism, Variable
from racketsim.mechanisms.parameters import Parameters, parameter


class AllocationParameters(Parameters):
    """Effort of members and their response to police."""

    rate_per_member: float = parameter("demands/member-day", "new demands that one member makes a day", ge=0.0, le=50.0)
    officer_elasticity: float = parameter(
        "1", "e: elasticity of demands to patrols here relative to elsewhere, with its sign turned", ge=0.0, le=2.0
    )
    city_elasticity: float = parameter(
        "1", "e_city: elasticity of demands to the patrols of the whole city, with its sign turned", ge=0.0, le=2.0
    )
    displaced_share: float = parameter("share", "share of deterred demands that moves to neighbours", ge=0.0, le=1.0)
    benefit_share: float = parameter(
        "share", "demands deterred in neighbours as well, as a share of those deterred by a surge", ge=0.0, le=1.0
    )


@kernel
def ask(
    per_member: Real,
    impostor: Int,
    members: Array,
    impostors: Array,
    effort: Array,
    mobility: Array,
    debt_rate: Array,
    arrest_deterrence: Array,
    rate: Array,
) -> None:
    """Set `rate[G, D]` to what each cell demands where officers deter nobody; impostors give all their effort to it."""
    for group in range(rate.shape[0]):
        for district in range(rate.shape[1]):
            working = members[group, district] * effort[group]
            if group == impostor:
                working = np.float64(impostors[district])
            asked = working * (per_member * mobility[district]) + debt_rate[group, district]
            rate[group, district] = asked * arrest_deterrence[district]


@kernel
def patrols_deter(patrols: Array, base: Array, here: Real, city: Real, deterrence: Array) -> None:
    """Set `deterrence[D]`: (R_d / R) ** -here * R ** -city, at most 1; R_d is R where nobody patrols normally."""
    total, normal = 0.0, 0.0
    for district in range(base.size):
        total += patrols[district]
        normal += base[district]
    overall = total / max(normal, 1e-9)
    for district in range(base.size):
        ratio = patrols[district] / base[district] if base[district] > 0 else overall
        deterrence[district] = min((ratio / overall) ** -here * overall**-city, 1.0)


@kernel
def spill_over(
    members: Array,
    surge: Array,
    starts: Array,
    neighbours: Array,
    displaced_share: Real,
    benefit_share: Real,
    rate: Array,
    deterrence: Array,
    displaced: Array,
    benefit: Array,
) -> None:
    """Share what each surge deters with the neighbours that have none.

    Adds to `displaced[G, D]`, sets `benefit[D]`, the demands that diffusion of benefits keeps from being made, and
    lowers `deterrence[D]` by it. `rate[G, D]` is what would be demanded without officers.
    """
    groups = rate.shape[0]
    benefit[:] = 0.0
    for district in range(surge.size):
        if surge[district] == 0:
            continue
        first, last = starts[district], starts[district + 1]
        lost = (1.0 - deterrence[district]) / max(last - first, 1)
        for n in range(first, last):
            there = neighbours[n]
            if surge[there] != 0:
                continue
            for group in range(groups):
                benefit[there] += benefit_share * lost * rate[group, district]
                if members[group, there] > 0:
                    displaced[group, there] += displaced_share * lost * rate[group, district]
    for district in range(surge.size):
        if benefit[district] > 0.0:
            total = 0.0
            for group in range(groups):
                total += rate[group, district] * deterrence[district]
            benefit[district] = min(benefit[district], total)
            if total > 0.0:
                deterrence[district] *= 1.0 - benefit[district] / total


@kernel
def deter(deterrence: Array, displaced: Array, rate: Array, deterred: Array) -> None:
    """Apply `deterrence[D]` to `rate[G, D]`, add what was displaced; `deterred[D]` is what was not demanded there."""
    for group in range(rate.shape[0]):
        for district in range(rate.shape[1]):
            deterred[district] += rate[group, district] * (1.0 - deterrence[district])
            rate[group, district] = rate[group, district] * deterrence[district] + displaced[group, district]


class Allocation(Mechanism):
    """Set the rates of demands in person for today."""

    name = "allocation"
    elements = ("A1", "A10")
    summary = "members, streets and police set each cell's rate of demands in person"
    reads = (
        "members",
        "impostors",
        "effort",
        "debt_rate",
        "mobility",
        "patrols",
        "base_patrols",
        "surge",
        "arrest_deterrence",
    )
    writes = {
        "rate": Variable(("group", "district"), "f8", "demands/day", "demands in person that a cell makes today"),
        "displaced_rate": Variable(
            ("group", "district"), "f8", "demands/day", "part of the rate that was displaced here"
        ),
        "deterrence": Variable(("district",), "f8", "1", "factor on demands in person by officers"),
        "deterred_rate": Variable(("district",), "f8", "demands/day", "demands in person that surges keep from here"),
        "benefit_rate": Variable(("district",), "f8", "demands/day", "part of that by surges in neighbours"),
    }
    Parameters = AllocationParameters

    def accept(self, parameters: AllocationParameters) -> None:
        """Keep the parameters."""
        self.p = parameters

    def prepare(self) -> None:
        """Set the rates of a normal day."""
        self.v.deterrence[:] = 1.0
        np.multiply(self.v.members, self.p.rate_per_member, out=self.v.rate)

    def step(self, day: int) -> None:
        """Compute today's rates; without a surge that is a product and a sum."""
        v, p = self.v, self.p
        self._ask()
        v.displaced_rate[:] = 0.0
        v.deterrence[:] = 1.0
        v.deterred_rate[:] = 0.0
        v.benefit_rate[:] = 0.0
        if not np.count_nonzero(v.surge):
            return
        patrols_deter(v.patrols, v.base_patrols, p.officer_elasticity, p.city_elasticity, v.deterrence)
        spill_over(
            v.members,
            v.surge,
            self.city.neighbour_starts,
            self.city.neighbours,
            p.displaced_share,
            p.benefit_share,
            v.rate,
            v.deterrence,
            v.displaced_rate,
            v.benefit_rate,
        )
        deter(v.deterrence, v.displaced_rate, v.rate, v.deterred_rate)

    @cached_property
    def _ask(self) -> Callable[..., None]:
        v = self.v
        return bind(
            ask,
            self.p.rate_per_member,
            self.city.impostor,
            v.members,
            v.impostors,
            v.effort,
            v.mobility,
            v.debt_rate,
            v.arrest_deterrence,
            v.rate,
        )
