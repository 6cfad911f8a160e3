"""Reading `[[chain]]`: a chain of events that `racketsim replay` looks for in runs, link by link.

A link names what happens (`event`), how much of it there must be (`at_least`) and, but for the first, within how many
days of an earlier link: the one before it, or the one that `after` names. `date` is the day on which it happened in
the real city, where it did.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from racketsim.errors import did_you_mean
from racketsim.results.vocabulary import EVENT_TYPES
from racketsim.scenario.document import Table
from racketsim.scenario.model import ChainLink
from racketsim.scenario.sourced import Allowed, Reading

SECTION = "chain"
CONTRADICTION = "contradictory_claims"
HAPPENINGS: dict[str, tuple[str, str]] = {
    "protest": ("people", "a peaceful protest, by people at it"),
    "riot": ("people", "a violent protest, by people at it"),
    "vehicles_burnt": ("vehicles", "a violent protest, by vehicles burnt at it"),
    "mass_harm": ("people", "an attack by a group that became public, by people hurt, as rules of the state see it"),
    "public_threat": ("threats", "public threats by groups on one day"),
    "ultimatum": ("ultimatums", "ultimatums set on one day"),
    "arrest": ("people", "an arrest, by people taken"),
    "backlash": ("people", "an incident against innocents, by people hurt"),
    CONTRADICTION: ("versions", "an event of which the press has given so many versions"),
}
"""What a link can be besides the start of a policy: the unit of `at_least`, and what it means."""

POLICY_UNIT = "districts"
"""Unit of `at_least` where a link is a policy: districts in which it starts on one day."""

_KEYS = ("id", "name", "event", "at_least", "within", "after", "about", "date", "source", "note")
_DAYS = Allowed("days", lowest=0, highest=36_500, whole=True)


def read_chain(
    root: Table, policies: Collection[str], period: tuple[date, date], reading: Reading
) -> tuple[ChainLink, ...]:
    """Read the links in their order; raise `InputError` for unknown words and bad values."""
    links: list[ChainLink] = []
    tables = root.array(SECTION)
    for place, table in enumerate(tables):
        with reading.problems.collect():
            links.append(_link(table, [str(one.data.get("id")) for one in tables[:place]], policies, period, reading))
    reading.problems.raise_any()
    return tuple(links)


def _link(
    table: Table, earlier: list[str], policies: Collection[str], period: tuple[date, date], reading: Reading
) -> ChainLink:
    table.only(_KEYS)
    identity = table.text("id")
    if identity in earlier:
        raise table.error("id", f"'{identity}' is given twice.")
    event = table.word("event", (*HAPPENINGS, *policies), "event")
    unit = HAPPENINGS[event][0] if event in HAPPENINGS else POLICY_UNIT
    at_least = reading.quantity(table, "at_least", Allowed(unit, above=0.0))
    if not earlier:
        for key in ("within", "after"):
            if key in table.data:
                raise table.error(key, "the first link of a chain follows no other.")
    return ChainLink(
        id=identity,
        name=table.text("name"),
        event=event,
        at_least=at_least,
        after=_after(table, earlier),
        within=reading.quantity(table, "within", _DAYS) if earlier else None,
        about=_about(table, event),
        date=_date(table, period),
        source=reading.source(table),
        note=table.text_or("note", ""),
    )


def _after(table: Table, earlier: list[str]) -> int | None:
    if "after" in table.data:
        return earlier.index(table.word("after", earlier, "earlier link"))
    return len(earlier) - 1 if earlier else None


def _about(table: Table, event: str) -> tuple[str, ...]:
    if "about" not in table.data:
        return ()
    if event != CONTRADICTION:
        raise table.error("about", f"only the event {CONTRADICTION} is about other events.")
    words = tuple(table.words("about"))
    for word in words:
        if word not in EVENT_TYPES:
            hint = did_you_mean(word, EVENT_TYPES)
            raise table.error("about", f"unknown type of event '{word}'. Allowed: {', '.join(EVENT_TYPES)}.{hint}")
    return words


def _date(table: Table, period: tuple[date, date]) -> date | None:
    if "date" not in table.data:
        return None
    day = table.date("date")
    if not period[0] <= day <= period[1]:
        raise table.error("date", f"{day} lies outside the scenario, {period[0]} to {period[1]}.")
    if "source" not in table.data:
        raise table.error("date", "a date that is on record names its source, an id of evidence.csv.")
    return day
