"""The shared workload in racketsim's own engine: thresholds for contacts, a calendar of relations, keyed draws."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from benchmarks.workload import Totals, Workload
from racketsim.engine.bound import LATE, bind
from racketsim.engine.calendar import empty_free, empty_head, schedule, take
from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.philox import exponential, uniform
from racketsim.engine.streams import Stream
from racketsim.engine.thresholds import FRAILTY_CLASSES, ONE, fire, least_words

_WAIT, _DECISION = int(Stream.TERRITORIAL_WAIT), int(Stream.DECISION)
_REPORT, _REVIEW = int(Stream.REPORT), int(Stream.REVIEW)
CONTACTS, AGREED, REPORTS, INSTALMENTS = range(4)

Array = np.ndarray[Any, Any]


@kernel
def _advance(day: Int, hazard: Array, feedback: Real, sizes: Array, clock: Array, paying: Array, calendar: Any) -> None:
    """End the relations that are due, and add today's hazards to the clocks."""
    head, link, free, where = calendar
    slot = take(head, link, free, day)
    while slot >= 0:
        paying[where[slot]] -= 1
        slot = take(head, link, free, day)
    for d in range(clock.size):
        clock[d] += np.uint64(hazard[d] * (1.0 + feedback * paying[d] / sizes[d]) * ONE + 0.5)


@kernel
def _decide(
    seed: Int,
    day: Int,
    count: Int,
    target_: Array,
    district_: Array,
    fired: Array,
    until: Array,
    last: Array,
    paying: Array,
    pay: Real,
    report: Real,
    duration: Real,
    calendar: Any,
    totals: Array,
    contacts: Array,
) -> None:
    """Let the targets that were contacted decide, and begin their relations."""
    head, link, free, where = calendar
    for n in range(count):
        target, district = target_[n], district_[n]
        if until[target] > day or last[target] == day:
            continue
        last[target] = day
        contacts[district] += 1
        ordinal = fired[target]
        if uniform(seed, target, _DECISION, ordinal) < pay:
            until[target] = day + 1 + math.floor(duration * exponential(seed, target, _REVIEW, ordinal))
            slot = schedule(head, link, free, until[target])
            if slot >= 0:
                where[slot] = district
            paying[district] += 1
            totals[AGREED] += 1
        elif uniform(seed, target, _REPORT, ordinal) < report:
            totals[REPORTS] += 1
    totals[INSTALMENTS] += paying.sum()


def run(w: Workload, seed: int) -> Totals:
    """Simulate the workload and return its totals."""
    key = np.uint64(seed)
    sizes = w.sizes
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    even = np.ones((2, FRAILTY_CLASSES))
    drawn, queued, later = np.zeros((3, w.districts), dtype=np.int32)
    queue = (np.zeros(w.targets, dtype=np.uint64), np.zeros(w.targets, dtype=np.int32), drawn, queued, later)
    clock = np.zeros(w.districts, dtype=np.uint64)
    fired = np.zeros(w.targets, dtype=np.uint16)
    until, last = np.zeros(w.targets, dtype=np.int32), np.full(w.targets, -1, dtype=np.int32)
    out = np.zeros(w.targets, dtype=np.int32), np.zeros(w.targets, dtype=np.int32)
    link, where = np.zeros(w.targets, dtype=np.int32), np.zeros(w.targets, dtype=np.int32)
    calendar = (empty_head(w.days), link, empty_free(), where)
    paying, contacts = np.zeros(w.districts, dtype=np.int64), np.zeros(w.districts, dtype=np.int64)
    totals = np.zeros(4, dtype=np.int64)
    fixed = (w.pay, w.report, w.duration, calendar, totals, contacts)
    advance = bind(_advance, LATE, w.hazard * w.exposure, w.feedback, sizes, clock, paying, calendar)
    hazards = (clock, queue, fired, even, least_words(even))
    fires = bind(fire, key, 0, _WAIT, starts, 0, w.districts, *hazards, *out, 0, w.targets)
    decide = bind(_decide, key, LATE, LATE, *out, fired, until, last, paying, *fixed)
    for day in range(w.days):
        advance(day)
        decide(day, fires())
    return Totals(
        int(contacts.sum()),
        int(totals[AGREED]),
        int(totals[REPORTS]),
        int(totals[INSTALMENTS]),
        int(paying.sum()),
        int(contacts[0]),
    )
