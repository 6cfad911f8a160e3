"""Numbers, money and dates as people read them, for pages, tables and stories."""

from __future__ import annotations

from datetime import date

from racketsim.results.headline import Range, Row
from racketsim.scenario.model import Evidence, Scenario

_CURRENCIES = {
    "PEN": "soles", "BOB": "bolivianos", "BRL": "reais", "CLP": "pesos", "COP": "pesos", "MXN": "pesos", "EUR": "euros",
    "GBP": "pounds", "GTQ": "quetzales", "HNL": "lempiras", "USD": "dollars", "ZAR": "rand",
}  # fmt: skip


def currency_name(code: str) -> str:
    """Return what people call a currency ("soles" for PEN), or its code."""
    return _CURRENCIES.get(code, code)


def number(value: float) -> str:
    """Return a figure with the digits that carry meaning: 1.47, 12.5, 6,605, 17.5 million, 2.31 billion."""
    size = abs(value)
    if size >= 1e9:
        return f"{value / 1e9:.3g} billion"
    if size >= 1e6:
        return f"{value / 1e6:.3g} million"
    if size >= 100 or value == round(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if size >= 10 else f"{value:.2f}"


def count(value: float) -> str:
    """Return a number of people, cases or money: `number` without decimals below a million."""
    return number(value if abs(value) >= 1e6 else round(value))


def figure(value: float, unit: str) -> str:
    """Return a headline figure: with decimals for a ratio, whole otherwise."""
    return number(value) if unit == "ratio" else count(value)


def range_text(found: Range | None) -> str:
    """Return "median [low to high]", or a dash where there is nothing."""
    if found is None:
        return "not covered"
    return f"{count(found.median)} [{count(found.low)} to {count(found.high)}]"


def money(centimos: int, currency: str) -> str:
    """Return an amount in hundredths as money: "35 soles", "7.50 soles", "12,000 soles"."""
    whole, rest = divmod(int(centimos), 100)
    text = f"{whole:,}" if rest == 0 or whole >= 1000 else f"{whole:,}.{rest:02d}"
    return f"{text} {currency_name(currency)}"


def long_date(day: date) -> str:
    """Return "20 September 2023", whatever the locale."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def plural(count: int, one: str, many: str | None = None) -> str:
    """Return the count with its noun: "1 person", "3 people"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def evidence_of(scenario: Scenario, source: str | None) -> Evidence | None:
    """Return the row of the evidence that a source id names, or None (a file name, no source)."""
    return next((row for row in scenario.evidence if row.id == source), None)


def source_text(scenario: Scenario, source: str | None) -> str:
    """Return a source as people cite it: name, date and id of the evidence, or the text itself."""
    row = evidence_of(scenario, source)
    if row is None:
        return source or ""
    dated = f", {row.source_date}" if row.source_date else ""
    return f"{row.source_name}{dated} ({row.id})"


def unit_text(row: Row) -> str:
    """Return the unit of a headline row where its name does not tell: the currency of a sum of money, else ""."""
    return "" if row.unit.islower() or row.unit in row.name else currency_name(row.unit)
