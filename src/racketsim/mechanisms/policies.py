"""Policies act on levers (A10, A13): what the state or the city changes, by district and day.

Every morning the levers are set back to normal and each policy in force pulls those it pulls: dated ones, and those
that a rule has set off (`state`) and can still pay for. A policy touches nothing else, so an idle policy changes
nothing and a policy that starts later cannot change the past.

States: the levers below. Equation: of the base officers of a district a share investigates; the others patrol, and so
does what a surge adds: patrols = (1 - investigator share) * base + surge, officers = base + surge. An emergency adds
its share of the base officers and shifts trust. Person-days under emergency are a cost and are counted as such
(`records`). Officers that a rule's policy adds are counted against the budget of the rule (`trigger_spent`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from racketsim.engine.log import event_id
from racketsim.engine.mechanism import Array, Mechanism, Switch, Variable
from racketsim.engine.streams import Stream
from racketsim.errors import InputError, did_you_mean
from racketsim.mechanisms.parameters import Parameters, parameter
from racketsim.policies.base import Policy, as_date
from racketsim.policies.triggered import InForce, Standing, broke, in_force, standing

_POLICY = int(Stream.POLICY)
_KEYS = ("surge_key", "capture_key")
_NO_LEVERS = (
    *("pulled", "started", "trigger_spent", "begun_count", "begun_key", "begun_district", "begun_officers"),
    *_KEYS,
)
_NEWS = ("A10", "A13")
"""Elements of the policies that are announced to the public."""
_MOST_DISTRICTS = 1024
_NEVER = -1


class PolicyParameters(Parameters):
    """What an emergency does where it is in force."""

    emergency_officers: float = parameter(
        "share of base officers", "officers added in a district under emergency", ge=0.0, le=10.0
    )
    emergency_trust: float = parameter("1", "shift of trust in the police under emergency", ge=-1.0, le=1.0)
    investigator_share: float = parameter(
        "share of base officers", "officers of a district who investigate, in normal times", ge=0.0, le=1.0
    )
    base_trust: float = parameter("1", "trust in the police in normal times, from 0 to 1", ge=0.0, le=1.0)


class Starts(NamedTuple):
    """The ids of the start of a policy: the first one, and `by_district[D]`; 0 where no start is in the log.

    A district that the policy does not name has the first one.
    """

    first: Any
    by_district: Array


class Levers:
    """What a policy may change on one day: arrays by district, set by name of district.

    `mobility` and `station_access` are shares of normal; `surge` counts added officers; `special` and `unit` count
    investigators of special units; `emergency` marks districts under emergency; `trust` adds to trust;
    `remote_capacity` (one number) scales what remote operators can do. An emergency adds the share
    `emergency_officers` of the base officers. Who orders arrests is their cause (`capture_key`), and who adds most
    officers in a district that of what added officers do there (`surge_key`), among policies whose start is in the log.
    """

    def __init__(
        self,
        arrays: dict[str, Any],
        districts: Sequence[str],
        groups: Sequence[str],
        emergency_officers: float = 0.0,
    ) -> None:
        self._arrays = arrays
        self._emergency_officers = emergency_officers
        self._starts = Starts(0, np.zeros(len(districts), dtype=np.uint64))
        self._added = np.zeros(len(districts))
        self._most = np.zeros(len(districts))
        self._district = {name: place for place, name in enumerate(districts)}
        self._group = {name: place for place, name in enumerate(groups)}

    def _hand_to(self, starts: Starts) -> None:
        """Let another policy pull, whose starts are these."""
        self._starts = starts
        self._added[:] = 0.0

    def _places(self, districts: Sequence[str] | None) -> Any:
        if districts is None:
            return slice(None)
        for name in districts:
            if name not in self._district:
                raise InputError(f"unknown district '{name}'.{did_you_mean(name, self._district)}")
        return [self._district[name] for name in districts]

    def scale(self, lever: str, factor: float, districts: Sequence[str] | None = None) -> None:
        """Multiply `mobility`, `station_access` or `remote_capacity` by `factor` (in all districts when None)."""
        if lever not in ("mobility", "station_access", "remote_capacity"):
            raise InputError(f"lever '{lever}' cannot be scaled; allowed: mobility, station_access, remote_capacity")
        self._arrays[lever][slice(None) if lever == "remote_capacity" else self._places(districts)] *= factor

    def add_officers(self, officers: float, districts: Sequence[str]) -> None:
        """Deploy `officers` more, spread over `districts` in proportion to their base officers."""
        places = self._places(districts)
        added = officers * self._spread(places)
        self._arrays["surge"][places] += added
        self._take_part(places, added)

    def _take_part(self, places: Any, officers: Array) -> None:
        """Name the policy that pulls as the cause where it has added more officers than any other."""
        if not self._starts.first:
            return
        self._added[places] += officers
        more = self._added > self._most
        self._most[more] = self._added[more]
        self._arrays["surge_key"][more] = self._starts.by_district[more]

    def _spread(self, places: Any) -> Any:
        """Return the share of each of `places` in their base officers; equal shares where there are none."""
        base = self._arrays["base_officers"][places]
        total = base.sum()
        return base / total if total > 0 else np.full(len(base), 1.0 / len(base))

    def add_investigators(
        self, investigators: float, districts: Sequence[str] | None = None, group: str | None = None
    ) -> None:
        """Set up a special unit of `investigators` for this day, in `districts` (all when None).

        Against one `group` it goes where cases and members of the group are; otherwise it is spread over the districts
        in proportion to their base officers.
        """
        places = self._places(districts)
        if group is not None:
            place = self._place_of(group)
            self._arrays["unit"][place] += investigators
            self._arrays["unit_places"][place, places] = 1
            return
        self._arrays["special"][places] += investigators * self._spread(places)

    def declare_emergency(self, districts: Sequence[str]) -> None:
        """Put `districts` under a state of emergency for this day."""
        places = self._places(districts)
        new = self._arrays["emergency"][places] == 0
        self._arrays["emergency"][places] = 1
        self._take_part(places, self._emergency_officers * self._arrays["base_officers"][places] * new)

    def shift_trust(self, shift: float, districts: Sequence[str] | None = None) -> None:
        """Add `shift` to trust in the police."""
        self._arrays["trust"][self._places(districts)] += shift

    def keep_truce(self, kept: float, groups: Sequence[str] | None = None) -> None:
        """Let `groups` (all when None, factions born later included) give up the share `kept` of attacks on others."""
        places = slice(None) if groups is None else [self._place_of(group) for group in groups]
        held = self._arrays["truce"][places]
        self._arrays["truce"][places] = np.maximum(held, kept)

    def capture(self, group: str, members: int, leader: bool = False) -> None:
        """Arrest up to `members` of a group today, by an operation prepared in advance."""
        place = self._place_of(group)
        self._arrays["captures"][place] += members
        if self._starts.first:
            self._arrays["capture_key"][place] = self._starts.first
        if leader:
            self._arrays["capture_leader"][place] = 1

    def cut_link(self, group: str) -> None:
        """Break the link between a group and its parent brand for this day."""
        self._arrays["link_cut"][self._place_of(group)] = 1

    def _place_of(self, group: str) -> int:
        if group not in self._group:
            raise InputError(f"unknown group '{group}'.{did_you_mean(group, self._group)}")
        return self._group[group]


class Policies(Mechanism):
    """Set the levers of the day from the policies in force."""

    name = "policies"
    elements = ("A10", "A13")
    summary = "policies in force, dated or set off by rules, set the levers of the day"
    reads = ("trigger_first", "trigger_last", "trigger_where", "trigger_group", "trigger_key")
    writes = {
        "mobility": Variable(("district",), "f8", "share of normal", "street activity"),
        "station_access": Variable(("district",), "f8", "share of normal", "chance to reach a police station"),
        "remote_capacity": Variable(("one",), "f8", "share of normal", "what remote operators can do"),
        "base_officers": Variable(("district",), "f8", "officers", "officers in normal times"),
        "surge": Variable(("district",), "f8", "officers", "officers added by policies"),
        "surge_key": Variable(("district",), "u8", "event", "start of the policy that adds most of them, 0 none"),
        "officers": Variable(("district",), "f8", "officers", "officers on duty, investigators included"),
        "base_patrols": Variable(("district",), "f8", "officers", "officers on patrol in normal times"),
        "patrols": Variable(("district",), "f8", "officers", "officers on patrol"),
        "investigators": Variable(("district",), "f8", "officers", "officers of the district who investigate"),
        "special": Variable(("district",), "f8", "officers", "investigators of special units against all groups"),
        "unit": Variable(("group",), "f8", "officers", "investigators of special units against one group"),
        "unit_places": Variable(("group", "district"), "u1", "1", "where the unit against a group may work"),
        "emergency": Variable(("district",), "u1", "1", "whether a state of emergency is in force"),
        "trust": Variable(("district",), "f8", "1", "trust in the police, from 0 to 1"),
        "truce": Variable(("group",), "f8", "share", "attacks on others that a group gives up under a truce"),
        "pulled": Variable(("one",), "u1", "1", "whether a policy was in force on the last day"),
        "link_cut": Variable(("group",), "u1", "1", "whether the link to the parent brand is cut today"),
        "captures": Variable(("group",), "i8", "members", "members to be arrested today by a prepared operation"),
        "capture_key": Variable(("group",), "u8", "event", "start of the last operation that arrests them, 0 none"),
        "capture_leader": Variable(("group",), "u1", "1", "whether the operation takes the leader"),
        "started": Variable(("policy",), "i4", "day", "day of its last start that is in the log, -1 none"),
        "trigger_spent": Variable(("trigger",), "f8", "officer-days", "added by what a rule has set off so far"),
        "begun_count": Variable(("one",), "i8", "policies", "emergencies and operations that begin today"),
        "begun_key": Variable(("begun",), "u8", "event", "those of today: id of the start"),
        "begun_district": Variable(("begun",), "i2", "district", "those of today: the first of their districts"),
        "begun_officers": Variable(("begun",), "f8", "officers", "those of today: officers that they add"),
    }
    draws = (Stream.POLICY,)
    emits = ("policy_start", "policy_end")
    switches = {
        "A10": Switch("mega-operations do not take place", rests=False),
        "A13": Switch("states of emergency are not declared", rests=False),
    }
    Parameters = PolicyParameters

    policies: Sequence[Any] = ()

    def accept(self, parameters: PolicyParameters) -> None:
        """Keep the parameters."""
        self.p = parameters
        self._known: dict[tuple[int, int], Starts] = {}
        self._unknown = Starts(0, np.zeros(self.city.districts, dtype=np.uint64))

    def prepare(self) -> None:
        """Put the officers of the scenario on duty."""
        self.v.base_officers[:] = self.city.scenario.districts.officers
        self.v.started[:] = _NEVER
        self._reset()

    def follow(self, policies: Sequence[Any]) -> None:
        """Take the policies of a run.

        Raises:
            InputError: there are too many of them.
        """
        most = self.city.sizes["policy"]
        if len(policies) > most:
            raise InputError(f"there are {len(policies)} policies; a run has at most {most}")
        self.policies = policies

    def _reset(self) -> None:
        v = self.v
        v.mobility[:] = 1.0
        v.station_access[:] = 1.0
        v.remote_capacity[:] = 1.0
        v.surge[:] = 0.0
        v.surge_key[:] = 0
        np.multiply(v.base_officers, self.p.investigator_share, out=v.investigators)
        np.subtract(v.base_officers, v.investigators, out=v.base_patrols)
        for none in (v.special, v.unit, v.unit_places):
            none[:] = 0
        v.emergency[:] = 0
        v.trust[:] = self.p.base_trust
        v.truce[:] = 0.0
        v.captures[:] = 0
        v.capture_key[:] = 0
        v.link_cut[:] = 0
        v.capture_leader[:] = 0
        v.officers[:] = v.base_officers
        v.patrols[:] = v.base_patrols

    def step(self, day: int) -> None:
        """Reset the levers, let each policy pull its own, and put officers on duty."""
        v, city = self.v, self.city
        acting = in_force(self._standing, v, city, day)
        v.begun_count[0] = 0
        if not acting:
            if v.pulled[0]:
                self._reset()
                v.pulled[0] = 0
            return
        self._reset()
        v.pulled[0], today = 1, city.date_of(day)
        groups = [group.id for group in city.scenario.groups]
        levers = Levers(v.__dict__, city.scenario.districts.name, groups, self.p.emergency_officers)
        for acts in acting:
            if getattr(acts.policy, "element", None) not in self.off:
                self._act(day, today, levers, acts)
        emergency = v.emergency.astype(np.float64)
        v.surge += self.p.emergency_officers * v.base_officers * emergency
        np.clip(v.trust + self.p.emergency_trust * emergency, 0.0, 1.0, out=v.trust)
        np.add(v.base_officers, v.surge, out=v.officers)
        np.add(v.base_patrols, v.surge, out=v.patrols)

    @cached_property
    def _standing(self) -> list[Standing]:
        return standing(self.policies, self.city)

    def _act(self, day: int, today: date, levers: Levers, acts: InForce) -> None:
        """Let one policy pull its levers, and count what it costs the rule that set it off, if one did."""
        v, policy, rule = self.v, acts.policy, acts.rule
        starts, ends = (getattr(policy, edge, None) == today for edge in ("start", "end"))
        watched = [name for name in self.writes if name not in _NO_LEVERS] if starts or ends else []
        before = {name: v.__dict__[name].copy() for name in watched}
        keys = {name: v.__dict__[name].copy() for name in _KEYS} if starts else {}
        officers = self._deployed() if starts or rule >= 0 else 0.0
        levers._hand_to(self._starts(day, acts, starts))
        policy(levers, today)
        added = self._deployed() - officers if starts or rule >= 0 else 0.0
        if rule >= 0:
            v.trigger_spent[rule] += added
            ends = ends or broke(self.policies[acts.place], v, rule)
        if starts or ends:
            idle = before and all(np.array_equal(v.__dict__[name], held) for name, held in before.items())
            if idle:
                for name, held in keys.items():
                    v.__dict__[name][:] = held
            else:
                self._announce(day, acts, starts, ends)
                if starts and getattr(policy, "element", None) in _NEWS:
                    self._begin(day, acts, added)

    def _starts(self, day: int, acts: InForce, today: bool) -> Starts:
        """Return the ids of the start of a policy, if it starts `today` or its start is in the log."""
        policy, city = acts.policy, self.city
        start = city.day_of(as_date(policy.start, "start")) if isinstance(policy, Policy) else _NEVER
        if start < 0 or (start != self.v.started[acts.place] and not today):
            return self._unknown
        known = self._known.get((acts.place, start))
        if known is None:
            keys = np.full(city.districts, _start_key(acts.place, 0, start), dtype=np.uint64)
            for n, place in enumerate(policy.places(city.scenario.districts.name)):
                if place >= 0:
                    keys[place] = _start_key(acts.place, n, start)
            known = self._known[acts.place, start] = Starts(_start_key(acts.place, 0, start), keys)
        return known

    def _deployed(self) -> float:
        """Return the officers, investigators included, whom the policies of today have added so far."""
        v = self.v
        patrols = v.surge.sum() + self.p.emergency_officers * (v.base_officers * v.emergency).sum()
        return float(patrols + v.special.sum() + v.unit.sum())

    def _announce(self, day: int, acts: InForce, starts: bool, ends: bool) -> None:
        """Log the first and last day of a policy that does something; an idle one leaves no trace."""
        places = acts.policy.places(self.city.scenario.districts.name)
        cause = self.v.trigger_key[acts.rule] if acts.rule >= 0 else 0
        about = {"district": places, "count": acts.place, "caused_by": cause}
        if starts:
            keys = np.array([_start_key(acts.place, n, day) for n in range(len(places))], dtype=np.uint64)
            self.log.add("policy_start", day, len(places), event_id=keys, **about)
            self.v.started[acts.place] = day
        if ends:
            self.log.add("policy_end", day, len(places), **about)

    def _begin(self, day: int, acts: InForce, officers: float) -> None:
        """Let the public know of an emergency or an operation that begins today."""
        v, row = self.v, int(self.v.begun_count[0])
        if row == v.begun_key.size:
            raise InputError(f"more than {row} emergencies and operations begin on {self.city.date_of(day)}")
        v.begun_key[row] = _start_key(acts.place, 0, day)
        v.begun_district[row] = acts.policy.places(self.city.scenario.districts.name)[0]
        v.begun_officers[row] = officers
        v.begun_count[0] += 1


def _start_key(place: int, nth: int, day: int) -> Any:
    """Return the id of the start of a policy in the n-th of its districts."""
    return event_id(_POLICY, place * _MOST_DISTRICTS + nth, day)
