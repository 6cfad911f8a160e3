"""Reading `[[triggers]]`: the rules by which the state answers to what happens in a run.

A table names what it looks at (`when`), a registered `policy`, and where (`where`, or `districts`); numbers are sourced
tables as everywhere; arguments of the policy, such as `officers`, stand beside them under their own names.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, get_type_hints

from racketsim.errors import InputError
from racketsim.policies.triggered import LONGEST_WINDOW, WHEN, WHERE, Triggered, own_arguments
from racketsim.scenario.document import Table
from racketsim.scenario.model import PolicySpec
from racketsim.scenario.policies import Named, check_period, read_argument
from racketsim.scenario.sections import districts_of
from racketsim.scenario.sourced import Allowed, Reading

SECTION = "triggers"
UNITS: dict[str, str] = {
    "mass_harm": "people",
    "killed": "people",
    "clash": "clashes",
    "public_threat": "threats",
    "protest": "people",
    "riot": "people",
    "burnt": "vehicles",
    "recorded": "cases",
}
"""The unit of the threshold, by what a rule looks at."""

_DAYS = Allowed("days", lowest=1, highest=36_500, whole=True)
_NUMBERS: dict[str, Allowed] = {
    "window": Allowed("days", lowest=1, highest=LONGEST_WINDOW, whole=True),
    "delay": _DAYS,
    "lasts": _DAYS,
    "cooldown": Allowed("days", lowest=0, highest=36_500, whole=True),
    "uses": Allowed("uses", lowest=1, whole=True),
    "officer_days": Allowed("officer-days", above=0.0),
}
_NEEDED = ("delay", "lasts")
_OWN_KEYS = ("when", "policy", "threshold", *_NUMBERS, "where", "districts", "start", "end", "source", "note")


def read_triggers(
    root: Table, registered: Mapping[str, type[Any]], named: Named, reading: Reading
) -> tuple[PolicySpec, ...]:
    """Read the rules of the scenario; raise `InputError` for unknown words and bad values."""
    if SECTION not in root.data:
        return ()
    known = {kind: policy for kind, policy in registered.items() if getattr(policy, "dated", True)}
    rules: list[PolicySpec] = []
    for table in root.array(SECTION):
        with reading.problems.collect():
            rules.append(_rule(table, known, named, reading))
    reading.problems.raise_any()
    return tuple(rules)


def _rule(table: Table, known: Mapping[str, type[Any]], named: Named, reading: Reading) -> PolicySpec:
    when = table.word("when", tuple(WHEN), "event")
    policy = known[table.word("policy", tuple(known), "policy")]
    own = own_arguments(policy)
    table.only((*_OWN_KEYS, *own), f"key of a trigger of {policy.kind}")
    given: dict[str, Any] = {"when": when, "policy": policy.kind}
    given["threshold"] = reading.quantity(table, "threshold", Allowed(UNITS[when], above=0.0))
    for name, allowed in _NUMBERS.items():
        if name in table.data or name in _NEEDED:
            given[name] = reading.quantity(table, name, allowed)
    if "where" in table.data:
        given["where"] = table.word("where", WHERE, "place")
    if "districts" in table.data:
        given["districts"] = districts_of(table, "districts", named.districts)
    given |= {edge: table.date(edge) for edge in ("start", "end") if edge in table.data}
    check_period(table, given, named)
    given |= _arguments(table, policy, own, named, reading)
    spec = PolicySpec(Triggered.kind, given, reading.source(table), table.text_or("note", ""), table.where())
    try:
        Triggered.from_spec(spec, named.districts)
    except InputError as error:
        raise table.error(None, str(error)) from None
    return spec


def _arguments(
    table: Table, policy: type[Any], own: Mapping[str, bool], named: Named, reading: Reading
) -> dict[str, Any]:
    fields = {field.name: field for field in dataclasses.fields(policy)}
    hints = get_type_hints(policy)
    present = [name for name in own if name in table.data]
    return {name: read_argument(table, fields[name], hints[name], named, reading) for name in present}
