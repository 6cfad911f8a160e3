"""Reading an event log as people do: events with names and dates, and what caused them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from racketsim.errors import InputError, did_you_mean
from racketsim.results.codes import plain_letters
from racketsim.results.replicate import Columns, GroupLike
from racketsim.results.vocabulary import CHANNELS, EVENT_CODE, EVENT_TYPES
from racketsim.results.words import long_date, plural
from racketsim.scenario.model import Scenario

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Event:
    """One event of the log with its words; None where the log says nothing."""

    id: int
    date: date
    type: str
    district: str | None
    kind: str | None
    group: str | None
    rival: str | None
    claimed: str | None
    target: int | None
    remote: bool
    method: str | None
    amount: int
    count: int
    injured: int
    killed: int
    caused_by: int


def as_made(log: Columns) -> dict[str, npt.NDArray[Any]]:
    """Return the log without the reports that fear withheld and their records, which were never made.

    They are logged all the same, for police work goes on from them (`mechanisms.backlash`).
    """
    columns = {name: np.asarray(column) for name, column in log.items()}
    kind = columns["type"]
    withheld = columns["caused_by"][kind == EVENT_CODE["report_withheld"]]
    if not withheld.size:
        return columns
    gone = (kind == EVENT_CODE["report"]) & np.isin(columns["event_id"], withheld)
    gone |= (kind == EVENT_CODE["record"]) & np.isin(columns["caused_by"], withheld)
    return {name: column[~gone] for name, column in columns.items()}


class EventLog:
    """An event log with the labels that its codes stand for; reports that fear withheld are not in it."""

    def __init__(self, log: Columns, scenario: Scenario, groups: Sequence[GroupLike]) -> None:
        self.columns = as_made(log)
        self.scenario = scenario
        self.groups = [group.name for group in groups]

    def __len__(self) -> int:
        return len(self.columns["event_id"])

    def event(self, row: int) -> Event:
        """Return the event in a row of the log."""
        code = {name: int(column[row]) for name, column in self.columns.items()}
        scenario = self.scenario
        return Event(
            id=code["event_id"],
            date=scenario.start + timedelta(days=code["day"]),
            type=EVENT_TYPES[code["type"]],
            district=_word(scenario.districts.name, code["district"]),
            kind=_word([kind.label for kind in scenario.kinds], code["kind"]),
            group=_word(self.groups, code["group"]),
            rival=_word(self.groups, code["rival"]),
            claimed=_word(self.groups, code["claimed"]),
            target=code["target"] if code["target"] >= 0 else None,
            remote=_word(CHANNELS, code["channel"]) == "remote",
            method=_word([method.label for method in scenario.methods], code["method"]),
            amount=code["amount"],
            count=code["count"],
            injured=code["injured"],
            killed=code["killed"],
            caused_by=code["caused_by"],
        )

    def rows_of(self, types: Sequence[str]) -> Rows:
        """Return the rows of the given types of events, by day."""
        return np.flatnonzero(np.isin(self.columns["type"], [EVENT_CODE[name] for name in types]))

    def rows_with_ids(self, ids: Sequence[int]) -> Rows:
        """Return the rows that have the given event ids."""
        return np.flatnonzero(np.isin(self.columns["event_id"], np.array(ids, dtype=np.uint64)))

    def effects(self, rows: Rows, types: Sequence[str], depth: int = 4) -> Rows:
        """Return the rows of `types` that `rows` caused, directly or through up to `depth` events."""
        near = self.rows_of(types)
        caused_by = self.columns["caused_by"][near]
        known, found = self.columns["event_id"][rows], np.array([], dtype=np.intp)
        for _ in range(depth):
            new = np.setdiff1d(near[np.isin(caused_by, known)], found)
            if not new.size:
                break
            found = np.union1d(found, new)
            known = self.columns["event_id"][new]
        return found

    def causes(self, rows: Rows, depth: int) -> dict[int, Event]:
        """Return the events, by id, that `rows` came from, up to `depth` steps back."""
        found: dict[int, Event] = {}
        wanted = {int(ident) for ident in self.columns["caused_by"][rows]} - {0}
        for _ in range(depth):
            wanted -= found.keys()
            if not wanted:
                break
            new = [self.event(int(row)) for row in self.rows_with_ids(sorted(wanted))]
            found |= {event.id: event for event in new}
            wanted = {event.caused_by for event in new} - {0}
        return found


CAUSES = {
    "demand": "the demand",
    "payment_agreed": "the agreement to pay",
    "refusal": "the refusal",
    "incident": "the attack",
    "report": "the report to the police",
    "record": "the record of a report",
    "case_opened": "the opening of an investigation",
    "case_cleared": "the end of an investigation",
    "arrest": "the arrest",
    "leader_removed": "the loss of the leader",
    "fragmentation": "the break-up of the group",
    "arrival": "the arrival",
    "expansion": "the expansion",
    "policy_start": "the start of a policy",
    "policy_end": "the end of a policy",
    "closure": "the closure",
    "clash": "the clash",
    "retaliation": "the retaliation",
    "inter_group_threat": "the threat",
    "public_threat": "the threat in public",
    "ultimatum": "the ultimatum",
    "protest": "the protest",
    "riot": "the riot",
    "trigger": "the rule that was set off",
    "switch": "the change to another group",
    "double_payment": "the start of payments to two groups",
    "release": "the release",
    "withdrawal": "the withdrawal",
    "relation_end": "the end of payments",
    "reopening": "the reopening",
    "dismissal": "the dismissal",
    "expulsion": "the expulsion",
    "submission": "the submission",
    "takeover": "the takeover of the district",
    "supply": "the supply from the parent brand",
    "impostor_entry": "the coming of the impostor",
    "impostor_exit": "the going of the impostor",
    "impostor_unmasked": "the unmasking of the impostor",
    "collusion": "the collusion",
    "protest_answered": "the answer to the protest",
    "protest_unanswered": "the protest without an answer",
    "collective_refusal": "the refusal in company",
    "vehicle_burnt": "the burning of the vehicle",
    "person_beaten": "the beating",
    "vigilante_attack": "the attack by vigilantes",
    "owner_reported": "the report about the owner",
    "ultimatum_outcome": "the end of the ultimatum",
    "backlash_incident": "the attack on innocents",
    "report_withheld": "the report that was withheld",
}
"""What an event is called as the cause of another."""


def because(event: Event, causes: dict[int, Event], depth: int = 1) -> str:
    """Return ", after the refusal of 3 March 2021", following causes up to `depth` steps; "" where there is none."""
    text, now = "", event
    for step in range(depth):
        cause = causes.get(now.caused_by)
        if cause is not None and cause.type == "case_cleared" and cause.date == now.date:
            cause = causes.get(cause.caused_by)  # the arrest and the end of its investigation are one event to a reader
        if cause is None:
            break
        when = "the same day" if cause.date == now.date else long_date(cause.date)
        text += f"{', after' if step == 0 else ', which followed'} {CAUSES[cause.type]} of {when}"
        now = cause
    return text


def harm(event: Event) -> str:
    """Return who was hurt: "2 people injured and 1 killed", or "nobody was hurt"."""
    injured = f"{plural(event.injured, 'person', 'people')} injured" if event.injured else ""
    killed = f"{plural(event.killed, 'person', 'people')} killed" if event.killed else ""
    return " and ".join(part for part in (killed, injured) if part) or "nobody was hurt"


def resolve_group(name: str, groups: Sequence[GroupLike]) -> int:
    """Return the index of a group from its id or name; accents and capitals do not matter.

    Raises:
        InputError: no group, or more than one, is called so.
    """
    sought = plain_letters(name.strip())
    by_id = [place for place, group in enumerate(groups) if plain_letters(group.id) == sought]
    by_name = [place for place, group in enumerate(groups) if plain_letters(group.name) == sought]
    found = by_id or by_name
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(f"'{groups[place].id}'" for place in found)
        raise InputError(f"group: '{name}' is the name of several groups; use an id: {ids}.")
    words = {plain_letters(word): word for group in groups for word in (group.id, group.name)}
    close = did_you_mean(sought, words)
    for plain, word in words.items():
        close = close.replace(f"'{plain}'", f"'{word}'")
    allowed = ", ".join(f"'{group.id}'" for group in list(groups)[:12]) + (", ..." if len(groups) > 12 else "")
    raise InputError(f"group: no group is called '{name}'; groups of this run are {allowed}.{close}")


def _word(names: Sequence[str], code: int) -> str | None:
    return names[code] if 0 <= code < len(names) else None
