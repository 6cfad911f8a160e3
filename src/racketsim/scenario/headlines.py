"""Reading `[[headline]]`: the rows of the headline table, with what is recorded beside each."""

from __future__ import annotations

from datetime import date

import numpy as np

from racketsim.errors import InputError, did_you_mean
from racketsim.scenario.counts import NOTHING_RECORDED, REPORTS_FILE, parse_month
from racketsim.scenario.document import Table, describe
from racketsim.scenario.model import Districts, Headline, Records
from racketsim.scenario.places import resolve_place
from racketsim.scenario.sourced import Reading

SECTION = "headline"
MEASURES = (
    *("recorded", "withheld", "cases", "paid", "killed", "rival_killed", "crowd_killed", "backlash_killed"),
    *("killed_total", "injured", "backlash", "arrests"),
)
KINDS = ("sum", "ratio", "top-districts")
_KEYS = {
    "sum": ("id", "name", "kind", "measure", "region", "first", "last", "recorded", "source"),
    "ratio": ("id", "name", "kind", "ratio_of", "recorded", "source"),
    "top-districts": ("id", "name", "kind", "measure", "region", "first", "last", "top", "source"),
}


def read_headlines(
    root: Table, districts: Districts, records: Records | None, period: tuple[date, date], reading: Reading
) -> tuple[Headline, ...]:
    """Read the headline rows. What is recorded is taken from `reports.csv`, or from `recorded` with its `source`."""
    rows: dict[str, Headline] = {}
    for table in root.array(SECTION):
        kind = table.word("kind", KINDS, "kind of headline")
        table.only(_KEYS[kind])
        identity = table.text("id")
        if identity in rows:
            raise table.error("id", f"'{identity}' is given twice.")
        if kind == "ratio":
            rows[identity] = _ratio(table, rows, reading)
        else:
            rows[identity] = _row(table, kind, districts, records, period, reading)
    return tuple(rows.values())


def _row(
    table: Table, kind: str, districts: Districts, records: Records | None, period: tuple[date, date], reading: Reading
) -> Headline:
    measure = table.word("measure", MEASURES, "measure")
    first, last = _month(table, "first", period), _month(table, "last", period)
    if last < first:
        raise table.error("last", f"{last:%Y-%m} lies before first, which is {first:%Y-%m}.")
    region = table.text_or("region", "") or None
    places = _places(table, districts, region)
    recorded, source = _stated(table, reading)
    if recorded is None and measure == "recorded" and kind == "sum" and records is not None:
        recorded = _recorded(records, places, first, last)
    return Headline(
        id=table.text("id"),
        name=table.text("name"),
        kind="sum" if kind == "sum" else "top-districts",
        measure=measure,
        region=region,
        first=first,
        last=last,
        ratio_of=None,
        top=_top(table, districts) if kind == "top-districts" else 0,
        recorded=recorded,
        source=source,
    )


def _ratio(table: Table, rows: dict[str, Headline], reading: Reading) -> Headline:
    words = table.words("ratio_of")
    if len(words) != 2:
        raise table.error(
            "ratio_of", f'{len(words)} ids are given; a ratio is of two rows, such as ["above", "below"].'
        )
    for word in words:
        if word not in rows or rows[word].kind != "sum":
            known = [row.id for row in rows.values() if row.kind == "sum"]
            raise table.error(
                "ratio_of", f"'{word}' is not the id of a sum in an earlier row.{did_you_mean(word, known)}"
            )
    above, below = rows[words[0]], rows[words[1]]
    recorded, source = _stated(table, reading)
    if recorded is None and above.recorded is not None and below.recorded:
        recorded = above.recorded / below.recorded
    return Headline(
        id=table.text("id"),
        name=table.text("name"),
        kind="ratio",
        measure=above.measure,
        region=above.region,
        first=None,
        last=None,
        ratio_of=(above.id, below.id),
        top=0,
        recorded=recorded,
        source=source if source is not None else above.source,
    )


def _stated(table: Table, reading: Reading) -> tuple[float | None, str | None]:
    """Return the recorded value that the row itself states, and its source."""
    source = table.text_or("source", "") or None
    if source is not None and source != REPORTS_FILE:
        reading.source(table)
    if "recorded" not in table.data:
        return None, source
    if source is None:
        raise table.error("recorded", "a recorded value names its source, an id of evidence.csv.")
    return table.number("recorded"), source


def _month(table: Table, key: str, period: tuple[date, date]) -> date:
    text = table.text(key)
    month = parse_month(text)
    if month is None:
        raise table.error(key, f"{describe(text)} is not a month, such as 2018-01.")
    if not period[0].replace(day=1) <= month <= period[1]:
        raise table.error(key, f"{text} lies outside the scenario, {period[0]} to {period[1]}.")
    return month


def _places(table: Table, districts: Districts, region: str | None) -> tuple[int, ...]:
    try:
        return resolve_place(districts, "all" if region is None else region)
    except InputError as error:
        raise table.error("region", str(error)) from None


def _recorded(records: Records, places: tuple[int, ...], first: date, last: date) -> float | None:
    """Return the recorded cases of some districts from month to month, or None where any is missing."""
    months = [index for index, month in enumerate(records.months) if first <= month <= last]
    expected = (last.year - first.year) * 12 + last.month - first.month + 1
    counts = records.counts[np.ix_(months, list(places))]
    if len(months) != expected or bool((counts == NOTHING_RECORDED).any()):
        return None
    return float(counts.sum())


def _top(table: Table, districts: Districts) -> int:
    top = table.number("top")
    if top != int(top) or not 1 <= top <= len(districts):
        raise table.error("top", f"{top:g} is out of range; allowed are the whole numbers 1 to {len(districts)}.")
    return int(top)
