"""Deterrence by perceived arrest (A3): members who saw others arrested hold back.

Those who work in a district, whatever their group, judge the risk of arrest by what they saw there, with forgetting,
shrunk to a prior (learning from arrests: Anwar and Loughran 2011, Criminology 49; certainty and not severity deters:
Nagin 2013, Crime and Justice 42). Equation, once a week:
    q[d] = (q0 n0 + arrests remembered) / (n0 + member-weeks remembered),    f[d] = (q[d] / q0) ** -e,
f multiplies the demands in person of the district (`allocation`): arrests lower them, impunity raises them. Arrests of
remote operators are not seen in the street.
"""

from __future__ import annotations

import math

import numpy as np

from racketsim.engine.mechanism import Array, Mechanism, Switch, Variable
from racketsim.mechanisms.activities import WEEK
from racketsim.mechanisms.parameters import Parameters, parameter


def perceived_risk(prior: float, weight: float, events: Array, exposed: Array) -> Array:
    """Return perceived risks: `events` among those `exposed`, shrunk to a prior worth `weight` of exposure."""
    risk: Array = (prior * weight + events) / (weight + exposed)
    return risk


class DeterrenceParameters(Parameters):
    """How members judge the risk of arrest, and what it does to their demands."""

    elasticity: float = parameter(
        "1", "e: elasticity of demands in person to the perceived risk of arrest, with its sign turned", ge=0.0, le=2.0
    )
    prior_risk: float = parameter("1/member-week", "q0: perceived risk of arrest before any is seen", gt=0.0, le=1.0)
    prior_weight: float = parameter("member-weeks", "n0: how much experience the prior is worth", gt=0.0, le=1e6)
    memory: float = parameter("days", "how long arrests are remembered", ge=7.0, le=1e4)


class Deterrence(Mechanism):
    """Keep the perceived risk of arrest by district, and the factor on demands that follows."""

    name = "deterrence"
    elements = ("A3",)
    summary = "arrests that members see in a district hold their demands back"
    reads = ("arrested", "members", "impostors")
    writes = {
        "street_arrests": Variable(("district",), "f8", "people", "arrests in the street that are remembered"),
        "street_weeks": Variable(("district",), "f8", "member-weeks", "exposure that is remembered"),
        "prior_arrest": Variable(("one",), "f8", "1/member-week", "perceived risk of arrest before any is seen"),
        "perceived_arrest": Variable(("district",), "f8", "1/member-week", "perceived risk of arrest"),
        "arrest_deterrence": Variable(("district",), "f8", "1", "factor on demands in person by that risk"),
    }
    switches = {"A3": Switch("nobody is held back by arrests")}
    Parameters = DeterrenceParameters

    def accept(self, parameters: DeterrenceParameters) -> None:
        """Keep the parameters and which groups work in the street."""
        self.p = parameters
        self._kept = math.exp(-WEEK / parameters.memory)
        self._street = np.ones(self.city.groups, dtype=np.int64)
        for place, group in enumerate(self.city.scenario.groups):
            self._street[place] = group.role != "remote"

    def prepare(self) -> None:
        """Start with the prior everywhere."""
        self.v.prior_arrest[:] = self.v.perceived_arrest[:] = self.p.prior_risk
        self.v.arrest_deterrence[:] = 1.0

    def step(self, day: int) -> None:
        """Remember yesterday's arrests; judge anew at the end of a week."""
        v, p = self.v, self.p
        if np.count_nonzero(v.arrested):
            v.street_arrests += self._street @ v.arrested
        if day % WEEK != WEEK - 1:
            return
        v.street_weeks += v.members.sum(axis=0) + v.impostors
        v.perceived_arrest[:] = perceived_risk(p.prior_risk, p.prior_weight, v.street_arrests, v.street_weeks)
        np.power(v.perceived_arrest / p.prior_risk, -p.elasticity, out=v.arrest_deterrence)
        v.street_arrests *= self._kept
        v.street_weeks *= self._kept
