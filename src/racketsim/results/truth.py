"""What really happened, in words, beside what was claimed: for readers who want to compare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from racketsim.results.log import Event, EventLog, harm
from racketsim.results.words import long_date, plural

_OUTCOMES = ("it was met", "it was carried out", "it passed without an act")
_INNOCENT = "people with no part in extortion"


class Truth:
    """The log of a run, asked for what is behind the news."""

    def __init__(self, reader: EventLog, policies: Sequence[Mapping[str, Any]]) -> None:
        self.reader = reader
        self.policies = policies

    def of(self, event: Event) -> str:
        """Return what an event really was, with its date."""
        return f"{self._what(event)}, on {long_date(event.date)}."

    def _what(self, event: Event) -> str:
        who = event.group or "nobody"
        match event.type:
            case "incident":
                return f"{harm(event)}; by {event.group or 'an unknown group'}"
            case "arrest":
                return f"{plural(self._arrested(event), 'member')} of {who} arrested"
            case "protest" | "riot":
                return self._crowd(event)
            case "vigilante_attack":
                return f"{harm(event)}; the victim was of {event.group or _INNOCENT}"
            case "public_threat":
                return f"threat by {who}"
            case "ultimatum":
                return f"set by {event.group or 'a crowd'}, to {event.rival or 'the crowd'}{self._outcome(event)}"
            case "backlash_incident":
                return f"{harm(event)}, all of them innocent"
            case "policy_start":
                return self._policy(event)
            case "arrival":
                return f"{who} arrived in {event.district or 'the city'}"
            case "expansion":
                return f"{who} moved into {event.district or 'a new district'}"
            case "withdrawal":
                return f"{who} left {event.district or 'a district'}"
            case "fragmentation":
                return f"{who} broke up"
            case "leader_removed":
                return f"{who} lost its leader"
        return self._between_groups(event, who, event.rival or "a rival")

    def _between_groups(self, event: Event, who: str, rival: str) -> str:
        match event.type:
            case "clash":
                return f"{who} attacked {rival}: {harm(event)}"
            case "retaliation":
                return f"{who} took revenge on {rival}: {harm(event)}"
            case "expulsion":
                return f"{rival} drove {who} out of {event.district or 'a district'}"
            case "submission":
                return f"{who} submitted to {rival}"
            case "takeover":
                return f"{who} took control of {event.district or 'a district'}"
        return event.type.replace("_", " ")

    def _arrested(self, event: Event) -> int:
        """Return all members of a group arrested in a district on that day, which the press takes for one event."""
        columns, rows = self.reader.columns, self.reader.rows_of(["arrest"])
        this = int(np.flatnonzero(columns["event_id"][rows] == np.uint64(event.id))[0])
        same = np.ones(len(rows), dtype=np.bool_)
        for name in ("day", "group", "district"):
            same &= columns[name][rows] == columns[name][rows[this]]
        return int(columns["count"][rows[same]].sum())

    def _crowd(self, event: Event) -> str:
        parts = [plural(event.count, "person", "people")]
        burnt = self._caused(event, "vehicle_burnt")
        if burnt:
            owners = Counter(one.group or _INNOCENT for one in burnt)
            parts.append(f"vehicles burnt: {', '.join(f'{n} of {owner}' for owner, n in owners.most_common())}")
        hurt = self._caused(event, "person_beaten")
        if hurt:
            victims = Counter(one.group or _INNOCENT for one in hurt)
            parts.append(f"beaten: {', '.join(f'{n} of {whose}' for whose, n in victims.most_common())}")
        parts.append(f"{event.group} had paid people to come" if event.group else "nobody had paid for it")
        return "; ".join(parts)

    def _outcome(self, event: Event) -> str:
        outcome = self._caused(event, "ultimatum_outcome")
        return f"; {_OUTCOMES[outcome[0].count]}" if outcome else ""

    def _policy(self, event: Event) -> str:
        """Return how many officers an operation or an emergency adds, and whether a rule set it off."""
        policy = self.policies[event.count] if event.count < len(self.policies) else {}
        arguments = policy.get("arguments")
        given = arguments if isinstance(arguments, Mapping) else policy
        officers = float(given.get("officers") or 0.0)
        if (policy.get("policy") or policy.get("kind")) == "state_of_emergency":
            officers = self._in_emergency(event)
        rule = " by a rule of the state" if policy.get("policy") else ""
        return f"{plural(round(officers), 'officer')} added{rule}"

    def _in_emergency(self, event: Event) -> float:
        """Return the officers whom an emergency adds in the districts where it begins with an event."""
        columns, scenario = self.reader.columns, self.reader.scenario
        rows = self.reader.rows_of(["policy_start"])
        day = (event.date - scenario.start).days
        these = rows[(columns["day"][rows] == day) & (columns["count"][rows] == event.count)]
        share = scenario.parameters["policies"]["emergency_officers"].value
        return float(share * scenario.districts.officers[columns["district"][these]].sum())

    def _caused(self, event: Event, what: str) -> list[Event]:
        rows = self.reader.rows_of([what])
        return [
            self.reader.event(int(row)) for row in rows[self.reader.columns["caused_by"][rows] == np.uint64(event.id)]
        ]
