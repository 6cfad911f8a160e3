"""The run as a newspaper would have carried it: dated items, contradictory claims side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from racketsim.results.log import Event, EventLog, harm
from racketsim.results.policies_run import described_policies
from racketsim.results.replicate import Columns, GroupLike
from racketsim.results.rivals import VIOLENT, told_in_public
from racketsim.results.words import long_date, plural
from racketsim.scenario.model import Scenario

_BETWEEN_GROUPS = (*VIOLENT, "expulsion", "submission", "takeover")
_PUBLIC = (
    "incident",
    "arrest",
    "arrival",
    "expansion",
    "withdrawal",
    "fragmentation",
    "leader_removed",
    *_BETWEEN_GROUPS,
)
_WEIGHT = {
    "arrival": 40.0,
    "leader_removed": 30.0,
    "takeover": 30.0,
    "fragmentation": 20.0,
    "expulsion": 15.0,
    "submission": 15.0,
    "withdrawal": 10.0,
    "expansion": 6.0,
}
_POLICY = 1000.0


@dataclass(frozen=True, slots=True)
class Item:
    """One item: when it was carried, what it says, what each outlet claimed, and the truth where it was asked for."""

    date: date
    text: str
    severity: float
    claims: tuple[str, ...] = ()
    truth: str | None = None

    def __str__(self) -> str:
        lines = [f"{long_date(self.date)}: {self.text}", *(f"    {claim}" for claim in self.claims)]
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
    """Return the run's public events by date: all policies, and each year's `most_a_year` most severe other items.

    Attacks come from the claims where there are any, else from the log where somebody was hurt. `policies` are plain
    values (kind, start, end, districts), by default those of the scenario.
    """
    reader = EventLog(log, scenario, groups)
    candidates = _candidates(reader, claims)
    items = [_item(reader, row, score, claims, truth) for row, score in _most_severe(reader, candidates, most_a_year)]
    items += _policy_items(described_policies(scenario, ()) if policies is None else policies, reader)
    return sorted(items, key=lambda item: (item.date, -item.severity))


def _candidates(reader: EventLog, claims: Columns) -> dict[int, float]:
    """Return the rows that a newspaper could carry, with their severity."""
    columns = reader.columns
    claimed, claims_on = np.unique(np.asarray(claims["event_id"]), return_counts=True)
    rows = reader.rows_of(_PUBLIC)
    types = columns["type"][rows]
    weight = np.zeros(len(rows))
    for name, value in _WEIGHT.items():
        weight[np.isin(rows, reader.rows_of([name]))] = value
    attack = np.isin(rows, reader.rows_of(["incident"]))
    arrest = np.isin(rows, reader.rows_of(["arrest"]))
    hurt = 10.0 * columns["killed"][rows] + 3.0 * columns["injured"][rows]
    weight = np.where(attack, hurt + 0.5 * columns["method"][rows], weight)
    weight = np.where(np.isin(rows, reader.rows_of(VIOLENT)), hurt, weight)
    weight = np.where(arrest, 1.0 * columns["count"][rows], weight)
    if claimed.size:
        place = np.clip(np.searchsorted(claimed, columns["event_id"][rows]), 0, len(claimed) - 1)
        known = claimed[place] == columns["event_id"][rows]
        weight = weight + np.where(known, 0.5 * claims_on[place], 0.0)
        carried = known | ~attack
    else:
        carried = (hurt > 0) | ~attack
    keep = carried & (weight > 0) & (types >= 0)
    return dict(zip(rows[keep].tolist(), weight[keep].tolist(), strict=True))


def _most_severe(reader: EventLog, candidates: Mapping[int, float], most: int) -> list[tuple[int, float]]:
    by_year: dict[int, list[tuple[int, float]]] = {}
    for row, score in candidates.items():
        day = reader.scenario.start + timedelta(days=int(reader.columns["day"][row]))
        by_year.setdefault(day.year, []).append((row, score))
    chosen: list[tuple[int, float]] = []
    for items in by_year.values():
        chosen += sorted(items, key=lambda item: (-item[1], item[0]))[:most]
    return chosen


def _item(reader: EventLog, row: int, severity: float, claims: Columns, truth: bool) -> Item:
    event = reader.event(row)
    said = np.flatnonzero(np.asarray(claims["event_id"]) == np.uint64(event.id))
    said = said[np.argsort(np.asarray(claims["day"])[said], kind="stable")]
    texts = tuple(_claim(reader, claims, int(place)) for place in said)
    day = event.date
    if said.size:
        day = reader.scenario.start + timedelta(days=int(np.asarray(claims["day"])[said].min()))
    if event.type != "incident":
        return Item(day, _public_text(event), severity, texts)
    place = f" in {event.district}" if event.district else ""
    victim = f" on a {event.kind}" if event.kind else ""
    text = f"{(event.method or 'attack').capitalize()}: attack{victim}{place}"
    fact = f"{harm(event)}; by {event.group or 'an unknown group'}, on {long_date(event.date)}." if truth else None
    return Item(day, f"{text}." if said.size else f"{text}: {harm(event)}.", severity, texts, fact)


def _public_text(event: Event) -> str:
    if event.type in _BETWEEN_GROUPS:
        return told_in_public(event)
    place = f" in {event.district}" if event.district else ""
    who = event.group or "a group"
    match event.type:
        case "arrest":
            return f"{plural(max(event.count, 1), 'person', 'people')} arrested{place}, said to belong to {who}."
        case "arrival":
            return f"A group new to the city is noticed{place}: {who}."
        case "expansion":
            return f"{who} reported{place or ' in a new district'} for the first time."
        case "withdrawal":
            return f"{who} no longer seen{place}."
        case "fragmentation":
            return f"{who} said to have split{place}."
    return f"Leader of {who} taken{place}."


def _claim(reader: EventLog, claims: Columns, place: int) -> str:
    one = {name: int(np.asarray(column)[place]) for name, column in claims.items()}
    day = reader.scenario.start + timedelta(days=one["day"])
    outlets = reader.scenario.outlets
    outlet = outlets[one["outlet"]].label if 0 <= one["outlet"] < len(outlets) else "an outlet"
    hurt = [f"{plural(one[name], 'person', 'people')} {name}" for name in ("killed", "injured") if one[name]]
    blamed = f"blames {reader.groups[one['group']]}" if 0 <= one["group"] < len(reader.groups) else "names nobody"
    return f"{outlet}, {long_date(day)}: {' and '.join(hurt) or 'nobody hurt'}; {blamed}"


def _policy_items(policies: Sequence[Mapping[str, Any]], reader: EventLog) -> list[Item]:
    days = reader.columns["day"]
    reached = reader.scenario.start + timedelta(days=int(days[-1])) if len(days) else reader.scenario.start
    items = []
    for policy in policies:
        name = str(policy["kind"]).replace("_", " ")
        where = ", ".join(policy.get("districts") or []) or "the whole city"
        known = {group.id: group.name for group in reader.scenario.groups}
        if policy.get("group"):
            name += f" of members of {known.get(str(policy['group']), policy['group'])}"
        one_day = policy.get("start") == policy.get("end")
        for key, verb in (("start", "" if one_day else " begins"), ("end", " ends")):
            day = policy.get(key)
            if key == "end" and one_day:
                continue
            if day and reader.scenario.start <= date.fromisoformat(str(day)) <= reached:
                text = f"Policy: {name}{verb} in {where}."
                items.append(Item(date.fromisoformat(str(day)), text, _POLICY))
    return items
