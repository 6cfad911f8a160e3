"""The elements A1 to A26 of the article: what each is, which mechanisms carry it, and how a run is made without it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from racketsim.engine.mechanism import Mechanism
from racketsim.errors import InputError, did_you_mean
from racketsim.mechanisms.registry import DAY
from racketsim.scenario.model import Quantity, Scenario


@dataclass(frozen=True, slots=True)
class Element:
    """One element as it is described; `fixed` says why it cannot be switched off, where that is so."""

    id: str
    mechanism: str
    says: str
    equation: str
    reference: str
    look: str
    fixed: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """An element as it is coded: the mechanisms that carry it, its switch, and the numbers of a scenario it uses.

    `switch` is the option of `racketsim run` that leaves the element out, "" where there is none; `off` says what the
    run is like then, or why there is no switch.
    """

    element: Element
    modules: tuple[str, ...]
    files: tuple[str, ...]
    switch: str
    off: str
    parameters: Mapping[str, Quantity]

    @property
    def implemented(self) -> bool:
        """Whether a mechanism of the day carries the element."""
        return bool(self.modules)

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain values."""
        one = self.element
        return {
            "id": one.id,
            "mechanism": one.mechanism,
            "switch": self.switch or None,
            "implemented": self.implemented,
            "modules": list(self.modules),
            "files": list(self.files),
            "switched_off": self.off,
            "equation": one.equation,
            "reference": one.reference,
            "parameters": {name: _plain(quantity) for name, quantity in self.parameters.items()},
            "article": one.says,
            "look_at": one.look,
        }


@cache
def described() -> dict[str, Element]:
    """Return the elements by id, in their order, from `elements.toml`."""
    text = files("racketsim").joinpath("elements.toml").read_text(encoding="utf-8")
    return {name: Element(id=name, **fields) for name, fields in tomllib.loads(text).items()}


def switchable(mechanisms: Iterable[type[Mechanism]] = DAY) -> dict[str, str]:
    """Return the elements that a run can be without, in their order, each with what that means."""
    meanings: dict[str, list[str]] = {}
    for mechanism in mechanisms:
        for name, switch in mechanism.switches.items():
            meanings.setdefault(name, []).append(switch.meaning)
    return {name: "; ".join(meanings[name]) for name in described() if name in meanings}


def read_without(names: Sequence[str], mechanisms: Iterable[type[Mechanism]] = DAY) -> tuple[str, ...]:
    """Return the elements to switch off, each once and in their order.

    Raises:
        InputError: there is no such element, or it cannot be switched off.
    """
    allowed = switchable(mechanisms)
    for name in names:
        if name in allowed:
            continue
        one = described().get(name)
        listed = ", ".join(allowed)
        if one is None:
            raise InputError(f"without: there is no element '{name}'; allowed: {listed}.{did_you_mean(name, allowed)}")
        reason = one.fixed or "no mechanism of this version carries it"
        raise InputError(f"without: {name} ({one.mechanism}) cannot be switched off: {reason}; allowed: {listed}.")
    return tuple(name for name in allowed if name in names)


def table(scenario: Scenario | None = None, mechanisms: Sequence[type[Mechanism]] = DAY) -> list[Row]:
    """Return one row for each element, with the parameters of its mechanisms where a scenario is given."""
    meanings = switchable(mechanisms)
    rows = []
    for name, element in described().items():
        carriers = [mechanism for mechanism in mechanisms if name in mechanism.elements]
        off = meanings.get(name) or element.fixed
        parameters = {
            f"parameters.{one.name}.{key}": quantity
            for one in carriers
            for key, quantity in (scenario.parameters.get(one.name, {}) if scenario else {}).items()
        }
        rows.append(
            Row(
                element,
                modules=tuple(one.name for one in carriers),
                files=tuple(f"{one.__module__.replace('.', '/')}.py" for one in carriers),
                switch=f"--without {name}" if name in meanings else "",
                off=off if carriers else "not in this version",
                parameters=parameters,
            )
        )
    return rows


def _plain(quantity: Quantity) -> dict[str, Any]:
    prior = quantity.prior
    return {
        "value": quantity.value,
        "unit": quantity.unit,
        "source": quantity.source,
        "prior": [prior.distribution, prior.low, prior.high] if prior else None,
    }
