"""Citizens, mafiosi and police of the Palermo scenario (case V6), and the state in which they start."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from racketsim.engine.calendar import empty_free, empty_head
from racketsim.engine.cells import draw_thresholds
from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.mechanism import Array
from racketsim.engine.philox import normal, uniform
from racketsim.engine.streams import Stream
from racketsim.mechanisms.norms import BROKEN, COUNTS, KEPT, PUNISHED

ENTREPRENEURS, CITIZENS, MAFIOSI, OFFICERS = 100, 300, 20, 20
PAYING, NOT_PAYING, DENOUNCING, NOT_DENOUNCING = range(4)
NORMS, PHASES = 4, 2
NOBODY = -1
DRAW, CLEARANCE = int(Stream.PALERMO), int(Stream.CLEARANCE_WAIT)
TRAITS, NETWORK, ROUND, SIGHT, RUMOUR, WAIT, EVIDENCE, CAMPAIGN = (purpose << 32 for purpose in range(8))
PAID_AT_FIRST = 0.92
"""Share of demands paid that citizens remember at the start: with it the norm to pay has the published salience 0.95,
that not to pay 0.06."""

_FIRST_COUNTS = 10.0
LINKS, _ATTEMPTS = 3, 100


class Rules(NamedTuple):
    """What does not differ between the scenarios; sums of money as shares of an entrepreneur's wage."""

    extortion: float = 0.03
    damage: float = 0.5
    most_benefit: float = 0.1
    state_penalty: float = 0.2
    norm_weight: float = 0.51
    noise: float = 8.5
    punishing: float = 0.5
    wait_mean: float = 3.0
    wait_sd: float = 2.0
    collecting: float = 2.0
    custody: float = 20.0
    clearance: float = 2.0
    pentito: float = 0.01
    collaborating: float = 0.3
    per_collaboration: float = 0.05
    campaign_share: float = 0.1
    campaign_days: int = 100
    denouncing_power: float = 2.0
    expected_punishing: float = 0.5
    reputation_weight: float = 1.0


class State(NamedTuple):
    """How the state acts: the chances of an investigation, capture, evidence and conviction, and the prison term."""

    investigating: float
    capturing: float
    evidence: float
    conviction: float
    prison: float


WEAK = State(0.2, 0.2, 0.01, 0.1, 100.0)
STRONG = State(0.8, 0.8, 0.2, 0.6, 500.0)
REPORTING = (-0.9, 0.0, 2.0, 1.0, 0.25, 0.0, 0.0)
"""Settings of `report_chance`: base, remote, trust, fear, cover, paid, harm."""


class People(NamedTuple):
    """Citizens: who knows whom, what each has seen, and what entrepreneurs gain from protection."""

    starts: Array
    friends: Array
    counts: Array
    refusals: Array
    punishments: Array
    payments: Array
    found: Array
    complaints: Array
    rescues: Array
    benefit: Array
    asked: Array


class Mafia(NamedTuple):
    """Mafiosi, by number: what each does next and when, his last demand, and what the police have on him.

    A demand has the ordinal that it has among all demands from its entrepreneur.
    """

    due: Array
    stage: Array
    rounds: Array
    whom: Array
    ordinal: Array
    paid: Array
    customers: Array
    complainant: Array
    cases: Array
    held: Array
    admitted: Array


class Police(NamedTuple):
    """Thresholds of clearance and the calendar of releases."""

    clearance_threshold: Array
    clearances: Array
    head: Array
    link: Array
    free: Array
    cell: Array
    returns: Array


class Tally(NamedTuple):
    """What is counted, by phase, and how salient each norm is to entrepreneurs at its end."""

    demands: Array
    paid: Array
    punishments: Array
    denounced: Array
    jailed: Array
    salience: Array
    collaborations: Array


@kernel
def see(people: People, who: Int, what: Array) -> None:
    """Let somebody and all who know them see something of which `what` counts how often each has."""
    what[who] += 1.0
    for place in range(people.starts[who], people.starts[who + 1]):
        what[people.friends[place]] += 1.0


@kernel
def friend(people: People, who: Int, draw: Real) -> Int:
    """Return one whom somebody knows, each equally likely."""
    first, last = people.starts[who], people.starts[who + 1]
    return people.friends[first + np.int64(draw * (last - first))]


def empty_tally() -> Tally:
    """Return a tally of nothing."""
    demands, paid, punishments, denounced, jailed = np.zeros((5, PHASES), np.int64)
    return Tally(demands, paid, punishments, denounced, jailed, np.zeros((PHASES, NORMS)), np.zeros(1, np.int64))


@kernel
def acquaint(seed: Int, friends: Array) -> Int:
    """Grow a scale-free network (Barabasi and Albert 1999) into `friends[links, 2]`; return the number of links.

    People come in random order; each knows `LINKS` of those before, drawn by how many they know already.
    """
    people = friends.shape[0] // LINKS
    mark = np.empty(people)
    for person in range(people):
        mark[person] = uniform(seed, NETWORK + person, DRAW, 0)
    order = np.argsort(mark)
    ends = np.empty(2 * friends.shape[0], dtype=np.int64)
    links = 0
    for nth in range(1, people):
        first = links
        for choice in range(min(nth, LINKS)):
            other = order[0]
            for attempt in range(_ATTEMPTS):
                draw = uniform(seed, NETWORK + nth, DRAW, 1 + choice * _ATTEMPTS + attempt)
                other = ends[np.int64(draw * 2 * first)] if first > 0 else order[0]
                if not (friends[first:links, 1] == other).any():
                    break
            friends[links, 0], friends[links, 1] = order[nth], other
            ends[2 * links], ends[2 * links + 1] = order[nth], other
            links += 1
    return links


def gather(seed: np.uint64) -> People:
    """Return the citizens at the start: they pay, and do not denounce."""
    links = np.zeros((LINKS * CITIZENS, 2), dtype=np.int64)
    links = links[: acquaint(seed, links)]
    ends = np.concatenate([links, links[:, ::-1]])
    ends = ends[np.argsort(ends[:, 0], kind="stable")]
    starts = np.searchsorted(ends[:, 0], np.arange(CITIZENS + 1))
    counts = np.zeros((CITIZENS, NORMS, COUNTS))
    kept, broken = PAID_AT_FIRST * _FIRST_COUNTS, (1.0 - PAID_AT_FIRST) * _FIRST_COUNTS
    counts[:ENTREPRENEURS, PAYING, [KEPT, BROKEN, PUNISHED]] = (kept, broken, broken)
    counts[:ENTREPRENEURS, NOT_PAYING, [KEPT, BROKEN]] = (broken, kept)
    counts[:ENTREPRENEURS, DENOUNCING, BROKEN] = counts[:ENTREPRENEURS, NOT_DENOUNCING, KEPT] = _FIRST_COUNTS
    benefit = np.array([uniform(seed, TRAITS + place, DRAW, 0) for place in range(ENTREPRENEURS)])
    refusals, punishments, payments, found, complaints, rescues = np.zeros((6, CITIZENS))
    seen = (refusals, punishments, payments, found, complaints, rescues)
    return People(starts, np.ascontiguousarray(ends[:, 1]), counts, *seen, benefit, np.zeros(ENTREPRENEURS, np.int64))


def enlist(seed: np.uint64, rules: Rules, units: int) -> tuple[Mafia, Police]:
    """Return the mafiosi, each waiting for his first round, and a police force without a case."""
    shape = (MAFIOSI, 1)
    stage, rounds, whom, ordinal, paid = np.zeros((5, MAFIOSI), np.int64)
    due = np.array(
        [max(0.0, rules.wait_mean + rules.wait_sd * normal(seed, WAIT + m, DRAW, 0)) for m in range(MAFIOSI)]
    )
    customers = np.zeros((MAFIOSI, ENTREPRENEURS), np.uint8)
    cases, held, admitted = np.zeros((3, *shape), np.int64)
    round_of = (due, stage, rounds, whom, ordinal, paid)
    mafia = Mafia(*round_of, customers, np.full(MAFIOSI, NOBODY), cases, held, admitted)
    threshold = np.empty(shape)
    draw_thresholds(seed, CLEARANCE, threshold)
    calendar = (
        empty_head(units),
        np.zeros(2 * MAFIOSI, np.int32),
        empty_free(),
        np.zeros(2 * MAFIOSI, np.int32),
        np.zeros(2 * MAFIOSI, np.uint8),
    )
    return mafia, Police(threshold, np.zeros(shape, np.int64), *calendar)
