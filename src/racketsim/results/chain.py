"""Whether a chain of events has happened in a run, by dates and by causes: the tightest run of links in order.

Every link follows an earlier one within a number of days. A run of the first k links is a choice of one time for each
(`results.happenings`) that keeps to that. It is in order by dates alone, anywhere in the city; it is joined by cause
where each link moreover leads back to the one that it follows: by the log, or at least by place (in the same district
or in one that borders on it) where the model has no direct cause between the two (`joins`). Of all such runs the
tightest is taken: the one that takes the fewest days from its first event to its last, the earliest where several do.
Days are whole: what happens on one day is not put in order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from racketsim.results.happenings import Happening, Ran, leads, sources
from racketsim.scenario.model import ChainLink, PolicySpec

BY_CAUSE, BY_PLACE = "cause", "place"
"""How a link is joined to the one that it follows."""

Parents = Sequence[npt.NDArray[np.int64]]
"""For each time that a link happened, the times (places in a list) of the link before it that it can follow."""


def joins(links: Sequence[ChainLink], policies: Sequence[PolicySpec]) -> list[str | None]:
    """Return how each link is joined to the one that it follows; None for the first."""
    found: list[str | None] = []
    for link in links:
        if link.after is None:
            found.append(None)
        else:
            found.append(BY_CAUSE if leads(links[link.after].event, link.event, policies) else BY_PLACE)
    return found


def by_date(links: Sequence[ChainLink], times: Sequence[Sequence[Happening]]) -> list[int]:
    """Return the day of each link in the tightest run of the most links in order; no day where the first never was."""
    days = [sorted({one.day for one in each}) for each in times]
    parents: list[Parents] = [[]]
    for place in range(1, len(links)):
        before, within = _follows(links[place])
        window = _window(days[before], days[place], within)
        parents.append([np.arange(low, high) for low, high in window])
    return tightest(links, days, parents)


def by_cause(links: Sequence[ChainLink], times: Sequence[Sequence[Happening]], ran: Ran) -> list[int]:
    """Return the same for runs in which each link is joined to the one that it follows, as `joins` says."""
    near = ran.log.scenario.districts.adjacency | np.eye(len(ran.log.scenario.districts), dtype=np.bool_)
    how, parents = joins(links, ran.policies), list[Parents]([[]])
    for place in range(1, len(links)):
        before, within = _follows(links[place])
        earlier, later = times[before], times[place]
        window = _window([one.day for one in earlier], [one.day for one in later], within)
        joined = _led(earlier, sources(ran.log, later))
        if how[place] == BY_PLACE:
            reach, there = _covered(earlier, near), _covered(later, np.eye(len(near), dtype=np.bool_))
            for n, (low, high) in enumerate(window):
                joined[n] |= set((low + np.flatnonzero((reach[low:high] & there[n]).any(axis=1))).tolist())
        in_time = [sorted(one & set(range(low, high))) for one, (low, high) in zip(joined, window, strict=True)]
        parents.append([np.array(one, dtype=np.int64) for one in in_time])
    return tightest(links, [[one.day for one in each] for each in times], parents)


def _led(earlier: Sequence[Happening], came_from: Sequence[frozenset[int]]) -> list[set[int]]:
    """Return for each of the later ones the earlier ones that the log leads back to."""
    of_event: dict[int, list[int]] = {}
    for n, one in enumerate(earlier):
        for event in one.events - {0}:
            of_event.setdefault(event, []).append(n)
    return [{n for event in events for n in of_event.get(event, ())} for events in came_from]


def _covered(times: Sequence[Happening], near: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return `[times, D]`: the districts that are near those of each; all of them for what covers the whole city."""
    found = np.zeros((len(times), len(near)), dtype=np.bool_)
    for n, one in enumerate(times):
        found[n] = True if min(one.places) < 0 else near[sorted(one.places)].any(axis=0)
    return found


def _follows(link: ChainLink) -> tuple[int, float]:
    """Return which link a link follows, and within how many days."""
    assert link.after is not None
    assert link.within is not None
    return link.after, link.within.value


def _window(earlier: Sequence[int], later: Sequence[int], within: float) -> list[tuple[int, int]]:
    """Return for each later day the range of earlier ones, which are ascending, that it follows in time."""
    days, after = np.asarray(earlier, dtype=np.float64), np.asarray(later, dtype=np.float64)
    first, last = np.searchsorted(days, after - within), np.searchsorted(days, after, side="right")
    return list(zip(first.tolist(), last.tolist(), strict=True))


def tightest(links: Sequence[ChainLink], days: Sequence[Sequence[int]], parents: Sequence[Parents]) -> list[int]:
    """Return the day of each link in the tightest run of the most links; no day where there is none.

    `days[k]` are those of the times that link k happened, `parents[k]` what each of them can follow.
    """
    for count in range(len(links), 0, -1):
        found = _tightest(links[:count], days, parents)
        if found:
            return found
    return []


def _tightest(links: Sequence[ChainLink], days: Sequence[Sequence[int]], parents: Sequence[Parents]) -> list[int]:
    """Return the tightest run of all `links`, nothing where there is none.

    From the last link to the first, each time gets the day on which the links that hang on it can end soonest: links
    that follow the same one do not depend on each other, so the soonest of each makes the soonest of all.
    """
    end = [np.array(days[place], dtype=np.float64) for place in range(len(links))]
    soonest = [np.full(len(each), -1) for each in end]
    for place in range(len(links) - 1, 0, -1):
        before, _ = _follows(links[place])
        ends = np.full(len(end[before]), np.inf)
        soonest[place] = np.full(len(ends), -1)
        for n in np.flatnonzero(end[place] < np.inf).tolist():
            parent = parents[place][n]
            better = parent[ends[parent] > end[place][n]]
            ends[better], soonest[place][better] = end[place][n], n
        end[before] = np.maximum(end[before], ends)
    spans = end[0] - np.array(days[0])
    if not spans.size or spans.min() == np.inf:
        return []
    chosen = [int(spans.argmin())]
    for place in range(1, len(links)):
        chosen.append(int(soonest[place][chosen[_follows(links[place])[0]]]))
    return [int(days[place][n]) for place, n in enumerate(chosen)]


def gaps(links: Sequence[ChainLink], run: Sequence[int]) -> Mapping[str, int]:
    """Return for each link of a run, but the first, the days since the link that it follows."""
    return {
        link.id: run[place] - run[link.after] for place, link in enumerate(links[: len(run)]) if link.after is not None
    }
