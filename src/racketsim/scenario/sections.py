"""Reading the kinds of targets, methods, outlets and groups of `scenario.toml`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeVar, get_args

from racketsim.errors import InputError
from racketsim.mechanisms.quantities import (
    GROUP_QUANTITIES,
    KIND_QUANTITIES,
    METHOD_QUANTITIES,
    OUTLET_QUANTITIES,
    Declared,
)
from racketsim.scenario.document import Table
from racketsim.scenario.model import Districts, Group, Method, Outlet, Quantity, Role, TargetKind
from racketsim.scenario.places import resolve_places
from racketsim.scenario.sourced import Reading

MOST_OF_A_SORT = 100
ROLES: tuple[Role, ...] = tuple(role for role in get_args(Role) if role != "impostor")
"""What a group of a scenario can be; impostors belong to no group and arise by themselves."""
_GROUP_KEYS = ("name", "role", "brand", "origin_label", "arrival", "districts", "signature", "source", "note")
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
_Thing = TypeVar("_Thing")


def read_kinds(root: Table, reading: Reading) -> tuple[TargetKind, ...]:
    """Read `[kinds.*]`, in the order of the file."""
    return _labelled(root, "kinds", "kind", TargetKind, KIND_QUANTITIES, reading)


def read_methods(root: Table, reading: Reading) -> tuple[Method, ...]:
    """Read `[methods.*]`, mildest first."""
    return _labelled(root, "methods", "method", Method, METHOD_QUANTITIES, reading)


def read_outlets(root: Table, reading: Reading) -> tuple[Outlet, ...]:
    """Read `[outlets.*]`, in the order of the file."""
    return _labelled(root, "outlets", "outlet", Outlet, OUTLET_QUANTITIES, reading)


def read_groups(
    root: Table, districts: Districts, methods: tuple[Method, ...], period: tuple[date, date], reading: Reading
) -> tuple[Group, ...]:
    """Read `[groups.*]`, in the order of the file."""
    groups: list[Group] = []
    for name, table in _named(root, "groups", "group"):
        with reading.problems.collect():
            groups.append(_group(name, table, districts, [method.id for method in methods], period, reading))
    reading.problems.raise_any()
    return tuple(groups)


def _labelled(
    root: Table,
    section: str,
    what: str,
    make: Callable[[str, str, Mapping[str, Quantity]], _Thing],
    declared: Mapping[str, Declared],
    reading: Reading,
) -> tuple[_Thing, ...]:
    things: list[_Thing] = []
    for name, table in _named(root, section, what):
        with reading.problems.collect():
            label = table.text("label")
            things.append(make(name, label, reading.quantities(table, declared, "quantity", ("label",))))
    reading.problems.raise_any()
    return tuple(things)


def _named(root: Table, section: str, what: str) -> list[tuple[str, Table]]:
    found = root.tables(section)
    if not found:
        raise root.error(None, f"there is no {what}; a scenario has at least one [{section}.<name>].")
    if len(found) > MOST_OF_A_SORT:
        raise root.error(section, f"there are {len(found)}; allowed are up to {MOST_OF_A_SORT}.")
    for name, table in found:
        if not _IDENTIFIER.fullmatch(name):
            raise table.error(
                None, f"'{name}' cannot be the id of a {what}; write small letters, digits and _, a letter first."
            )
    return found


def _group(
    name: str, table: Table, districts: Districts, methods: list[str], period: tuple[date, date], reading: Reading
) -> Group:
    role_name = table.word("role", ROLES, "role")
    role = next(word for word in ROLES if word == role_name)
    quantities = reading.quantities(table, GROUP_QUANTITIES[role], "key", _GROUP_KEYS)
    reading.source(table)
    group_name = table.text("name")
    return Group(
        id=name,
        name=group_name,
        role=role,
        brand=table.text_or("brand", group_name),
        origin_label=table.text_or("origin_label", ""),
        arrival=_arrival(table, role, period),
        districts=_group_districts(table, role, districts),
        signature=table.word("signature", methods, "method") if "signature" in table.data else None,
        quantities=quantities,
    )


def _arrival(table: Table, role: Role, period: tuple[date, date]) -> date | None:
    if role == "incumbent":
        if "arrival" in table.data:
            raise table.error(
                "arrival", "an incumbent is there from the start; only an entrant or a remote group arrives."
            )
        return None
    if "arrival" not in table.data:
        raise table.error(None, f"'arrival' is missing: the day when this group ({role}) arrives.")
    arrival = table.date("arrival")
    if not period[0] <= arrival <= period[1]:
        raise table.error("arrival", f"{arrival} lies outside the scenario, {period[0]} to {period[1]}.")
    return arrival


def _group_districts(table: Table, role: Role, districts: Districts) -> tuple[int, ...]:
    if role == "remote":
        if table.data.get("districts"):
            raise table.error("districts", "a remote group holds no district; leave the key out.")
        return ()
    places = districts_of(table, "districts", districts)
    if not places:
        raise table.error("districts", f"the list is empty; the group ({role}) starts in at least one district.")
    return places


def districts_of(table: Table, key: str, districts: Districts) -> tuple[int, ...]:
    """Read a list of places as indices of districts."""
    try:
        return resolve_places(districts, table.words(key))
    except InputError as error:
        raise error if str(table.file) in str(error) else table.error(key, str(error)) from None
