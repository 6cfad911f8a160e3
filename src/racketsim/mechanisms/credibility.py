"""Credibility of threats: perceived chance of being punished for refusing, by district and group (A22).

What a place has witnessed: refusals R and punishments P, both forgotten with a half-life. Belief is the mean of a
beta distribution whose prior is worth `prior_refusals` refusals (the reputation of punishers of GLODERS-S, Nardin et
al. 2016, doi:10.1007/s10458-015-9303-7, with forgetting):
    c[d, g] = (prior[d, g] * n0 + P) / (n0 + R), with P and R summed over the district and, at a weight, its neighbours.
The prior follows from what the brand of the group is known for (`brand_credit.brand_prior`). An unmasked impostor adds
refusals to what is remembered of the group whose name it used (`impostors`).
Remote operators punish almost nobody; they borrow fear: c_remote[d] = remote_base + spillover * max_g c[d, g] over the
groups present.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from racketsim.engine.bound import LATE, bind
from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.mechanism import Array, Mechanism, Switch, Variable
from racketsim.mechanisms.brand_credit import brand_prior
from racketsim.mechanisms.decision import CHANGE, REFUSE
from racketsim.mechanisms.parameters import Parameters, parameter


class CredibilityParameters(Parameters):
    """What people believe before they see anything, and how they forget."""

    prior: float = parameter("probability", "belief in punishment before anything is seen", ge=0.0, le=1.0)
    prior_refusals: float = parameter("refusals", "n0: how many refusals the prior belief is worth", gt=0.0, le=1e6)
    half_life: float = parameter("days", "time in which half of what was seen is forgotten", gt=0.0, le=1e5)
    neighbour_weight: float = parameter("1", "weight of what is seen in neighbouring districts", ge=0.0, le=1.0)
    remote_base: float = parameter("probability", "belief in a remote threat where there is no group", ge=0.0, le=1.0)
    remote_spillover: float = parameter("1", "share of local fear that a remote threat borrows", ge=0.0, le=1.0)


@kernel
def forget(keep: Real, diluted: Array, refused: Array, punished: Array) -> None:
    """Let memories [D, G] fade by `keep`, and add the refusals that dilute a name."""
    for district in range(refused.shape[0]):
        for group in range(refused.shape[1]):
            refused[district, group] = refused[district, group] * keep + diluted[district, group]
            punished[district, group] *= keep


@kernel
def witness(
    kinds: Int,
    demands: Int,
    class_: Array,
    group_: Array,
    channel_: Array,
    rival_: Array,
    action: Array,
    incidents: Int,
    incident_class: Array,
    incident_group: Array,
    refused: Array,
    punished: Array,
) -> None:
    """Add the day's refusals and punishments, seen by everybody in the district, to `refused` and `punished` [D, G]."""
    for n in range(demands):
        if channel_[n] == 0 and action[n] == REFUSE:
            refused[class_[n] // kinds, group_[n]] += 1.0
        elif action[n] == CHANGE:
            refused[class_[n] // kinds, rival_[n]] += 1.0
    for n in range(incidents):
        punished[incident_class[n] // kinds, incident_group[n]] += 1.0


@kernel
def reputation(prior: Real, weight: Real, kept: Real, put_to_test: Real) -> Real:
    """Return the share of occasions on which somebody did as announced, with a prior worth `weight` occasions."""
    return min((prior * weight + kept) / (weight + put_to_test), 1.0)


@kernel
def believe(
    starts: Array,
    neighbours: Array,
    weight: Real,
    prior: Real,
    prior_refusals: Real,
    refused: Array,
    punished: Array,
    brand_refused: Array,
    brand_punished: Array,
    credibility: Array,
) -> None:
    """Set `credibility[D, G]` to the mean of the beta belief of the module, from the memories of each neighbourhood.

    The neighbours of d are `neighbours[starts[d]:starts[d + 1]]`; together they weigh `weight`.
    """
    groups = refused.shape[1]
    seen, held_out = np.empty(groups), np.empty(groups)
    for district in range(starts.size - 1):
        first, last = starts[district], starts[district + 1]
        share = weight / max(last - first, 1)
        for group in range(groups):
            seen[group], held_out[group] = punished[district, group], refused[district, group]
        for place in range(first, last):
            there = neighbours[place]
            for group in range(groups):
                seen[group] += share * punished[there, group]
                held_out[group] += share * refused[there, group]
        for group in range(groups):
            before = brand_prior(prior, prior_refusals, brand_refused[district, group], brand_punished[district, group])
            credibility[district, group] = reputation(before, prior_refusals, seen[group], held_out[group])


@kernel
def borrow_fear(members: Array, remote: Int, base: Real, spillover: Real, credibility: Array) -> None:
    """Set the credibility of the group `remote` from the most feared group that is present in each district."""
    for district in range(credibility.shape[0]):
        fear = 0.0
        for group in range(members.shape[0]):
            if group != remote and members[group, district] > 0:
                fear = max(fear, credibility[district, group])
        credibility[district, remote] = min(base + spillover * fear, 1.0)


class Credibility(Mechanism):
    """Update what people believe about punishment."""

    name = "credibility"
    elements = ("A22",)
    summary = "witnessed punishments over refusals make threats credible; both are forgotten"
    reads = (
        "demand_count",
        "demand_class",
        "demand_group",
        "demand_channel",
        "demand_rival",
        "action",
        "incident_count",
        "incident_class",
        "incident_group",
        "members",
        "brand_refused",
        "brand_punished",
        "diluted",
    )
    writes = {
        "credibility": Variable(("district", "group"), "f8", "probability", "perceived chance of punishment"),
        "refused_seen": Variable(("district", "group"), "f8", "refusals", "refusals that are remembered"),
        "punished_seen": Variable(("district", "group"), "f8", "punishments", "punishments that are remembered"),
    }
    switches = {"A22": Switch("beliefs about punishment stay what they are before anything is seen")}
    Parameters = CredibilityParameters

    def accept(self, parameters: CredibilityParameters) -> None:
        """Keep the parameters."""
        self.p = parameters
        self._keep = 0.5 ** (1.0 / parameters.half_life)
        roles = [group.role for group in self.city.scenario.groups]
        self._remote = [place for place, role in enumerate(roles) if role == "remote"]

    def prepare(self) -> None:
        """Start from a memory that agrees with the prior."""
        self._believe()

    def step(self, day: int) -> None:
        """Forget a little, add what was seen today, and form beliefs."""
        v = self.v
        self._forget()
        self._witness(int(v.demand_count[0]), int(v.incident_count[0]))
        self._believe()

    @cached_property
    def _witness(self) -> Callable[..., None]:
        v = self.v
        return bind(
            witness,
            self.city.kinds,
            LATE,
            v.demand_class,
            v.demand_group,
            v.demand_channel,
            v.demand_rival,
            v.action,
            LATE,
            v.incident_class,
            v.incident_group,
            v.refused_seen,
            v.punished_seen,
        )

    def _believe(self) -> None:
        self._form_beliefs()
        for group in self._remote:
            self._borrow_fear(group)

    @cached_property
    def _forget(self) -> Callable[..., None]:
        v = self.v
        return bind(forget, self._keep, v.diluted, v.refused_seen, v.punished_seen)

    @cached_property
    def _form_beliefs(self) -> Callable[..., None]:
        v, p = self.v, self.p
        return bind(
            believe,
            self.city.neighbour_starts,
            self.city.neighbours,
            p.neighbour_weight,
            p.prior,
            p.prior_refusals,
            v.refused_seen,
            v.punished_seen,
            v.brand_refused,
            v.brand_punished,
            v.credibility,
        )

    @cached_property
    def _borrow_fear(self) -> Callable[..., None]:
        p = self.p
        return bind(borrow_fear, self.v.members, LATE, p.remote_base, p.remote_spillover, self.v.credibility)
