"""The press: claims of outlets about public incidents, with delay, coverage bias and error (A26).

Every outlet carries a public incident with log odds logit(coverage) + severity_bias * log2(1 + people hurt), after an
exponential delay. Its claim names a group with chance `attribution`; a named group is wrong with chance
`attribution_error`, and then it is the other group that the press has named most so far (fame attracts blame). The
number hurt is misstated with chance `count_error`, by a factor between a half and two. Claims about one incident are
kept side by side: they may contradict each other and the truth.
"""

from __future__ import annotations

import numpy as np

from racketsim.engine.kernel import Int, kernel
from racketsim.engine.log import stream_bits
from racketsim.engine.mechanism import Array, Mechanism, Switch, Variable
from racketsim.engine.philox import uniform_pair
from racketsim.engine.streams import Stream

_COVERAGE, _ATTRIBUTION, _PUNISHMENT = int(Stream.COVERAGE), int(Stream.ATTRIBUTION), int(Stream.PUNISHMENT)
_OUTLET_STRIDE = 1 << 32
_CLAIMS = np.array([stream_bits(128 + outlet) for outlet in range(128)])
"""Upper parts of the ids of claims, by outlet: above every stream."""


@kernel
def most_famous(fame: Array, besides: Int) -> Int:
    """Return the group that the press has named most, other than `besides`; `besides` where it has named no other."""
    found, most = np.int64(besides), 0
    for group in range(fame.size):
        if group != besides and fame[group] > most:
            found, most = np.int64(group), fame[group]
    return found


@kernel
def carry(
    seed: Int,
    incidents: Int,
    in_target: Array,
    in_group: Array,
    in_ordinal: Array,
    in_injured: Array,
    in_killed: Array,
    in_public: Array,
    outlets: Array,
    fame: Array,
    claim_incident: Array,
    claim_outlet: Array,
    claim_delay: Array,
    claim_group: Array,
    claim_injured: Array,
    claim_killed: Array,
) -> Int:
    """Write today's claims; `outlets[quantity, outlet]` in the order of `quantities.OUTLET_QUANTITIES`.

    Returns the number of claims, at most incidents x outlets.
    """
    count = 0
    for n in range(incidents):
        if not in_public[n]:
            continue
        hurt = in_injured[n] + in_killed[n]
        for outlet in range(outlets.shape[1]):
            coverage, bias, delay, attribution, wrong, miscount = outlets[:, outlet]
            entity = outlet * _OUTLET_STRIDE + in_target[n]
            u, v = uniform_pair(seed, entity, _COVERAGE, in_ordinal[n])
            odds = coverage / max(1.0 - coverage, 1e-12) * np.exp(bias * np.log2(1.0 + hurt))
            if u >= odds / (1.0 + odds):
                continue
            named, error = uniform_pair(seed, entity, _ATTRIBUTION, in_ordinal[n])
            group = np.int64(-1)
            if named < attribution:
                group = np.int64(in_group[n])
                if named < attribution * wrong:
                    group = most_famous(fame, group)
                fame[group] += 1
            factor = 1.0
            if error < miscount:
                factor = 0.5 + 1.5 * error / miscount
            claim_incident[count] = n
            claim_outlet[count] = outlet
            claim_delay[count] = np.int64(-delay * np.log(v))
            claim_group[count] = group
            claim_injured[count] = np.int64(in_injured[n] * factor + 0.5)
            claim_killed[count] = np.int64(in_killed[n] * factor + 0.5)
            count += 1
    return count


class Press(Mechanism):
    """Let outlets claim what happened."""

    name = "press"
    elements = ("A26",)
    summary = "outlets claim what happened, with delay, bias and error"
    reads = (
        "incident_count",
        "incident_target",
        "incident_class",
        "incident_group",
        "incident_ordinal",
        "incident_method",
        "incident_injured",
        "incident_killed",
        "incident_public",
        "incident_key",
    )
    writes = {
        "fame": Variable(("group",), "i8", "claims", "claims that named a group so far"),
        "claims_today": Variable(("one",), "i8", "claims", "claims that today's incidents will bring"),
    }
    draws = (Stream.COVERAGE, Stream.ATTRIBUTION)
    switches = {"A26": Switch("the press claims nothing")}

    def accept(self, parameters: object) -> None:
        """Take the quantities of the outlets."""
        names = ("coverage", "severity_bias", "delay_mean", "attribution", "attribution_error", "count_error")
        outlets = self.city.scenario.outlets
        self._outlets = np.array([[outlet[name] for outlet in outlets] for name in names]).reshape(6, -1)

    def step(self, day: int) -> None:
        """Write the claims about today's incidents, dated when they are published."""
        v = self.v
        incidents = int(v.incident_count[0])
        v.claims_today[0] = 0
        if not v.incident_public[:incidents].any() or self._outlets.shape[1] == 0:
            return
        room = incidents * self._outlets.shape[1]
        incident, outlet, delay, group, injured, killed = np.empty((6, room), dtype=np.int64)
        v.claims_today[0] = n = carry(
            self.seed,
            incidents,
            v.incident_target,
            v.incident_group,
            v.incident_ordinal,
            v.incident_injured,
            v.incident_killed,
            v.incident_public,
            self._outlets,
            v.fame,
            incident,
            outlet,
            delay,
            group,
            injured,
            killed,
        )
        about = incident[:n]
        self.log.claim(
            n,
            claim_id=v.incident_key[about] | _CLAIMS[outlet[:n]],
            event_id=v.incident_key[about] | stream_bits(_PUNISHMENT),
            day=day + delay[:n],
            outlet=outlet[:n],
            district=v.incident_class[about] // self.city.kinds,
            method=v.incident_method[about],
            group=group[:n],
            true_group=v.incident_group[about],
            injured=injured[:n],
            killed=killed[:n],
        )
