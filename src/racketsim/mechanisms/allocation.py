"""Allocation: how many demands in person each cell (group x district) makes today, given streets and police (A1, A10).

Equation: rate[g, d] = (r * effort[g] * members[g, d] * mobility[d] + debt_rate[g, d]) * f[d], effort and debt
rate being those of `portfolio` (1 and 0 at the start). Deterrence is f[d] = (R_d / R) ** -e * R ** -e_city,
R_d the officers of the district over those of normal times, and R the same for the whole city. What deters in one
place is being policed more than elsewhere: a doubling there costs the 8 to 16% of hot-spot policing (Braga et al.
2019, doi:10.1002/cl2.1046), a doubling everywhere no more than 2 to 3%.
A share of what is deterred moves to cells of the same group in neighbouring districts without a surge (displacement).
"""

from __future__ import annotations

import numpy as np

from racketsim.engine.mechanism import Mechanism, Variable
from racketsim.mechanisms.parameters import Parameters, parameter


class AllocationParameters(Parameters):
    """Effort of members and their response to police."""

    rate_per_member: float = parameter("demands/member-day", "new demands that one member makes a day", ge=0.0, le=50.0)
    officer_elasticity: float = parameter(
        "1", "e: elasticity of demands to officers here relative to elsewhere, with its sign turned", ge=0.0, le=2.0
    )
    city_elasticity: float = parameter(
        "1", "e_city: elasticity of demands to the officers of the whole city, with its sign turned", ge=0.0, le=2.0
    )
    displaced_share: float = parameter("share", "share of deterred demands that moves to neighbours", ge=0.0, le=1.0)


class Allocation(Mechanism):
    """Set the rates of demands in person for today."""

    name = "allocation"
    elements = ("A1", "A10")
    summary = "members, streets and officers set each cell's rate of demands in person"
    reads = ("members", "impostors", "effort", "debt_rate", "mobility", "officers", "base_officers", "surge")
    writes = {
        "rate": Variable(("group", "district"), "f8", "demands/day", "demands in person that a cell makes today"),
        "displaced_rate": Variable(
            ("group", "district"), "f8", "demands/day", "part of the rate that was displaced here"
        ),
        "deterrence": Variable(("district",), "f8", "1", "factor on demands in person by officers"),
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
        v = self.v
        np.multiply(v.members, v.effort[:, None], out=v.rate)
        v.rate[self.city.impostor] = v.impostors
        v.rate *= self.p.rate_per_member * v.mobility
        v.rate += v.debt_rate
        v.displaced_rate[:] = 0.0
        v.deterrence[:] = 1.0
        if not np.count_nonzero(v.surge):
            return
        city = v.officers.sum() / max(v.base_officers.sum(), 1e-9)
        ratio = np.divide(v.officers, v.base_officers, out=np.full_like(v.officers, city), where=v.base_officers > 0)
        v.deterrence[:] = (ratio / city) ** -self.p.officer_elasticity * city**-self.p.city_elasticity
        np.minimum(v.deterrence, 1.0, out=v.deterrence)
        for district in np.flatnonzero(v.surge):
            around = self.city.neighbours[slice(*self.city.neighbour_starts[district : district + 2])]
            quiet = around[v.surge[around] == 0]
            if quiet.size:
                deterred = v.rate[:, district] * (1.0 - v.deterrence[district])
                moved = (self.p.displaced_share / around.size * deterred)[:, None]
                v.displaced_rate[:, quiet] += moved * (v.members[:, quiet] > 0)
        v.rate *= v.deterrence
        v.rate += v.displaced_rate
