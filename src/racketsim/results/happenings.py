"""What counts as a link of a chain in a run: the days, events, causes and places of everything that it can be.

What leads from one link to the next is told by the log: an event names its cause (`caused_by`), and claims name the
event that they are about. Where a mechanism has such a cause for two kinds of link (`leads`), only that joins them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from racketsim.engine.log import ordinal_of
from racketsim.mechanisms.strikes import is_public
from racketsim.policies.triggered import Triggered
from racketsim.results.log import EventLog, Rows
from racketsim.results.replicate import Columns
from racketsim.results.vocabulary import EVENT_CODE
from racketsim.scenario.chain import CONTRADICTION
from racketsim.scenario.model import ChainLink, PolicySpec

_LOGGED = {
    "protest": "protest",
    "riot": "riot",
    "mass_harm": "incident",
    "public_threat": "public_threat",
    "ultimatum": "ultimatum",
    "arrest": "arrest",
    "backlash": "backlash_incident",
}
"""The type of events in the log that a link is."""

_HURT = ("mass_harm", "backlash")
_BY_DAY = ("public_threat", "ultimatum")
_NUMBERS = ("injured", "killed", "vehicles", "people")

_RIOTS = ("riot", "vehicles_burnt")
_OPERATIONS = ("mega_operation", "state_of_emergency")
LEADS: dict[str, tuple[str, ...]] = {
    "public_threat": (*_RIOTS, "arrest"),
    "ultimatum": (*_RIOTS, "public_threat"),
    "backlash": _RIOTS,
    "vehicles_burnt": ("riot",),
    "arrest": (*_OPERATIONS, "capture"),
    CONTRADICTION: ("protest", *_RIOTS, "mass_harm", "public_threat", "ultimatum", "arrest", "backlash", *_OPERATIONS),
}
"""What the log can name as the cause of each: who threatens answers riots and arrests, added officers arrest, ..."""

SET_OFF_BY: dict[str, tuple[str, ...]] = {
    "mass_harm": ("mass_harm",),
    "public_threat": ("public_threat",),
    "protest": ("protest", *_RIOTS),
    "riot": _RIOTS,
    "burnt": _RIOTS,
}
"""What the log names as the cause of a rule, by what the rule looks at; the other rules look at sums of many events."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One time that a link happened.

    Later events that lead back to one of `events` were caused by it; its own causes are `causes` and what they lead
    back to. `places` are indices of districts, -1 the whole city.
    """

    day: int
    events: frozenset[int]
    causes: frozenset[int]
    places: frozenset[int]


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run left: its log, claims and policies in its order, the last day that was simulated, and its seed."""

    log: EventLog
    claims: Columns
    policies: Sequence[PolicySpec]
    last: int
    seed: int


def leads(earlier: str, later: str, policies: Sequence[PolicySpec]) -> bool:
    """Return whether the model has a direct cause from one kind of link to another, which the log then names."""
    if later in LEADS or later in _LOGGED:
        return earlier in LEADS.get(later, ())
    rules = [spec.arguments for spec in policies if spec.kind == Triggered.kind]
    return any(rule["policy"] == later and earlier in SET_OFF_BY.get(rule["when"], ()) for rule in rules)


def happenings(link: ChainLink, ran: Ran) -> list[Happening]:
    """Return each time that `link` happened, by day."""
    if link.event == CONTRADICTION:
        found = _contradictions(link, ran)
    elif link.event == "vehicles_burnt":
        found = _burnt(link.at_least.value, ran.log)
    elif link.event in _LOGGED:
        found = _logged(link, ran)
    else:
        found = _policies(link, ran)
    return sorted(found, key=lambda one: one.day)


def _one(log: EventLog, rows: Rows) -> Happening:
    """Return the events in `rows`, all of one day, as one happening."""
    columns = log.columns
    events, causes, places = (columns[name][rows].tolist() for name in ("event_id", "caused_by", "district"))
    return Happening(int(columns["day"][rows[0]]), frozenset(events), frozenset(causes) - {0}, frozenset(places))


def _grouped(log: EventLog, rows: Rows, by: Sequence[str], least: float) -> list[Happening]:
    """Return the events in `rows` that share the columns `by`, where they are at least so many."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for row, *key in zip(rows.tolist(), *(log.columns[name][rows].tolist() for name in by), strict=True):
        groups.setdefault(tuple(key), []).append(row)
    return [_one(log, np.array(group)) for group in groups.values() if len(group) >= least]


def _logged(link: ChainLink, ran: Ran) -> list[Happening]:
    log, columns = ran.log, ran.log.columns
    rows = log.rows_of([_LOGGED[link.event]])
    if link.event in _BY_DAY:
        return _grouped(log, rows, ["day"], link.at_least.value)
    hurt = link.event in _HURT
    size = columns["injured"][rows] + columns["killed"][rows] if hurt else columns["count"][rows]
    rows = rows[size >= link.at_least.value]
    return [_one(log, rows[n : n + 1]) for n in range(len(rows)) if link.event != "mass_harm" or _public(rows[n], ran)]


def _public(row: Any, ran: Ran) -> bool:
    """Return whether an incident was known in public, which its keyed draw tells."""
    columns, methods = ran.log.columns, ran.log.scenario.methods
    target, killed, method = (int(columns[name][row]) for name in ("target", "killed", "method"))
    ordinal = ordinal_of(int(columns["event_id"][row]))
    return bool(is_public(ran.seed, target, ordinal, methods[method]["publicity"], killed))


def _burnt(least: float, log: EventLog) -> list[Happening]:
    """Return the riots at which so many vehicles were burnt; the vehicles lead back to the riot."""
    rows, found = log.rows_of(["riot"]), []
    causes, vehicles = np.unique(log.columns["caused_by"][log.rows_of(["vehicle_burnt"])], return_counts=True)
    for row in rows[np.isin(log.columns["event_id"][rows], causes[vehicles >= least])]:
        riot = _one(log, np.array([row]))
        found.append(Happening(riot.day, riot.events, riot.events, riot.places))
    return found


def _policies(link: ChainLink, ran: Ran) -> list[Happening]:
    """Return the days on which policies of a kind start, dated ones and those that a rule set off."""
    log, rows = ran.log, ran.log.rows_of(["policy_start"])
    kinds = np.array([str(spec.arguments.get("policy", spec.kind)) for spec in ran.policies])
    rows = rows[kinds[log.columns["count"][rows]] == link.event] if len(kinds) else rows[:0]
    return _grouped(log, rows, ["day", "count"], link.at_least.value)


def _contradictions(link: ChainLink, ran: Ran) -> list[Happening]:
    """Return the days on which an event got its `at_least`-th version; who names nobody contradicts no name.

    The claims come from the event that they are about, and nothing comes from them.
    """
    column: dict[str, npt.NDArray[Any]] = {name: np.asarray(values) for name, values in ran.claims.items()}
    kept = column["day"] <= ran.last
    if link.about:
        kept &= np.isin(column["type"], [EVENT_CODE[name] for name in link.about])
    order = np.flatnonzero(kept)[np.argsort(column["day"][kept], kind="stable")]
    versions: dict[int, tuple[set[int], set[int], set[tuple[int, ...]]]] = {}
    found: dict[int, Happening] = {}
    for row in order.tolist():
        event = int(column["event_id"][row])
        groups, sponsors, numbers = versions.setdefault(event, (set(), set(), set()))
        for names, name in ((groups, "group"), (sponsors, "sponsor")):
            if column[name][row] >= 0:
                names.add(int(column[name][row]))
        numbers.add(tuple(int(column[name][row]) for name in _NUMBERS))
        if event not in found and max(len(groups), len(sponsors), len(numbers)) >= link.at_least.value:
            place = frozenset({int(column["district"][row])})
            found[event] = Happening(int(column["day"][row]), frozenset(), frozenset({event}), place)
    return list(found.values())


def sources(log: EventLog, all_of_them: Sequence[Happening]) -> list[frozenset[int]]:
    """Return for each happening all events that it came from, through any number of causes."""
    cause_of: dict[int, int] = {}
    wanted = set[int]().union(*(one.causes for one in all_of_them))
    while wanted:
        rows = log.rows_with_ids(sorted(wanted))
        pairs = zip(log.columns["event_id"][rows].tolist(), log.columns["caused_by"][rows].tolist(), strict=True)
        cause_of |= dict.fromkeys(wanted, 0) | dict(pairs)
        wanted = {cause_of[event] for event in wanted} - cause_of.keys() - {0}
    found = []
    for one in all_of_them:
        known, ahead = set[int](), list(one.causes)
        while ahead:
            event = ahead.pop()
            if event and event not in known:
                known.add(event)
                ahead.append(cause_of[event])
        found.append(frozenset(known))
    return found
