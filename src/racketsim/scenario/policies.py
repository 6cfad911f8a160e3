"""Reading `[[policies]]`: the policies that really happened, checked against the classes of the registered policies.

The type of a class's field says how an argument is written: a date as a TOML date; a sequence of texts as a list of
places (for `groups` and `kinds`: of their ids); a number as a sourced table; a text or true/false as themselves.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from math import inf
from typing import Any, get_args, get_type_hints

from racketsim.errors import InputError, did_you_mean
from racketsim.scenario.document import Table, describe
from racketsim.scenario.model import Districts, PolicySpec
from racketsim.scenario.sections import districts_of
from racketsim.scenario.sourced import Allowed, Reading

SECTION = "policies"
_OWN_KEYS = ("kind", "source", "note")


@dataclasses.dataclass(frozen=True, slots=True)
class Named:
    """What the arguments of a policy may name: the districts, and the ids of groups and kinds."""

    districts: Districts
    groups: Collection[str]
    kinds: Collection[str]
    start: date
    end: date


def read_policies(
    root: Table, registered: Mapping[str, type[Any]], named: Named, reading: Reading
) -> tuple[PolicySpec, ...]:
    """Read the policies of the scenario; raise `InputError` for unknown kinds, arguments and bad values."""
    policies: list[PolicySpec] = []
    for table in root.array(SECTION):
        with reading.problems.collect():
            policies.append(_policy(table, registered, named, reading))
    reading.problems.raise_any()
    return tuple(policies)


def _policy(table: Table, registered: Mapping[str, type[Any]], named: Named, reading: Reading) -> PolicySpec:
    dated = tuple(kind for kind, policy in registered.items() if getattr(policy, "dated", True))
    kind = table.word("kind", dated, "policy")
    fields = {field.name: field for field in dataclasses.fields(registered[kind]) if field.init}
    hints = get_type_hints(registered[kind])
    table.only((*_OWN_KEYS, *fields), f"argument of {kind}")
    arguments: dict[str, Any] = {}
    for name, field in fields.items():
        if name in table.data:
            arguments[name] = read_argument(table, field, hints[name], named, reading)
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise table.error(None, f"'{name}' is missing, which {kind} needs.")
    check_period(table, arguments, named)
    spec = PolicySpec(kind, arguments, reading.source(table), table.text_or("note", ""), table.where())
    try:
        registered[kind].from_spec(spec, named.districts)
    except InputError as error:
        raise table.error(None, str(error)) from None
    return spec


def read_argument(table: Table, field: dataclasses.Field[Any], hint: Any, named: Named, reading: Reading) -> Any:
    """Read one argument of a policy, as the type of its field says; raise `InputError` for what it cannot be."""
    name = field.name
    types = _types(hint)
    if date in types:
        return table.date(name)
    if bool in types:
        value = table.raw(name)
        if not isinstance(value, bool):
            raise table.error(name, f"{describe(value)} stands where true or false must.")
        return value
    if float in types or int in types:
        return reading.quantity(table, name, _allowed(field, whole=float not in types))
    if any(issubclass(kind, Sequence) and kind is not str for kind in types):
        return _list(table, name, named)
    text = table.text(name)
    if name in ("group", "target_kind"):
        _check_id(table, name, text, named.groups if name == "group" else named.kinds)
    return text


def _list(table: Table, name: str, named: Named) -> tuple[Any, ...]:
    if name not in ("groups", "kinds"):
        places = districts_of(table, name, named.districts)
        if not places:
            raise table.error(name, "the list is empty; name at least one district.")
        return places
    words = tuple(table.words(name))
    for word in words:
        _check_id(table, name, word, named.groups if name == "groups" else named.kinds)
    return words


def _check_id(table: Table, key: str, word: str, known: Collection[str]) -> None:
    if word not in known:
        raise table.error(key, f"unknown {key} '{word}'. Allowed: {', '.join(known)}.{did_you_mean(word, known)}")


def check_period(table: Table, arguments: Mapping[str, Any], named: Named) -> None:
    """Refuse a period that ends before it starts, or that lies outside the scenario's."""
    start, end = arguments.get("start"), arguments.get("end")
    if start is not None and end is not None and end < start:
        raise table.error("end", f"the end, {end}, lies before the start, {start}.")
    if start is not None and start > named.end:
        raise table.error("start", f"{start} lies after the end of the scenario, {named.end}.")
    if end is not None and end < named.start:
        raise table.error("end", f"{end} lies before the start of the scenario, {named.start}.")


def _allowed(field: dataclasses.Field[Any], *, whole: bool) -> Allowed:
    return Allowed(
        unit=field.metadata.get("unit"),
        lowest=field.metadata.get("lowest", -inf),
        highest=field.metadata.get("highest", inf),
        whole=whole,
    )


def _types(hint: Any) -> set[Any]:
    """Return the plain types in a hint, the members of a union each, and a generic type by its origin."""
    origin = getattr(hint, "__origin__", None)
    if isinstance(origin, type):
        return {origin}
    return set().union(*(_types(part) for part in get_args(hint))) if get_args(hint) else {hint}
