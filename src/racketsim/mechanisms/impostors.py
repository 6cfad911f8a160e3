"""Impostors: people who demand money in a name that is not theirs and cannot punish (A5; Smith and Varese 2001).

Impostors have a place of their own among the groups (`City.impostor`), so demand, decision, collection, reporting and
police treat them as they treat any cell. They are members of nothing: nobody recruits or fights them, and they punish
nobody. Each of their demands claims a name, chosen by the weights of `posing`: credibility in the district times
presence in the news, which is the fame that the press has given it (`press`). Names and takes are weighed anew once a
week.

Entry and exit (`posing`), with risk = police * patrols / base patrols + owner * o, o the members of the brand that is
claimed for each 10,000 targets. While taking pays, those who are not yet impostors, out of `pool` people for each
10,000 targets, enter at the rate entry * n / (n + n_half), n the presence of the best name; while it does not,
impostors leave at the rate `exit`. Owners drive out impostors at the rate owner_exit * o.

Unmasking. A refusal that an impostor meets exposes with chance `unmasking`; each exposure is found out at the rate
1 / delay. Who is unmasked is driven out, and the name that was used is diluted: `dilution` refusals without punishment
are added to what is remembered of it. The believed share of impostors among those who claim a name,
    doubt = U / (n_f + R),   U such refusals and R all refusals remembered, n_f refusals that face value is worth,
is what a target weighs its own history with (`senders.claim_belief`): it makes the rate at which genuine senders punish
P / (R - U), while all who claim the name punish P / R.

States: impostors by district, exposures and U. Draws: IMPOSTOR_ENTRY, IMPOSTOR_EXIT, UNMASKING, UNMASKING_WAIT.
Nothing here depends on what observers call a group.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from racketsim.engine.bound import LATE, bind
from racketsim.engine.cells import anything, draw_thresholds
from racketsim.engine.kernel import Int, kernel
from racketsim.engine.mechanism import Array, Mechanism, Switch, Variable
from racketsim.engine.streams import Stream
from racketsim.mechanisms.event_rows import cell_writer
from racketsim.mechanisms.parameters import Parameters, parameter
from racketsim.mechanisms.posing import enter_and_leave, weigh
from racketsim.mechanisms.senders import repeated_harm
from racketsim.mechanisms.unmasking import await_unmasking, learn, unmask

_ENTRY, _EXIT = int(Stream.IMPOSTOR_ENTRY), int(Stream.IMPOSTOR_EXIT)
_UNMASKING, _WAIT = int(Stream.UNMASKING), int(Stream.UNMASKING_WAIT)
_PER_TARGETS = 10_000.0
_HARM, _NOISE, _HORIZON, _PERIODS = 0, 3, 5, 7
_WEEK = 7
_UNKNOWN, _IDLE, _AT_WORK = 0, 1, 2
_WENT, _CAME = 1, 2


class ImpostorParameters(Parameters):
    """Who poses as a group, for how long, and what it costs the group."""

    pool: float = parameter("people/10,000 targets", "people who might pose as a group", ge=0.0, le=1e4)
    entry: float = parameter("1/day", "rate of entry of one of them while it pays, at full presence", ge=0.0, le=1.0)
    exit: float = parameter("1/day", "rate of leaving while it does not pay", ge=0.0, le=1.0)
    collecting: float = parameter("days", "days of tribute that an impostor expects of who pays", gt=0.0, le=1e4)
    police_risk: float = parameter("PEN/demand", "expected loss from police, at normal patrols", ge=0.0, le=1e6)
    owner_risk: float = parameter(
        "PEN/demand", "expected loss from the owner of the name, at one member for each 10,000 targets", ge=0.0, le=1e6
    )
    owner_exit: float = parameter(
        "1/day", "rate at which owners drive an impostor out, at one member for each 10,000 targets", ge=0.0, le=1.0
    )
    name_weight: float = parameter("1", "e: elasticity of the choice of a name to its credibility", ge=0.0, le=10.0)
    news_half: float = parameter("claims", "recent claims at which a name is half as present as it can be", gt=0.0)
    unmasking: float = parameter("probability", "that the refusal of an impostor exposes it", ge=0.0, le=1.0)
    unmasking_delay: float = parameter("days", "mean time from exposure to unmasking", gt=0.0, le=1e4)
    dilution: float = parameter("refusals", "refusals added to the memory of the name that was used", ge=0.0, le=1e4)
    memory: float = parameter("days", "half-life of the memory of unmasked impostors", gt=0.0, le=1e5)
    face_value: float = parameter("refusals", "how much evidence taking a claim at face value is worth", gt=0.0)


@kernel
def wake(
    fame: Array,
    returned: Array,
    arrested: Array,
    impostors: Array,
    present: Array,
    left: Array,
    unmasked: Array,
) -> Int:
    """Let the released rejoin the impostors, and set who is `present[D]`; nobody has `left[D]` yet.

    Returns whether the press has named no group, it has but nobody uses a name, or impostors are at work; in the last
    case yesterday's `unmasked[G, D]` are cleared.
    """
    for district in range(impostors.size):
        impostors[district] += returned[district]
    state = _UNKNOWN
    for group in range(fame.size):
        if fame[group] != 0:
            state = _IDLE
    if state == _UNKNOWN:
        return state
    for district in range(impostors.size):
        present[district] = impostors[district] - arrested[district]
        left[district] = 0
        if impostors[district] != 0:
            state = _AT_WORK
    if anything(unmasked):
        unmasked[:] = 0
        state = _AT_WORK
    return state


class Impostors(Mechanism):
    """Let impostors enter, be unmasked and leave."""

    name = "impostors"
    elements = ("A5",)
    summary = "impostors follow fame while it pays; unmasked ones are driven out and dilute the name they used"
    reads = (
        "members",
        "arrested",
        "returned",
        "patrols",
        "base_patrols",
        "credibility",
        "refused_seen",
        "utility",
        "alive",
        "brand_of",
        "fame",
        "demand_count",
        "demand_target",
        "demand_class",
        "demand_group",
        "demand_claim",
        "demand_ordinal",
        "action",
    )
    writes = {
        "impostors": Variable(("district",), "i8", "people", "impostors at large"),
        "unmasked": Variable(("group", "district"), "i8", "people", "unmasked today, by the group they claimed"),
        "diluted": Variable(("district", "group"), "f8", "refusals", "to be added to what is remembered of a group"),
        "doubt": Variable(("district", "group"), "f8", "share", "believed share of impostors among those who claim"),
        "claim_running": Variable(("district", "group"), "f8", "1", "running sums of the weights of names to claim"),
        "take": Variable(("district",), "f8", "PEN/demand", "expected take of a demand in the best name"),
        "risk": Variable(("district",), "f8", "PEN/demand", "expected loss of a demand in the best name"),
        "best_name": Variable(("district",), "i8", "group", "group whose name brings most, -1 where none is known"),
        "presence": Variable(("district",), "f8", "claims", "claims of the press that name the brand of that group"),
        "owners": Variable(("district",), "f8", "members/10,000 targets", "members of the brand of that group"),
        "exposed": Variable(("group", "district"), "f8", "refusals", "refusals that will unmask, by group claimed"),
        "unmasked_seen": Variable(("district", "group"), "f8", "refusals", "known to be impostors', by group claimed"),
        "entry_threshold": Variable(("one", "district"), "f8", "1", "hazard until the next impostor enters"),
        "entries": Variable(("one", "district"), "i8", "people", "entered so far"),
        "exit_threshold": Variable(("one", "district"), "f8", "1", "hazard until the next impostor leaves"),
        "exits": Variable(("one", "district"), "i8", "people", "left so far"),
        "unmasking_threshold": Variable(("group", "district"), "f8", "1", "hazard until the next unmasking"),
        "unmaskings": Variable(("group", "district"), "i8", "people", "unmaskings so far"),
    }
    draws = (Stream.IMPOSTOR_ENTRY, Stream.IMPOSTOR_EXIT, Stream.UNMASKING, Stream.UNMASKING_WAIT)
    emits = ("impostor_entry", "impostor_exit", "impostor_unmasked")
    switches = {"A5": Switch("nobody poses as a group")}
    Parameters = ImpostorParameters

    def accept(self, parameters: ImpostorParameters) -> None:
        """Keep the parameters, and what a demand asks by district and kind."""
        self.p = p = parameters
        city = self.city
        self._keep_memory = 0.5 ** (1.0 / p.memory)
        attraction = city.counts * city.column("territorial_attraction")
        total = attraction.sum(axis=1, keepdims=True)
        self._weights = np.divide(attraction, total, out=np.zeros(attraction.shape), where=total > 0)
        self._asked = np.maximum(1, np.rint(100.0 * city.column("tribute_scale"))).astype(np.int64)
        self._earns, self._closing = 100.0 * city.column("size_median"), city.column("closing_cost")
        self._ten_thousands = np.maximum(city.counts.sum(axis=1), 1) / _PER_TARGETS
        self._pool = p.pool * self._ten_thousands
        self._nameless = np.zeros(city.groups, dtype=np.bool_)
        self._nameless[[n for n, g in enumerate(city.scenario.groups) if g.role == "remote"] + [city.impostor]] = True
        self._settings = (p.entry, p.exit, p.owner_exit, p.news_half)
        shape = (city.groups, city.districts)
        self._hazard, self._fired = np.zeros(shape), np.zeros(shape, dtype=np.int64)
        self._leaving = np.zeros((1, city.districts))
        self._entered, self._gone = np.zeros((2, 1, city.districts), dtype=np.int64)
        self._present, self._left = np.zeros((2, city.districts), dtype=np.int64)

    def prepare(self) -> None:
        """Start where no name is known; draw the first thresholds."""
        v = self.v
        v.best_name[:] = -1
        draw_thresholds(self.seed, _ENTRY, v.entry_threshold)
        draw_thresholds(self.seed, _EXIT, v.exit_threshold)
        draw_thresholds(self.seed, _WAIT, v.unmasking_threshold)

    def step(self, day: int) -> None:
        """Read the news, unmask, and let impostors enter and leave."""
        state = self._wake()
        if state == _UNKNOWN:
            return
        if state == _AT_WORK and self._await_unmasking(int(self.v.demand_count[0])) and (found := self._unmask()):
            self._report_unmasked(found, day)
        if day % _WEEK == 0:
            self._weigh()
        moved = self._enter_and_leave()
        if moved & _WENT:
            self._report_gone(self.city.districts, day)
        if moved & _CAME:
            self._report_entered(self.city.districts, day)
        self._learn()

    @cached_property
    def _wake(self) -> Callable[..., int]:
        v, place = self.v, self.city.impostor
        return bind(
            wake,
            v.fame,
            v.returned[place],
            v.arrested[place],
            v.impostors,
            self._present,
            self._left,
            v.unmasked,
        )

    @cached_property
    def _await_unmasking(self) -> Callable[..., int]:
        v, p = self.v, self.p
        return bind(
            await_unmasking,
            self.seed,
            self.city.kinds,
            self.city.impostor,
            p.unmasking,
            1.0 / p.unmasking_delay,
            LATE,
            v.demand_target,
            v.demand_class,
            v.demand_group,
            v.demand_claim,
            v.demand_ordinal,
            v.action,
            v.exposed,
            self._hazard,
            v.unmasking_threshold,
            v.unmaskings,
            self._fired,
        )

    @cached_property
    def _learn(self) -> Callable[..., None]:
        v, p = self.v, self.p
        memories = (v.unmasked, v.refused_seen, v.diluted, v.unmasked_seen, v.doubt)
        return bind(learn, self._keep_memory, p.dilution, p.face_value, *memories)

    @cached_property
    def _unmask(self) -> Callable[..., int]:
        return bind(unmask, self._fired, self._present, self._left, self.v.unmasked)

    @cached_property
    def _weigh(self) -> Callable[[], None]:
        """Weigh what names bring and what they risk, in every district."""
        v, p, utility = self.v, self.p, self.v.utility
        return bind(
            weigh,
            (p.name_weight, p.police_risk, p.owner_risk, p.collecting / 100.0),
            float(repeated_harm(float(utility[_HARM]), float(utility[_PERIODS]))),
            float(utility[_HORIZON]),
            float(utility[_NOISE]),
            self._nameless,
            self._weights,
            self._asked,
            self._earns,
            self._closing,
            self._ten_thousands,
            v.alive,
            v.members,
            v.fame,
            v.credibility,
            v.brand_of,
            v.patrols,
            v.base_patrols,
            v.claim_running,
            v.best_name,
            v.presence,
            v.take,
            v.owners,
            v.risk,
        )

    @cached_property
    def _enter_and_leave(self) -> Callable[..., int]:
        v = self.v
        return bind(
            enter_and_leave,
            self.seed,
            self._settings,
            v.take,
            v.risk,
            v.presence,
            v.owners,
            self._pool,
            v.arrested[self.city.impostor],
            self._present,
            self._left,
            v.exit_threshold,
            v.exits,
            v.entry_threshold,
            v.entries,
            v.exposed,
            v.impostors,
            self._hazard[:1],
            self._leaving,
            self._entered,
            self._gone,
        )

    @cached_property
    def _report_unmasked(self) -> Callable[..., None]:
        claimed = np.arange(self.city.groups)
        return cell_writer(
            self.log, "impostor_unmasked", self.v.unmasked, group=self._us(claimed.size), claimed=claimed
        )

    @cached_property
    def _report_gone(self) -> Callable[..., None]:
        return cell_writer(self.log, "impostor_exit", self._gone, group=self._us(1))

    @cached_property
    def _report_entered(self) -> Callable[..., None]:
        return cell_writer(self.log, "impostor_entry", self._entered, group=self._us(1))

    def _us(self, rows: int) -> Array:
        return np.full(rows, self.city.impostor)
