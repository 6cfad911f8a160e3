"""Whether a chain of events has happened in a run: the days of each link, and the tightest run of links in order.

Every link follows an earlier one within a number of days. A run of the first k links is a choice of one day for each
that keeps to that. Of all such runs the tightest is taken: the one that takes the fewest days from its first event to
its last, the earliest where several do. Days are whole: what happens on one day is not put in order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from racketsim.results.log import EventLog
from racketsim.results.replicate import Columns
from racketsim.results.vocabulary import EVENT_CODE
from racketsim.scenario.chain import CONTRADICTION
from racketsim.scenario.model import ChainLink, PolicySpec

Days = npt.NDArray[np.int64]

_LOGGED: dict[str, tuple[str, ...]] = {
    "protest": ("protest",),
    "riot": ("riot",),
    "mass_harm": ("incident", "clash", "retaliation"),
    "public_threat": ("public_threat",),
    "ultimatum": ("ultimatum",),
    "arrest": ("arrest",),
    "backlash": ("backlash_incident",),
}
"""The types of events in the log that a link can be."""

_HURT = ("mass_harm", "backlash")
_BY_DAY = ("public_threat", "ultimatum")
_NUMBERS = ("injured", "killed", "vehicles", "people")


def days_of(link: ChainLink, log: EventLog, claims: Columns, policies: Sequence[PolicySpec], last: int) -> Days:
    """Return the days, counted from the start of the run, on which `link` happened, ascending and each once.

    `policies` are those of the run, in its order; `last` is the last day that was simulated.
    """
    if link.event == CONTRADICTION:
        found = _contradictions(link, claims, last)
    elif link.event == "vehicles_burnt":
        found = _burnt(link.at_least.value, log)
    elif link.event in _LOGGED:
        found = _logged(link, log)
    else:
        found = _policies(link, log, policies)
    return np.unique(np.asarray(found, dtype=np.int64))


def _logged(link: ChainLink, log: EventLog) -> Days:
    rows, columns = log.rows_of(_LOGGED[link.event]), log.columns
    day = columns["day"][rows]
    if link.event in _BY_DAY:
        days, size = np.unique(day, return_counts=True)
        return np.asarray(days[size >= link.at_least.value])
    size = columns["injured"][rows] + columns["killed"][rows] if link.event in _HURT else columns["count"][rows]
    return np.asarray(day[size >= link.at_least.value])


def _burnt(least: float, log: EventLog) -> Days:
    columns, riots = log.columns, log.rows_of(["riot"])
    cause, vehicles = np.unique(columns["caused_by"][log.rows_of(["vehicle_burnt"])], return_counts=True)
    many = cause[vehicles >= least]
    return np.asarray(columns["day"][riots][np.isin(columns["event_id"][riots], many)])


def _policies(link: ChainLink, log: EventLog, policies: Sequence[PolicySpec]) -> Days:
    """Return the days on which policies of a kind start, dated ones and those that a rule set off."""
    kinds = np.array([str(spec.arguments.get("policy", spec.kind)) for spec in policies])
    rows = log.rows_of(["policy_start"])
    rows = rows[kinds[log.columns["count"][rows]] == link.event] if len(kinds) else rows[:0]
    starts = np.stack([log.columns["day"][rows], log.columns["count"][rows]], axis=1)
    each, districts = np.unique(starts, axis=0, return_counts=True)
    return np.asarray(each[districts >= link.at_least.value, 0])


def _contradictions(link: ChainLink, claims: Columns, last: int) -> Days:
    """Return the days on which an event got its `at_least`-th version; who names nobody contradicts no name."""
    column: dict[str, npt.NDArray[Any]] = {name: np.asarray(values) for name, values in claims.items()}
    kept = column["day"] <= last
    if link.about:
        kept &= np.isin(column["type"], [EVENT_CODE[name] for name in link.about])
    order = np.flatnonzero(kept)[np.argsort(column["day"][kept], kind="stable")]
    versions: dict[int, tuple[set[int], set[int], set[tuple[int, ...]]]] = {}
    days, done = [], set()
    for row in order.tolist():
        event = int(column["event_id"][row])
        groups, sponsors, numbers = versions.setdefault(event, (set(), set(), set()))
        for names, name in ((groups, "group"), (sponsors, "sponsor")):
            if column[name][row] >= 0:
                names.add(int(column[name][row]))
        numbers.add(tuple(int(column[name][row]) for name in _NUMBERS))
        if event not in done and max(len(groups), len(sponsors), len(numbers)) >= link.at_least.value:
            done.add(event)
            days.append(int(column["day"][row]))
    return np.array(days, dtype=np.int64)


def tightest(links: Sequence[ChainLink], days: Sequence[Days]) -> list[int]:
    """Return the day of each link in the tightest run of the most links that were in order; no day where none was.

    `days[k]` are the days of link k, ascending.
    """
    for count in range(len(links), 0, -1):
        found = _tightest(links[:count], days[:count])
        if found:
            return found
    return []


def _tightest(links: Sequence[ChainLink], days: Sequence[Days]) -> list[int]:
    """Return the tightest run of all `links`, nothing where there is none.

    From a first event on, each link takes its earliest day from which the rest can follow: no other choice ends sooner.
    """
    can = [np.asarray(day) for day in days]
    for place in range(len(links) - 1, 0, -1):
        before, within = _follows(links[place])
        following = _first_from(can[place], can[before])
        can[before] = can[before][(following >= 0) & (following - can[before] <= within)]
    best: list[int] = []
    for start in can[0].tolist():
        run = [start]
        for place in range(1, len(links)):
            before, _ = _follows(links[place])
            run.append(int(_first_from(can[place], np.array([run[before]]))[0]))
        if not best or max(run) - start < max(best) - best[0]:
            best = run
    return best


def _follows(link: ChainLink) -> tuple[int, float]:
    """Return which link a link follows, and within how many days."""
    assert link.after is not None
    assert link.within is not None
    return link.after, link.within.value


def _first_from(days: Days, starts: Days) -> Days:
    """Return for each start the first of `days` on or after it, -1 where there is none."""
    place = np.searchsorted(days, starts)
    padded = np.append(days, -1)
    return np.asarray(padded[place])


def gaps(links: Sequence[ChainLink], run: Sequence[int]) -> Mapping[str, int]:
    """Return for each link of a run, but the first, the days since the link that it follows."""
    return {
        link.id: run[place] - run[link.after] for place, link in enumerate(links[: len(run)]) if link.after is not None
    }
