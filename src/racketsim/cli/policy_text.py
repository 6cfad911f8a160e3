"""Policies as the command line takes them: `kind:key=value;key=value`, or a TOML file of `[[policies]]` tables.

    state_of_emergency:districts=San Juan de Lurigancho, Rimac;start=2023-09-20;days=60
    triggered:when=mass_harm;threshold=10;policy=state_of_emergency;delay=5;lasts=60

A rule (`triggered`) also takes the arguments of the policy that it sets off, such as `officers`. Keys are the fields of
the policy's class; lists are separated by commas; dates are YYYY-MM-DD. Each policy is made here, so that a mistake is
told before anything runs.
"""

from __future__ import annotations

import dataclasses
import difflib
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from racketsim.errors import InputError, did_you_mean
from racketsim.policies.triggered import Triggered
from racketsim.scenario.model import Scenario

GRAMMAR = "kind:key=value;key=value"


def read_policies(texts: Iterable[str] | None, scenario: Scenario) -> list[Any]:
    """Return the policies that the `--policy` texts name, in their order, checked against `scenario`."""
    policies: list[Any] = []
    for text in texts or ():
        if text.endswith(".toml"):
            policies += _from_file(Path(text), scenario)
        else:
            policies.append(_from_text(text, scenario))
    return policies


def _from_text(text: str, scenario: Scenario) -> Any:
    kind, _, rest = (part.strip() for part in text.partition(":"))
    where = f"--policy '{text}'"
    given: dict[str, Any] = {}
    for pair in filter(None, (part.strip() for part in rest.split(";"))):
        key, equals, value = (part.strip() for part in pair.partition("="))
        if not equals or not key or not value:
            raise InputError(f"{where}: '{pair}' is not key=value; the form is {GRAMMAR}.")
        if key in given:
            raise InputError(f"{where}: '{key}' is given twice.")
        given[key] = value
    return _make(kind, given, where, scenario)


def _from_file(path: Path, scenario: Scenario) -> list[Any]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"--policy: {path}: there is no such file.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"--policy: {path}: cannot be read: {error}.") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"--policy: {path}: this is not TOML: {error}.") from None
    tables = document.get("policies")
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        raise InputError(f"--policy: {path}: holds no [[policies]] table.")
    unknown = sorted(set(document) - {"policies"})
    if unknown:
        raise InputError(f"--policy: {path}: '{unknown[0]}' is not known here; only [[policies]] tables are read.")
    return [_from_table(table, f"--policy: {path}: policy {n}", scenario) for n, table in enumerate(tables, start=1)]


def _from_table(table: Mapping[str, Any], where: str, scenario: Scenario) -> Any:
    if "kind" not in table:
        raise InputError(f"{where}: 'kind' is missing. {_known_kinds()}")
    return _make(str(table["kind"]), {key: table[key] for key in table if key != "kind"}, where, scenario)


def _make(kind: str, given: Mapping[str, Any], where: str, scenario: Scenario) -> Any:
    from racketsim.policies.registry import POLICIES

    if kind not in POLICIES:
        raise InputError(f"{where}: there is no policy '{kind}'. {_known_kinds()}{did_you_mean(kind, POLICIES)}")
    policy = POLICIES[kind]
    handed_on = _handed_on(given, where) if policy is Triggered else {}
    given = {key: value for key, value in given.items() if key not in handed_on}
    fields = {field.name: field for field in dataclasses.fields(policy) if field.init and field.name != "arguments"}
    for key in given:
        if key not in fields:
            known = ", ".join(fields)
            raise InputError(f"{where}: '{kind}' takes no '{key}'; it takes {known}.{did_you_mean(key, fields)}")
    for name, field in fields.items():
        needed = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        if needed and name not in given:
            raise InputError(f"{where}: '{name}' is missing; '{kind}' takes {', '.join(fields)}.")
    hints = get_type_hints(policy)
    arguments = {key: _read(value, hints[key], f"{where}: {key}") for key, value in given.items()}
    _settle_places(arguments, where, scenario)
    _check_period(arguments, where, scenario)
    if handed_on:
        _settle_places(handed_on, where, scenario)
        arguments["arguments"] = handed_on
    try:
        return policy(**arguments)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def _handed_on(given: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return the arguments among `given` that a rule hands on to the policy that it sets off."""
    from racketsim.policies.triggered import answers, own_arguments

    made = answers().get(str(given.get("policy")))
    if made is None:
        return {}
    hints = get_type_hints(made)
    own = set(own_arguments(made)) - {field.name for field in dataclasses.fields(Triggered)}
    return {key: _read(given[key], hints[key], f"{where}: {key}") for key in given if key in own}


def _known_kinds() -> str:
    from racketsim.policies.registry import POLICIES

    return f"Known policies: {', '.join(sorted(POLICIES))}."


def _read(value: Any, hint: Any, where: str) -> Any:
    """Return `value` as the field's type asks: text is converted, what a TOML file typed already is checked."""
    kinds = _plain_types(hint)
    if date in kinds:
        return _read_day(value, where)
    if kinds & {Sequence, list, tuple}:
        listed = value.split(",") if isinstance(value, str) else value
        if not isinstance(listed, list):
            raise InputError(f"{where}: '{value}' is not a list.")
        if not all(str(item).strip() for item in listed) or not listed:
            raise InputError(f"{where}: names none, or has an empty place between commas.")
        return tuple(str(item).strip() for item in listed)
    if bool in kinds:
        return _read_switch(value, where)
    if kinds & {int, float}:
        return _read_number(value, int if float not in kinds else float, where)
    if not isinstance(value, str):
        raise InputError(f"{where}: '{value}' is not a text.")
    return value


def _plain_types(hint: Any) -> set[type]:
    """Return the plain classes in a type, containers without what they contain: `Sequence[str] | None` has Sequence."""
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return set().union(*(_plain_types(part) for part in get_args(hint)))
    return {origin or hint}


def _read_day(value: Any, where: str) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise InputError(f"{where}: '{value}' is not a date; write it as YYYY-MM-DD, e.g. 2023-09-20.") from None


def _read_switch(value: Any, where: str) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() in ("true", "false"):
        return str(value).lower() == "true"
    raise InputError(f"{where}: '{value}' is neither true nor false.")


def _read_number(value: Any, to: type[int | float], where: str) -> int | float:
    try:
        number = float(value)
        if isinstance(value, bool) or number != number or abs(number) == float("inf"):
            raise ValueError
        if to is int and number != int(number):
            raise InputError(f"{where}: '{value}' is not a whole number.")
        return to(number)
    except (TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{where}: '{value}' is not a number.") from None


def _settle_places(arguments: dict[str, Any], where: str, scenario: Scenario) -> None:
    """Replace districts and groups, given by name or id with or without accents, by what the policies expect."""
    places = scenario.districts
    if "districts" in arguments:
        called = {_bare(word): name for word, name in zip(places.name + places.id, places.name * 2, strict=True)}
        arguments["districts"] = tuple(
            _settle(word, called, f"{where}: districts", f"district of '{scenario.id}'", places.name)
            for word in arguments["districts"]
        )
    if "group" in arguments:
        ids = [group.id for group in scenario.groups]
        called = {_bare(word): group.id for group in scenario.groups for word in (group.name, group.id)}
        arguments["group"] = _settle(arguments["group"], called, f"{where}: group", f"group of '{scenario.id}'", ids)


def _settle(word: str, called: Mapping[str, str], where: str, what: str, allowed: Sequence[str]) -> str:
    if _bare(word) in called:
        return called[_bare(word)]
    close = difflib.get_close_matches(_bare(word), list(called), n=1)
    hint = f"Did you mean '{called[close[0]]}'?" if close else f"Allowed: {', '.join(allowed)}."
    raise InputError(f"{where}: '{word}' is no {what}. {hint}")


def _bare(word: str) -> str:
    """Return the word in lower case without accents, so that Rimac finds Rímac."""
    letters = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _check_period(arguments: Mapping[str, Any], where: str, scenario: Scenario) -> None:
    start, end = arguments.get("start"), arguments.get("end")
    if start is not None and start > scenario.end:
        raise InputError(f"{where}: start: {start} lies after the end of '{scenario.id}', {scenario.end}.")
    if end is not None and end < scenario.start:
        raise InputError(f"{where}: end: {end} lies before the start of '{scenario.id}', {scenario.start}.")
