"""What outlets claim, in words: one headline a claim, and where the claims about one event differ."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from racketsim.results.log import Event, EventLog
from racketsim.results.replicate import Columns
from racketsim.results.words import long_date, plural

ATTACKS = ("incident", "clash", "retaliation", "vigilante_attack", "backlash_incident")
_CROWDS = ("protest", "riot")
_PEOPLE = {"arrest": ("person arrested", "people arrested"), "policy_start": ("officer", "officers")}
_NUMBERS = ("killed", "injured", "vehicles", "people")
_DIFFER = {**{name: name for name in _NUMBERS}, "group": "who it was", "sponsor": "who is behind it"}
_NO_NAME = ("protest", "policy_start", "backlash_incident")


class Claims:
    """The claims of a run as columns, found by the event that they are about."""

    def __init__(self, claims: Columns, reader: EventLog) -> None:
        self.columns = {name: np.asarray(column) for name, column in claims.items()}
        self.reader = reader
        self.about: dict[int, list[int]] = {}
        for row in np.argsort(self.columns["day"], kind="stable").tolist():
            self.about.setdefault(int(self.columns["event_id"][row]), []).append(row)
        """Rows of the claims about each event, by day of publication."""

    def of(self, row: int, name: str) -> int:
        """Return what a claim says in a column; where it does not hold the column: nobody, or none."""
        if name not in self.columns:
            return -1 if name in ("group", "sponsor") else 0
        return int(self.columns[name][row])

    def outlet(self, row: int) -> str:
        """Return which outlet makes a claim."""
        outlets, place = self.reader.scenario.outlets, self.of(row, "outlet")
        return outlets[place].label if 0 <= place < len(outlets) else "an outlet"

    def headline(self, row: int, event: Event) -> str:
        """Return a claim as "tabloid, 31 October 2023: 300 people, 2 vehicles burnt; says they were of X"."""
        day = self.reader.scenario.start + timedelta(days=self.of(row, "day"))
        *first, last = ["", *self._numbers(row, event)]
        numbers = " and ".join(part for part in (", ".join(first[1:]), last) if part)
        said = "; ".join(part for part in (numbers, *self._names(row, event)) if part)
        return f"{self.outlet(row)}, {long_date(day)}: {said}"

    def _numbers(self, row: int, event: Event) -> list[str]:
        killed, injured, vehicles, people = (self.of(row, name) for name in _NUMBERS)
        parts = [
            f"{plural(n, 'person', 'people')} {what}" for n, what in ((killed, "killed"), (injured, "injured")) if n
        ]
        if event.type in ATTACKS and not parts:
            parts.append("nobody hurt")
        if vehicles:
            parts.insert(0, f"{plural(vehicles, 'vehicle')} burnt")
        if people:
            parts.insert(0, plural(people, *_PEOPLE.get(event.type, ("person", "people"))))
        return parts

    def _names(self, row: int, event: Event) -> list[str]:
        group, sponsor = (self._group(self.of(row, name)) for name in ("group", "sponsor"))
        behind = [f"says that {sponsor} is behind it"] if sponsor else []
        if event.type == "riot":
            whose = f"says that vehicles were of {group}" if group else "does not say whose vehicles"
            return [whose, *behind] if self.of(row, "vehicles") or group else behind
        if event.type in _NO_NAME:
            return behind or (["names nobody behind it"] if event.type == "protest" else [])
        if event.type == "arrest":
            return [f"said to belong to {group}" if group else "names no group"]
        return [f"blames {group}" if group else "names nobody"]

    def _group(self, place: int) -> str | None:
        return self.reader.groups[place] if 0 <= place < len(self.reader.groups) else None

    def differences(self, rows: Sequence[int]) -> tuple[str, ...]:
        """Return on what claims about one event differ, and who says what; who names nobody contradicts no name."""
        found = []
        for name, label in _DIFFER.items():
            said: dict[int, list[str]] = {}
            for row in rows:
                if name in _NUMBERS or self.of(row, name) >= 0:
                    said.setdefault(self.of(row, name), []).append(self.outlet(row))
            if len(said) > 1:
                sides = (f"{self._value(name, value)} ({', '.join(who)})" for value, who in sorted(said.items()))
                found.append(f"{label}: {' or '.join(sides)}")
        return tuple(found)

    def _value(self, name: str, value: int) -> str:
        return f"{value:,}" if name in _NUMBERS else str(self._group(value))


def headline_of(event: Event, carried: bool = True) -> str:
    """Return what an event is called in the news, or would be, without what outlets may differ on."""
    place = f" in {event.district}" if event.district else ""
    match event.type:
        case "incident":
            victim = f" on a {event.kind}" if event.kind else ""
            return f"{(event.method or 'attack').capitalize()}: attack{victim}{place}."
        case "clash":
            return f"Shots between gangs{place}."
        case "retaliation":
            return f"Attack on a gang{place}{', said to be revenge' if carried else ''}."
        case "arrest":
            return f"Arrests{place}."
        case "protest":
            return f"March against extortion{place}."
        case "riot":
            return f"Riot{place}."
        case "vigilante_attack":
            return f"Suspect beaten by neighbours{place}."
        case "public_threat":
            return f"Threat in public{place}."
        case "ultimatum":
            return f"Ultimatum of {plural(event.count, 'day')}{place}." if event.count else f"Ultimatum{place}."
        case "backlash_incident":
            return f"Attack on people taken for outsiders{place}."
    return f"{event.type.replace('_', ' ').capitalize()}{place}."


def weight(claims: Claims, rows: Sequence[int]) -> float:
    """Return how severe an event is by what was claimed: the most that any outlet says, and how many carry it."""

    def most(name: str) -> int:
        return max(claims.of(row, name) for row in rows)

    return (
        10.0 * most("killed") + 3.0 * most("injured") + 3.0 * most("vehicles") + most("people") / 100 + 2.0 * len(rows)
    )
