"""Activity portfolio: groups share their members over five activities by marginal revenue net of risk (A7).

The activities are extortion in person, remote extortion, loan sharking, retail drugs and trafficking. Once a week each
group moves members to where one more brings most (exponentiated gradient, or replicator, dynamics: Hofbauer and Sigmund
1998, doi:10.1017/CBO9781139173179; they come to rest where margins are equal):
    x_a <- x_a * exp(speed * (mr_a - mean mr) / |mean mr|),  mr_a = eta_a * revenue_a / n_a - exposure_a * arrest risk,
with x_a the share and n_a the members of activity a, and the arrest risk in money (perceived risk x cost of an arrest).

Revenue is concave, v_a * n_a * (n_a / (N / 10)) ** (eta - 1), where N is the group's market: the members that its
districts can feed (`capacity`), halved when streets are half empty, and shared by presence. v_a is what a member
brings when a tenth of N do as he does. Of extortion in person a group knows what `collection` reports, remembered for
about `memory` days; newcomers expect what the others have. Remote extortion pays what operators earn, as far as the
technique has spread.

At the start margins are equal (so extortion in person is at its calibrated rate); `effort` is the share of extortion in
person relative to that start, and multiplies the rate of demands of `allocation`.

Loans: a lender grants `loans` a day for a term at interest (small daily loans: gota a gota). Debtors are a stock of
each cell, with N' = loans - N / term. Some default; of these a share is pressed, and becomes a target of extortion
(`debt_rate`). Trafficking is here only as revenue and as a count of people harmed, with a threshold a person.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from racketsim.engine.bound import bind
from racketsim.engine.cells import draw_thresholds, fire_cells
from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.mechanism import Array, Mechanism, Switch, Variable
from racketsim.engine.streams import Stream
from racketsim.mechanisms.activities import (
    EXTORTION,
    LOANS,
    REFERENCE,
    REMOTE_EXTORTION,
    TRAFFICKING,
    WEEK,
    average_revenue,
    equal_margins,
    follow_margins,
    loans_granted,
    markets,
    relax_debtors,
)
from racketsim.mechanisms.parameters import Parameters, parameter
from racketsim.results.vocabulary import ACTIVITIES

_HARM = int(Stream.TRAFFICKING_HARM_WAIT)
_CENTIMOS = 100.0


class PortfolioParameters(Parameters):
    """What the activities bring and cost, and how fast groups follow."""

    speed: float = parameter("1/week", "how fast shares move where margins differ by their mean", ge=0.0, le=2.0)
    memory: float = parameter("days", "how long a group remembers what extortion brought", ge=7.0, le=1e4)
    least_share: float = parameter("share", "share that every activity keeps", gt=0.0, le=0.1)
    extortion_exponent: float = parameter("1", "eta of extortion in person", gt=0.0, lt=1.0)
    market_exponent: float = parameter("1", "eta of the other activities", gt=0.0, lt=1.0)
    drug_return: float = parameter("PEN/member-day", "v of retail drugs", gt=0.0, le=1e5)
    trafficking_return: float = parameter("PEN/member-day", "v of trafficking", ge=0.0, le=1e5)
    loans: float = parameter("loans/member-day", "granted by a lender when a tenth of the market lend", ge=0.0, le=1e3)
    principal: float = parameter("PEN", "sum lent", ge=0.0, le=1e6)
    interest: float = parameter("share", "interest on a loan, for its term", ge=0.0, le=5.0)
    term: float = parameter("days", "term of a loan", ge=1.0, le=1e3)
    default: float = parameter("share", "share of loans that are not paid back", ge=0.0, le=1.0)
    pressed: float = parameter("share", "share of defaulting debtors who become targets of extortion", ge=0.0, le=1.0)
    exposure_remote: float = parameter("1", "arrest risk of remote extortion, relative to in person", ge=0.0, le=20.0)
    exposure_loans: float = parameter("1", "arrest risk of loan sharking, relative to extortion", ge=0.0, le=20.0)
    exposure_drugs: float = parameter("1", "arrest risk of retail drugs, relative to extortion", ge=0.0, le=20.0)
    exposure_trafficking: float = parameter("1", "arrest risk of trafficking, relative to extortion", ge=0.0, le=20.0)
    arrest_cost: float = parameter("PEN", "what an arrest costs a group", ge=0.0, le=1e8)
    harmed: float = parameter("people/member-day", "people harmed by a member who traffics", ge=0.0, le=10.0)


@kernel
def tally(income: Array, income_remote: Array, by_remote: Array, revenue: Array, earned: Array) -> Int:
    """Write today's revenue of both kinds of extortion to `revenue[G, A]` from tables [D, G]; add up `earned[G]`.

    Returns what the groups that are remote, `by_remote[G]`, took by remote.
    """
    for group in range(revenue.shape[0]):
        revenue[group, EXTORTION] = 0
        revenue[group, REMOTE_EXTORTION] = 0
    for district in range(income.shape[0]):
        for group in range(revenue.shape[0]):
            remote = income_remote[district, group]
            revenue[group, REMOTE_EXTORTION] += remote
            revenue[group, EXTORTION] += income[district, group] - remote
    taken = 0
    for group in range(revenue.shape[0]):
        earned[group] += revenue[group, EXTORTION]
        if by_remote[group]:
            taken += revenue[group, REMOTE_EXTORTION]
    return taken


@kernel
def decide(
    total: Array,
    market: Array,
    earned: Array,
    arrest_risk: Array,
    value: Array,
    exponent: Array,
    exposure: Array,
    settings: Sequence[Real],
    started: Array,
    expected: Array,
    share: Array,
    effort: Array,
) -> None:
    """Update what groups of `total[G]` members expect of extortion, their share[G, A] and effort."""
    speed, memory, least, cost = settings
    margin = np.empty(share.shape[1])
    for group in range(share.shape[0]):
        if total[group] == 0 or started[group] == 0.0:
            continue
        room = REFERENCE * market[group] / total[group]
        seen = earned[group] / (WEEK * _CENTIMOS * total[group] * share[group, EXTORTION])
        expected[group] += (seen - expected[group]) * min(WEEK / memory, 1.0)
        for a in range(share.shape[1]):
            mean = expected[group] if a == EXTORTION else average_revenue(value[a], share[group, a], room, exponent[a])
            margin[a] = exponent[a] * mean - exposure[a] * arrest_risk[group] / WEEK * cost
        follow_margins(margin, speed, least, share[group])
        effort[group] = share[group, EXTORTION] / started[group]


@kernel
def market_revenue(
    total: Array, market: Array, value: Array, exponent: Array, share: Array, centimos: Real, revenue: Array
) -> None:
    """Set `revenue[G, A]` a day of the activities that are no extortion, for groups of `total[G]` members."""
    for group in range(share.shape[0]):
        room = REFERENCE * market[group] / max(total[group], 1)
        for a in range(LOANS, share.shape[1]):
            mean = average_revenue(value[a], share[group, a], room, exponent[a])
            revenue[group, a] = np.int64(np.rint(centimos * mean * share[group, a] * total[group]))


class Portfolio(Mechanism):
    """Share members over activities, and keep what follows: revenue, debtors, people harmed."""

    name = "portfolio"
    elements = ("A7",)
    summary = "members move between activities by marginal revenue net of risk; loans make debtors"
    reads = (
        "members",
        "operators",
        "capacity",
        "mobility",
        "parent",
        "flow_group",
        "income_group",
        "income_remote",
        "arrest_risk",
    )
    writes = {
        "activity_share": Variable(("group", "activity"), "f8", "share", "share of members by activity"),
        "effort": Variable(("group",), "f8", "1", "share in extortion in person, relative to the start"),
        "remote_effort": Variable(("group",), "f8", "operators", "members of other groups at work as remote operators"),
        "revenue": Variable(("group", "activity"), "i8", "centimos", "taken today by activity"),
        "debtors": Variable(("group", "district"), "f8", "people", "with a loan of the cell"),
        "debt_rate": Variable(("group", "district"), "f8", "demands/day", "demands on debtors who default"),
        "harmed": Variable(("group", "one"), "i8", "people", "harmed by trafficking today"),
        "harm_rate": Variable(("group", "one"), "f8", "people/day", "people that trafficking harms"),
        "harmed_so_far": Variable(("group", "one"), "i8", "people", "harmed by trafficking so far"),
        "harm_threshold": Variable(("group", "one"), "f8", "1", "hazard until the next person is harmed"),
        "start_share": Variable(("group",), "f8", "share", "share in extortion in person at the start, 0 before it"),
        "expected_take": Variable(("group",), "f8", "PEN/member-day", "expected of a member in extortion in person"),
        "earned": Variable(("group",), "i8", "centimos", "taken in person since the last decision"),
        "remote_earned": Variable(("one",), "f8", "PEN", "taken by remote operators since the last decision"),
        "remote_return": Variable(("one",), "f8", "PEN/operator-day", "what a remote operator earns"),
    }
    draws = (Stream.TRAFFICKING_HARM_WAIT,)
    switches = {"A7": Switch("members do nothing but extort in person: no loans, no debtors, no other revenue")}
    Parameters = PortfolioParameters

    def accept(self, parameters: PortfolioParameters) -> None:
        """Keep the parameters, laid out by activity."""
        p = self.p = parameters
        groups = self.city.scenario.groups
        self._remote = np.array([n < len(groups) and groups[n].role == "remote" for n in range(self.city.groups)])
        self._potential = sum(group["potential"] for group in groups if group.role == "remote")
        self._settings = (p.speed, p.memory, p.least_share, p.arrest_cost)
        lent = p.loans * p.principal * (p.interest * (1.0 - p.default) - p.default)
        self._value = np.array([0.0, 0.0, lent, p.drug_return, p.trafficking_return])
        self._exponent = np.full(len(ACTIVITIES), p.market_exponent)
        self._exponent[EXTORTION] = p.extortion_exponent
        exposure = (1.0, p.exposure_remote, p.exposure_loans, p.exposure_drugs, p.exposure_trafficking)
        self._exposure = np.array(exposure)
        self._market, self._granted = np.zeros(self.city.groups), np.zeros(self.city.groups)
        self._total = np.zeros(self.city.groups, dtype=np.int64)

    def prepare(self) -> None:
        """Put every incumbent where margins are equal, with the debtors that follow."""
        v = self.v
        v.effort[:] = 1.0
        if "A7" in self.off:
            return
        v.activity_share[self._remote, REMOTE_EXTORTION] = 1.0
        draw_thresholds(self.seed, _HARM, v.harm_threshold)
        total = self._count_members()
        taken = v.flow_group.sum(axis=0) / _CENTIMOS
        for group in np.flatnonzero(total).tolist():
            self._settle(group, taken[group] / total[group], int(total[group]))
        self._follow()
        v.debtors[:] = (self.p.term * self._granted / np.maximum(total, 1))[:, None] * v.members
        v.debt_rate[:] = 0.0

    def step(self, day: int) -> None:
        """Count the day's revenue and harm; at the end of a week let groups move members."""
        v = self.v
        remote = self._tally()
        if self._potential:
            v.remote_earned[0] += remote / _CENTIMOS
        if day % WEEK == WEEK - 1:
            self._decide()
        self._harm()

    @cached_property
    def _tally(self) -> Callable[..., int]:
        v = self.v
        return bind(tally, v.income_group, v.income_remote, self._remote, v.revenue, v.earned)

    @cached_property
    def _harm(self) -> Callable[..., int]:
        v = self.v
        return bind(fire_cells, self.seed, _HARM, v.harm_rate, v.harm_threshold, v.harmed_so_far, v.harmed)

    def _settle(self, group: int, take: float, total: int) -> None:
        """Start a group that takes `take` PEN in person for each of its members where its margins are equal."""
        v, p = self.v, self.p
        risk = self._exposure * v.arrest_risk[group] / WEEK * p.arrest_cost
        share = v.activity_share[group]
        room = REFERENCE * self._market[group] / total
        equal_margins(take, room, self._value, risk, self._exponent, p.least_share, share)
        v.start_share[group] = share[EXTORTION]
        v.expected_take[group] = take / share[EXTORTION]

    def _enrol(self, group: int) -> None:
        """Let a group that has come start with the shares of its parent, or else of the groups that are there."""
        v = self.v
        parent = int(v.parent[group])
        known = np.flatnonzero(v.start_share)
        if parent >= 0 and v.start_share[parent] > 0.0:
            known = np.array([parent])
        if known.size == 0:  # nobody to learn from: extortion is thought to bring what drugs do
            self._settle(group, self.p.drug_return * REFERENCE, int(v.members[group].sum()))
            return
        v.activity_share[group] = v.activity_share[known].mean(axis=0)
        v.expected_take[group] = v.expected_take[known].mean()
        v.start_share[group] = v.start_share[known].mean()

    def _decide(self) -> None:
        v, p = self.v, self.p
        total = self._count_members()
        operators = int(v.operators[self._remote].sum())
        seen = v.remote_earned[0] / (WEEK * max(operators, 1))
        v.remote_return[0] += (seen - v.remote_return[0]) * min(WEEK / p.memory, 1.0)
        access = operators / self._potential if self._potential else 0.0
        self._value[REMOTE_EXTORTION] = v.remote_return[0] * access
        for group in np.flatnonzero((total > 0) & (v.start_share == 0.0)).tolist():
            self._enrol(group)
        self._move_members()
        v.earned[:] = 0
        v.remote_earned[0] = 0.0
        np.multiply(v.activity_share[:, REMOTE_EXTORTION], total * access, out=v.remote_effort)
        self._follow()

    def _count_members(self) -> Array:
        """Count the members of every group, and what their districts can feed; return the members."""
        np.sum(self.v.members, axis=1, out=self._total)
        self._find_markets()
        return self._total

    @cached_property
    def _find_markets(self) -> Callable[[], None]:
        v = self.v
        return bind(markets, v.members, v.capacity, v.mobility, self._market)

    @cached_property
    def _move_members(self) -> Callable[[], None]:
        v = self.v
        return bind(
            decide,
            self._total,
            self._market,
            v.earned,
            v.arrest_risk,
            self._value,
            self._exponent,
            self._exposure,
            self._settings,
            v.start_share,
            v.expected_take,
            v.activity_share,
            v.effort,
        )

    def _follow(self) -> None:
        """Set what follows from the shares: revenue other than extortion, debtors, the rate of harm."""
        self._set_revenue()
        self._grant_loans()
        self._relax_debtors()
        np.multiply(self.v.activity_share[:, TRAFFICKING], self.p.harmed * self._total, out=self.v.harm_rate[:, 0])

    @cached_property
    def _set_revenue(self) -> Callable[[], None]:
        v, returns = self.v, (self._value, self._exponent)
        return bind(market_revenue, self._total, self._market, *returns, v.activity_share, _CENTIMOS, v.revenue)

    @cached_property
    def _grant_loans(self) -> Callable[[], None]:
        p, lending = self.p, self.v.activity_share[:, LOANS]
        return bind(loans_granted, self._total, self._market, lending, p.loans, p.market_exponent, self._granted)

    @cached_property
    def _relax_debtors(self) -> Callable[[], None]:
        v, p = self.v, self.p
        return bind(relax_debtors, v.members, self._granted, p.term, p.default, p.pressed, v.debtors, v.debt_rate)
