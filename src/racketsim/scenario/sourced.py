"""Reading the numbers of `scenario.toml`: each a table with its value, its unit, and a source or a prior."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from math import inf, isfinite
from typing import get_args

from racketsim.errors import InputError, did_you_mean
from racketsim.mechanisms.quantities import Declared
from racketsim.scenario.document import Table, describe
from racketsim.scenario.model import Distribution, Prior, Quantity
from racketsim.scenario.problems import Problems
from racketsim.scenario.sources import unknown_source

KEYS = ("value", "unit", "source", "prior", "low", "high", "note")
OVERRIDE = "override"
"""Where a number stands that was set by hand."""

EXAMPLE = '{ value = 1.0, unit = "PEN/day", prior = "lognormal", low = 0.5, high = 2.0, note = "why" }'
DISTRIBUTIONS: tuple[Distribution, ...] = get_args(Distribution)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a number may be: its unit (None: any) and its range, open where `above` or `below` says so."""

    unit: str | None = None
    lowest: float = -inf
    highest: float = inf
    above: float = -inf
    below: float = inf
    whole: bool = False

    @classmethod
    def of(cls, declared: Declared) -> Allowed:
        """Return what a declared quantity allows."""
        return cls(declared.unit, declared.lowest, declared.highest)

    def complaint(self, value: float) -> str | None:
        """Return what is wrong with a value, or None."""
        if self.lowest <= value <= self.highest and self.above < value < self.below:
            return f"{value:g} is not a whole number." if self.whole and value != int(value) else None
        return f"{value:g} is out of range; allowed is {self._range()}."

    def _range(self) -> str:
        low = f"above {self.above:g}" if self.above > -inf else f"{self.lowest:g} or more"
        high = f"below {self.below:g}" if self.below < inf else f"{self.highest:g} or less"
        has_low, has_high = self.above > -inf or self.lowest > -inf, self.below < inf or self.highest < inf
        if has_low and has_high:
            return f"{low} and {high}"
        return low if has_low else high


@dataclass
class Overrides:
    """Numbers set by hand (`--set key=value`): taken while the scenario is read, what is not taken is unknown."""

    given: Mapping[str, str | float]
    _known: set[str] = field(default_factory=set)

    def take(self, key: str, allowed: Allowed) -> float | None:
        """Return the number set for a dotted key, checked, or None where none is."""
        self._known.add(key)
        if key not in self.given:
            return None
        given = self.given[key]
        try:
            value = float(given)
        except (TypeError, ValueError):
            raise InputError(f"override {key}: {describe(given)} stands where a number must.") from None
        if not isfinite(value) or isinstance(given, bool):
            raise InputError(f"override {key}: {describe(given)} is not a finite number.")
        complaint = allowed.complaint(value)
        if complaint:
            raise InputError(f"override {key}: {complaint}")
        return value

    def refuse_unknown(self) -> None:
        """Raise `InputError` for a key that no number of the scenario has."""
        for key in self.given:
            if key not in self._known:
                raise InputError(
                    f"override {key}: the scenario has no such number; a key is written like "
                    f"parameters.<mechanism>.<name> or kinds.<kind>.<name>.{did_you_mean(key, self._known)}"
                )


@dataclass
class Reading:
    """What the readers of `scenario.toml` share: known sources, numbers set by hand, and the problems met so far."""

    evidence: Collection[str]
    overrides: Overrides
    problems: Problems = field(default_factory=Problems)

    def quantities(
        self, table: Table, declared: Mapping[str, Declared], what: str, others: Collection[str] = ()
    ) -> dict[str, Quantity]:
        """Read exactly the declared numbers of a table that may hold the keys `others` besides."""
        table.only((*others, *declared), what)
        return {name: self.quantity(table, name, Allowed.of(entry)) for name, entry in declared.items()}

    def quantity(self, table: Table, key: str, allowed: Allowed) -> Quantity:
        """Read one number with its unit and basis, or the number set by hand in its place."""
        raw = table.raw(key)
        if not isinstance(raw, Mapping):
            raise table.error(
                key, f"{describe(raw)} stands alone; every number states its unit and a source or a prior: {EXAMPLE}"
            )
        quantity = self._stated(table.table(key), allowed)
        by_hand = self.overrides.take(table.dotted(key), allowed)
        if by_hand is None:
            return quantity
        note = f"set by hand; the scenario says {quantity.value:g} ({quantity.where})"
        return Quantity(by_hand, quantity.unit, None, quantity.prior, note, OVERRIDE)

    def _stated(self, table: Table, allowed: Allowed) -> Quantity:
        table.only(KEYS)
        value = table.number("value")
        unit = table.text("unit")
        if allowed.unit is not None and unit != allowed.unit:
            raise table.error("unit", f"the unit is '{unit}'; it must be '{allowed.unit}'.")
        complaint = allowed.complaint(value)
        if complaint:
            raise table.error("value", complaint)
        source = self.source(table)
        prior = _prior(table, allowed)
        if source is None and prior is None:
            raise table.error(None, f"the number has neither a source (an id of evidence.csv) nor a prior: {EXAMPLE}")
        if prior is not None and not prior.low <= value <= prior.high:
            raise table.error("value", f"{value:g} lies outside its own prior, {prior.low:g} to {prior.high:g}.")
        return Quantity(value, unit, source, prior, table.text_or("note", ""), table.where())

    def source(self, table: Table) -> str | None:
        """Read the optional `source` of a table; refuse one that is not in the evidence."""
        if "source" not in table.data:
            return None
        source = table.text("source")
        if source not in self.evidence:
            raise table.error("source", unknown_source(source, self.evidence))
        return source


def _prior(table: Table, allowed: Allowed) -> Prior | None:
    if "prior" not in table.data:
        for key in ("low", "high"):
            if key in table.data:
                raise table.error(key, f"the range has no prior; add prior = one of {', '.join(DISTRIBUTIONS)}.")
        return None
    name = table.word("prior", DISTRIBUTIONS, "prior")
    distribution = next(word for word in DISTRIBUTIONS if word == name)
    low, high = table.number("low"), table.number("high")
    if low >= high:
        raise table.error("low", f"{low:g} is not below high, which is {high:g}.")
    for key, bound in (("low", low), ("high", high)):
        complaint = allowed.complaint(bound)
        if complaint:
            raise table.error(key, complaint)
    if distribution in ("loguniform", "lognormal", "logitnormal") and low <= 0:
        raise table.error("low", f"{low:g} is not above 0, as a {distribution} prior needs.")
    if distribution == "logitnormal" and high >= 1:
        raise table.error("high", f"{high:g} is not below 1, as a logitnormal prior needs.")
    return Prior(distribution, low, high)
