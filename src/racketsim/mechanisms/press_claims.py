"""What an outlet makes of a public event: whether it carries it, when, whom it names and what it counts (A26).

Pure functions; `press` runs them. A day's public events are the rows of `facts[N, F]`, in the order of `Fact`.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.mechanism import Array
from racketsim.engine.philox import uniform_pair
from racketsim.engine.streams import Stream

NOBODY, UNASKED = -1, -2
"""Of a group or a sponsor: none; not a thing that anybody asks about such an event."""

_COVERAGE, _ATTRIBUTION = int(Stream.COVERAGE), int(Stream.ATTRIBUTION)
_MISCOUNT, _SUSPICION = int(Stream.MISCOUNT), int(Stream.SUSPICION)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_ONE, _SHIFT_1, _SHIFT_2, _SHIFT_3 = np.uint64(1), np.uint64(30), np.uint64(27), np.uint64(31)


class Fact(IntEnum):
    """A column of the day's public events: what happened, and the name by which police and press know who did it."""

    TYPE = 0
    DISTRICT = 1
    METHOD = 2
    GROUP = 3  # who did it, or whose it was
    KNOWN = 4  # who is known for it before any outlet errs
    SPONSOR = 5
    INJURED = 6
    KILLED = 7
    VEHICLES = 8
    PEOPLE = 9  # who took part: protesters, the arrested, officers


class Said(IntEnum):
    """A row of the day's claims: what an outlet says, and about what."""

    OUTLET = 0
    DAY = 1
    TYPE = 2
    DISTRICT = 3
    METHOD = 4
    TRUE_GROUP = 5
    GROUP = 6
    SPONSOR = 7
    INJURED = 8
    KILLED = 9
    VEHICLES = 10
    PEOPLE = 11


_KNOWN, _SPONSOR = int(Fact.KNOWN), int(Fact.SPONSOR)
_FIRST_FACT, _FACTS, _FIRST_COUNT, _COUNTS = int(Fact.TYPE), 4, int(Fact.INJURED), 4
_ABOUT, _GROUP, _NUMBERS = int(Said.TYPE), int(Said.GROUP), int(Said.INJURED)


@kernel
def forget(day: Int, keep: Real, due: Array, named: Array, fame: Array) -> None:
    """Let `fame[G]` fade and add the claims that are `due[day, G]` today, which are kept in `named[G]`."""
    for group in range(fame.size):
        named[group] = due[day, group]
        fame[group] = keep * fame[group] + due[day, group]


@kernel
def blame(draw: Real, fame: Array, besides: Int) -> Int:
    """Return a group other than `besides`, drawn in proportion to fame; `besides` where no other has any."""
    total = 0.0
    for group in range(fame.size):
        if group != besides:
            total += fame[group]
    mark, found = draw * total, np.int64(besides)
    for group in range(fame.size):
        if group != besides and fame[group] > 0.0:
            found = np.int64(group)
            mark -= fame[group]
            if mark < 0.0:
                break
    return found


@kernel
def claim_id(event: Int, outlet: Int) -> Int:
    """Return the id of an outlet's claim about an event: both mixed as in splitmix64.

    One to one in the event for each outlet. Steele, Lea and Flood (2014, Fast splittable pseudorandom number
    generators).
    """
    word = np.uint64(event) + _GOLDEN * (np.uint64(outlet) + _ONE)
    word = (word ^ (word >> _SHIFT_1)) * _MIX_1
    word = (word ^ (word >> _SHIFT_2)) * _MIX_2
    return word ^ (word >> _SHIFT_3)


@kernel
def carried(draw: Real, coverage: Real, bias: Real, notice: Real) -> bool:
    """Whether an outlet carries an event: log odds logit(coverage) + bias * log2(1 + notice)."""
    odds = coverage / max(1.0 - coverage, 1e-12) * np.exp(bias * np.log2(1.0 + notice))
    return bool(draw < odds / (1.0 + odds))


@kernel
def carry(
    seed: Int,
    day: Int,
    events: Int,
    ids: Array,
    notice: Array,
    facts: Array,
    outlets: Array,
    suspicion: Real,
    most_off: Real,
    fame: Array,
    due: Array,
    said: Array,
    about: Array,
    claim_ids: Array,
) -> Int:
    """Write the claims about today's `events` to `said[S, N]`, in the order of `Said`, with the events that they
    are `about[N]`; return their number.

    `outlets[quantity, outlet]` is in the order of `quantities.OUTLET_QUANTITIES`. Claims that name a group are added to
    `due[day, G]` of their day of publication.
    """
    count = 0
    for event in range(events):
        for outlet in range(outlets.shape[1]):
            coverage, bias, delay, attribution, wrong, miscount = outlets[:, outlet]
            u, v = uniform_pair(seed, ids[event], _COVERAGE, outlet)
            if not carried(u, coverage, bias, notice[event]):
                continue
            published = day + np.int64(-delay * np.log(v))
            named, whom = uniform_pair(seed, ids[event], _ATTRIBUTION, outlet)
            group, sponsor = np.int64(NOBODY), np.int64(NOBODY)
            if named < attribution and facts[event, _KNOWN] != UNASKED:
                group = facts[event, _KNOWN]
                if named < attribution * wrong:
                    group = blame(whom, fame, group)
            if facts[event, _SPONSOR] != UNASKED:
                suspects, whom = uniform_pair(seed, ids[event], _SUSPICION, outlet)
                if suspects < attribution * suspicion:
                    sponsor = facts[event, _SPONSOR]
                    if sponsor == NOBODY or suspects < attribution * suspicion * wrong:
                        sponsor = blame(whom, fame, sponsor)
            off, by = uniform_pair(seed, ids[event], _MISCOUNT, outlet)
            factor = most_off ** (2.0 * by - 1.0) if off < miscount else 1.0
            said[0, count], said[1, count] = outlet, published
            for place in range(_FACTS):
                said[_ABOUT + place, count] = facts[event, _FIRST_FACT + place]
            said[_GROUP, count], said[_GROUP + 1, count] = group, sponsor
            for place in range(_COUNTS):
                said[_NUMBERS + place, count] = np.int64(facts[event, _FIRST_COUNT + place] * factor + 0.5)
            about[count] = ids[event]
            claim_ids[count] = claim_id(ids[event], outlet)
            if published < due.shape[0]:
                for one in (group, sponsor):
                    if one >= 0:
                        due[published, one] += 1
            count += 1
    return count
