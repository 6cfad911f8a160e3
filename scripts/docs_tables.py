"""Tables of the documentation that come from what the code declares: plan, parameters, variables, commands, names."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from functools import cache
from math import inf
from pathlib import Path
from typing import Any

from docs_reference import Lines, first_paragraph, signature, table

import racketsim
from racketsim.city.city import City
from racketsim.cli.plan import markdown_table
from racketsim.engine.log import CLAIM_COLUMNS, EVENT_COLUMNS
from racketsim.engine.plan import rows
from racketsim.mechanisms import quantities
from racketsim.mechanisms.registry import DAY, PREPARATION, RECORDED
from racketsim.policies.registry import POLICIES
from racketsim.policies.triggered import by_rule
from racketsim.results import happenings
from racketsim.results.chain import joins
from racketsim.results.measures import MEASURES
from racketsim.results.vocabulary import EVENT_TYPES
from racketsim.scenario import chain
from racketsim.scenario.check import summarise
from racketsim.scenario.load import load_scenario
from racketsim.scenario.model import Quantity, Scenario
from racketsim.scenario.parameters import allowed

LIMA = "lima-2023"


@cache
def lima() -> Scenario:
    """Return the shipped scenario that the tables quote."""
    return load_scenario(LIMA)


def _value(quantity: Quantity) -> str:
    return f"{quantity.value:g}"


def _prior(quantity: Quantity) -> str:
    prior = quantity.prior
    return f"{prior.distribution} {prior.low:g} to {prior.high:g}" if prior else ""


def _basis(quantity: Quantity) -> str:
    return "; ".join(filter(None, (quantity.source and f"`{quantity.source}`", quantity.note)))


def _range(unit_and_range: Any) -> str:
    low = f"> {unit_and_range.above:g}" if unit_and_range.above > -inf else f"≥ {unit_and_range.lowest:g}"
    high = f"< {unit_and_range.below:g}" if unit_and_range.below < inf else f"≤ {unit_and_range.highest:g}"
    return f"{low}, {high}"


def plan() -> Lines:
    """Return the day's plan, as `racketsim plan --markdown` prints it."""
    return markdown_table(rows(DAY))


def preparation() -> Lines:
    """Return the order in which the mechanisms fill the first day."""
    return [f"{n}. `{mechanism.name}`" for n, mechanism in enumerate(PREPARATION, start=1)]


def parameters() -> Lines:
    """Return one table a mechanism: every parameter with Lima's value, prior and source."""
    lines: Lines = []
    for mechanism in DAY:
        declared = mechanism.Parameters.model_fields
        if not declared:
            continue
        given = lima().parameters[mechanism.name]
        body = [
            (
                f"`{name}`",
                given[name].unit,
                field.description,
                _value(given[name]),
                _prior(given[name]),
                _basis(given[name]),
            )
            for name, field in declared.items()
        ]
        lines += [f"**`parameters.{mechanism.name}`**", ""]
        lines += [*table(("parameter", "unit", "meaning", "Lima", "prior", "source and reason"), body), ""]
    return lines[:-1]


def parameter_bounds() -> Lines:
    """Return what a scenario file may give for every parameter."""
    body = [
        (f"`parameters.{m.name}.{name}`", allowed(field).unit, field.description, _range(allowed(field)))
        for m in DAY
        for name, field in m.Parameters.model_fields.items()
    ]
    return table(("key", "unit", "meaning", "allowed"), body)


def _items(section: str) -> Sequence[Any]:
    chosen: Sequence[Any] = getattr(lima(), section)
    return chosen


def _by_item(section: str, declared: Mapping[str, quantities.Declared]) -> Lines:
    items = [item for item in _items(section) if set(declared) <= set(item.quantities)]
    body = [
        (f"`{name}`", entry.unit, entry.meaning, *(_value(item.quantities[name]) for item in items))
        for name, entry in declared.items()
    ]
    return table(("quantity", "unit", "meaning", *(item.id.replace("_", " ") for item in items)), body)


def kinds() -> Lines:
    """Return Lima's kinds of targets."""
    return _by_item("kinds", quantities.KIND_QUANTITIES)


def methods() -> Lines:
    """Return Lima's ladder of punishment."""
    return _by_item("methods", quantities.METHOD_QUANTITIES)


def outlets() -> Lines:
    """Return Lima's outlets."""
    return _by_item("outlets", quantities.OUTLET_QUANTITIES)


def groups() -> Lines:
    """Return Lima's groups."""

    def number(group: Any, name: str) -> str:
        return _value(group.quantities[name]) if name in group.quantities else ""

    body = [
        (
            g.name,
            g.role,
            g.arrival or "",
            *(number(g, name) for name in ("members", "potential", "violence", "signature_share")),
            g.signature or "",
            _basis(g.quantities["members"]),
        )
        for g in lima().groups
    ]
    head = ("group", "role", "arrival", "members", "potential", "violence", "signature share", "signature", "basis")
    return table(head, body)


def declared_quantities() -> Lines:
    """Return what a kind, method, outlet and group must state."""
    sections: dict[str, Mapping[str, quantities.Declared]] = {
        "kinds.<id>": quantities.KIND_QUANTITIES,
        "methods.<id>": quantities.METHOD_QUANTITIES,
        "outlets.<id>": quantities.OUTLET_QUANTITIES,
        **{f"groups.<id>, role {role}": held for role, held in quantities.GROUP_QUANTITIES.items()},
    }
    body = [
        (section, f"`{name}`", e.unit, e.meaning, f"≥ {e.lowest:g}, ≤ {e.highest:g}")
        for section, declared in sections.items()
        for name, e in declared.items()
    ]
    return table(("section", "key", "unit", "meaning", "allowed"), body)


def variables() -> Lines:
    """Return the state: every variable with its writer."""
    body = [
        (f"`{name}`", f"`{m.name}`", ", ".join(v.dims), v.dtype, v.unit, v.meaning)
        for m in DAY
        for name, v in m.writes.items()
        if name.removeprefix("m_") not in RECORDED
    ]
    return table(("variable", "written by", "dimensions", "type", "unit", "meaning"), body)


def records() -> Lines:
    """Return the monthly records, in the results' names."""
    body = [(f"`{name}`", ", ".join(v.dims), v.dtype, v.unit, v.meaning) for name, v in RECORDED.items()]
    return table(("variable", "dimensions", "type", "unit", "meaning"), body)


def streams() -> Lines:
    """Return the registry of random decisions, with the comment that states entity and ordinal."""
    source = (Path(racketsim.__file__).parent / "engine" / "streams.py").read_text(encoding="utf-8")
    drawer = {stream.name: m.name for m in DAY for stream in m.draws}
    found = re.findall(r"^    ([A-Z_]+) = (\d+)  # ([^:]+): (.+)$", source, re.MULTILINE)
    numbered = sorted(found, key=lambda stream: int(stream[1]))
    body = [
        (n, f"`{name}`", f"`{drawer[name]}`" if name in drawer else "reserved", key, what)
        for name, n, key, what in numbered
    ]
    return table(("number", "stream", "drawn by", "entity, ordinal", "decision"), body)


def elements() -> Lines:
    """Return which mechanisms carry which element of the article."""
    found: dict[str, list[str]] = {}
    for m in DAY:
        for element in m.elements:
            found.setdefault(element, []).append(f"`{m.name}`")
    body = [(element, ", ".join(names)) for element, names in sorted(found.items(), key=lambda pair: int(pair[0][1:]))]
    return table(("element", "mechanisms"), body)


def element_rows() -> Lines:
    """Return the elements as `racketsim elements --markdown` prints them."""
    from racketsim.cli.elements import markdown_table
    from racketsim.elements import table as rows_of

    return markdown_table(rows_of(lima()))


def scales() -> Lines:
    """Return the size of Lima's scenario, as `racketsim check lima-2023` counts it."""
    scenario, about = lima(), summarise(lima())
    kinds_of = ", ".join(f"{kind.replace('_', ' ')} {count:,}" for kind, count in about.targets_by_kind.items())
    body = [
        ("period", f"{' to '.join(about.period)}, {City(scenario, 0).days:,} days of one step each"),
        ("districts", f"{about.districts} in {' and '.join(about.regions)}"),
        ("targets", f"{about.targets:,} ({kinds_of})"),
        ("groups", ", ".join(f"{role} {count}" for role, count in about.groups_by_role.items())),
        ("policies that happened", ", ".join(f"{k.replace('_', ' ')} {n}" for k, n in about.policies_by_kind.items())),
        ("numbers in scenario.toml", ", ".join(f"{basis} {count}" for basis, count in about.numbers.items())),
        ("recorded cases", f"{about.recorded_cases:,}, {' to '.join(about.recorded_months or ())}"),
    ]
    return table(("", LIMA), body)


def policies() -> Lines:
    """Return the policies with their arguments."""
    body = []
    for kind, policy in POLICIES.items():
        given = []
        for field in fields(policy):
            needed = field.default is MISSING and field.default_factory is MISSING
            given.append(f"`{field.name}`" + ("" if needed else " (optional)"))
        body.append((f"`{kind}`", f"`racketsim.policies.{policy.__name__}`", ", ".join(given), first_paragraph(policy)))
    return table(("kind", "class", "arguments", "what it does"), body)


def levers() -> Lines:
    """Return what a policy may pull."""
    from racketsim.mechanisms.policies import Levers

    body = [
        (f"`city.{name}{signature(method)}`", first_paragraph(method))
        for name, method in inspect.getmembers(Levers, inspect.isfunction)
        if not name.startswith("_")
    ]
    return table(("call", "what it does"), body)


def events() -> Lines:
    """Return the types of events with the mechanism that emits each."""
    emitter: dict[str, list[str]] = {}
    for m in DAY:
        for name in m.emits:
            emitter.setdefault(name, []).append(f"`{m.name}`")
    return table(("type", "emitted by"), [(f"`{name}`", ", ".join(emitter.get(name, []))) for name in EVENT_TYPES])


def log_columns() -> Lines:
    """Return the columns of the event log and of the claims, as `Sim.log` and `Sim.claims` hold them."""
    body = [
        (where, f"`{name}`", dtype, default)
        for where, columns in (("events", EVENT_COLUMNS), ("claims", CLAIM_COLUMNS))
        for name, (dtype, default) in columns.items()
    ]
    return table(("table", "column", "type", "value where it does not apply"), body)


def measures() -> Lines:
    """Return the named series that headlines and comparisons speak of."""
    return table(("measure", "unit", "what it is"), [(f"`{n}`", m.unit, m.label) for n, m in MEASURES.items()])


def chain_events() -> Lines:
    """Return what a link of a chain can be, besides a policy."""
    rows = [(f"`{name}`", meaning, unit) for name, (unit, meaning) in chain.HAPPENINGS.items()]
    return table(("event", "what counts", "unit of `at_least`"), rows)


def links() -> Lines:
    """Return the chain of lima-2023."""
    found = lima().chain
    rows = []
    for one, how in zip(found, joins(found, by_rule(lima()).policies), strict=True):
        least = f"{one.at_least.value:g} {one.at_least.unit}"
        after = (
            "" if one.after is None or one.within is None else f"{one.within.value:g} days of {found[one.after].name}"
        )
        rows.append((one.name, f"`{one.event}`", least, after, how or "", one.date, f"`{one.source}`"))
    return table(("link", "event", "at least", "within", "joined by", "on record", "source"), rows)


def link_causes() -> Lines:
    """Return which links the log joins to which by cause."""
    rows = [(f"`{later}`", _codes(earlier)) for later, earlier in happenings.LEADS.items()]
    rows += [(f'a policy, by a rule with `when = "{when}"`', _codes(of)) for when, of in happenings.SET_OFF_BY.items()]
    return table(("link", "is joined by cause to"), rows)


def _codes(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
