"""The run as the press saw it: dated items, each with what every outlet claimed, contradictions side by side.

What no outlet carried is not in it, but for what the state announces. With the truth, what really happened stands
beside each item, and the most severe events that no outlet carried are told too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from racketsim.results.log import EventLog
from racketsim.results.policies_run import described_policies
from racketsim.results.press_text import Claims, headline_of, weight
from racketsim.results.replicate import Columns, GroupLike
from racketsim.results.truth import Truth
from racketsim.results.words import long_date
from racketsim.scenario.model import Scenario

_SEVERITY = {
    "arrival": 40.0,
    "leader_removed": 30.0,
    "takeover": 30.0,
    "fragmentation": 20.0,
    "expulsion": 15.0,
    "submission": 15.0,
    "withdrawal": 10.0,
    "public_threat": 10.0,
    "expansion": 6.0,
}
"""How severe an event is that no outlet carried, besides the people hurt; arrests count by person."""
_HURTING = ("incident", "clash", "retaliation", "vigilante_attack", "backlash_incident")
_POLICY = 1000.0


@dataclass(frozen=True, slots=True)
class Item:
    """One item: when it was carried, what it is called, what each outlet claims, and on what they differ.

    `truth` is what really happened, where it was asked for.
    """

    date: date
    text: str
    severity: float
    claims: tuple[str, ...] = ()
    differ: tuple[str, ...] = ()
    truth: str | None = None

    def __str__(self) -> str:
        lines = [f"{long_date(self.date)}: {self.text}", *(f"    {claim}" for claim in self.claims)]
        lines += [f"    They differ on {difference}" for difference in self.differ]
        return "\n".join([*lines, f"    What happened: {self.truth}"] if self.truth else lines)


def chronicle(
    log: Columns,
    claims: Columns,
    scenario: Scenario,
    groups: Sequence[GroupLike],
    *,
    most_a_year: int = 20,
    truth: bool = False,
    policies: Sequence[Mapping[str, Any]] | None = None,
) -> list[Item]:
    """Return what the press carried, by date: all policies, and each year's `most_a_year` most severe other items.

    With `truth`, also each year's `most_a_year` most severe events that no outlet carried. `policies` are plain values
    (kind, start, end, districts), by default those of the scenario.
    """
    ran = described_policies(scenario, ()) if policies is None else policies
    return _Paper(EventLog(log, scenario, groups), claims, ran, truth).items(most_a_year)


class _Paper:
    """What is needed to write the items of one run."""

    def __init__(self, reader: EventLog, claims: Columns, policies: Sequence[Mapping[str, Any]], truth: bool) -> None:
        self.reader = reader
        self.claims = Claims(claims, reader)
        self.policies = policies
        self.truth = Truth(reader, policies) if truth else None
        ids = reader.columns["event_id"]
        carried = np.flatnonzero(np.isin(ids, np.array(list(self.claims.about), dtype=np.uint64)) & (ids > 0))
        self.carried = dict(zip(ids[carried].tolist(), carried.tolist(), strict=True))

    def items(self, most: int) -> list[Item]:
        starts = set(self.reader.rows_of(["policy_start"]).tolist())
        told = [self._item(row) for row in self.carried.values() if row not in starts]
        found = _most_severe(told, most) + self._announcements()
        if self.truth:
            found += _most_severe(self._untold(), most)
        return sorted(found, key=lambda item: (item.date, -item.severity, item.text))

    def _item(self, row: int, text: str | None = None) -> Item:
        """Return the item about the event in a row of the log; `text` is what the state announces, on its day."""
        event = self.reader.event(row)
        rows = self.claims.about[event.id]
        return Item(
            event.date if text else self._day(min(self.claims.of(one, "day") for one in rows)),
            text or headline_of(event),
            _POLICY if text else weight(self.claims, rows),
            tuple(self.claims.headline(one, event) for one in rows),
            self.claims.differences(rows),
            self.truth.of(event) if self.truth else None,
        )

    def _untold(self) -> list[Item]:
        """Return what really happened and no outlet carried."""
        assert self.truth is not None
        columns, found = self.reader.columns, []
        for row in self.reader.rows_of((*_SEVERITY, *_HURTING, "arrest", "riot")).tolist():
            if int(columns["event_id"][row]) in self.carried:
                continue
            event = self.reader.event(row)
            severity = _SEVERITY.get(event.type, 0.0) + 10.0 * event.killed + 3.0 * event.injured
            severity += event.count if event.type == "arrest" else event.count / 100.0 if event.type == "riot" else 0.0
            if severity > 0.0:
                text = f"{headline_of(event, carried=False).removesuffix('.')} (in no newspaper)."
                found.append(Item(event.date, text, severity, truth=self.truth.of(event)))
        return found

    def _announcements(self) -> list[Item]:
        """Return the first and last day of every policy: dated ones, and those that a rule has set off."""
        items = []
        for place, policy in enumerate(self.policies):
            for edge, day, row, districts in self._edges(place, policy):
                event = int(self.reader.columns["event_id"][row]) if row is not None else 0
                text = self._announced(policy, edge, districts)
                if row is not None and event in self.carried:
                    items.append(self._item(row, text))
                else:
                    items.append(Item(day, text, _POLICY))
        return items

    def _edges(self, place: int, policy: Mapping[str, Any]) -> list[tuple[str, date, int | None, Sequence[str]]]:
        """Return (edge, day, row of the log, districts) for each day on which a policy starts or ends."""
        columns, names = self.reader.columns, self.reader.scenario.districts.name
        one_day = policy.get("start") == policy.get("end")
        found: list[tuple[str, date, int | None, Sequence[str]]] = []
        for edge in ("start", "end"):
            rows = self.reader.rows_of([f"policy_{edge}"])
            rows = rows[columns["count"][rows] == place]
            if policy.get("policy"):
                for day in np.unique(columns["day"][rows]).tolist():
                    these = rows[columns["day"][rows] == day]
                    where = [names[d] for d in columns["district"][these] if d >= 0]
                    found.append((edge, self._day(day), int(these[0]), where))
                continue
            stated = policy.get(edge)
            if not stated or (edge == "end" and one_day):
                continue
            day, row = date.fromisoformat(str(stated)), int(rows[0]) if edge == "start" and len(rows) else None
            if self.reader.scenario.start <= day <= self._reached():
                found.append((edge, day, row, list(policy.get("districts") or [])))
        return found

    def _announced(self, policy: Mapping[str, Any], edge: str, districts: Sequence[str]) -> str:
        name = str(policy.get("policy") or policy["kind"]).replace("_", " ")
        known = {group.id: group.name for group in self.reader.scenario.groups}
        if policy.get("group"):
            name += f" of members of {known.get(str(policy['group']), policy['group'])}"
        one_day = policy.get("start") is not None and policy.get("start") == policy.get("end")
        verb = "" if one_day else " begins" if edge == "start" else " ends"
        return f"Policy: {name}{verb} in {', '.join(districts) or 'the whole city'}."

    def _day(self, day: int) -> date:
        return self.reader.scenario.start + timedelta(days=day)

    def _reached(self) -> date:
        days = self.reader.columns["day"]
        return self._day(int(days[-1])) if len(days) else self.reader.scenario.start


def _most_severe(items: Sequence[Item], most: int) -> list[Item]:
    """Return the `most` most severe items of each year."""
    by_year: dict[int, list[Item]] = {}
    for item in items:
        by_year.setdefault(item.date.year, []).append(item)
    return [
        item
        for of_year in by_year.values()
        for item in sorted(of_year, key=lambda one: (-one.severity, one.date, one.text))[:most]
    ]
