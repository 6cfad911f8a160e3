"""Recruitment: who takes part, whom a group can pay, whom it lets go (A7, A24).

Of those who could be recruited by group g a part joins (participation model of ControlTheoryOptimizationOC, 2025, after
Prieto-Curiel et al. 2023), with weekly risks of arrest k_P and of death k_K as they are perceived:
    P(join) = volunteers * logistic(attitude + pay_weight * (r - w - v) / w - delta * k_P - eta * k_K) + forced,
r being the pay of a member, w the legal wage and v a social programme. `participation` is P(join) relative to what it
was at the start (without a programme), for a newcomer relative to what it was for the others; it multiplies recruits
(`growth`).

Perceived risks are what a group saw of its own, with forgetting, shrunk to a prior (that of arrest is the one of
`deterrence`):
    (k0 n0 + events) / (n0 + member-weeks).

Payroll (Duffy et al. 2020, RebelGroups, where a group expels whom it cannot pay): a cell takes its own extortion,
smoothed, a share of it pooled over the group, and its members' part of the other revenue. Takings over salary are the
members that can be paid. A cell recruits only into paid posts; whom takings have not paid for `patience` days is let
go, with a threshold an event. Pay r is the salary, or less where the group takes less. What a group has paid people at
protests (`crowd`) is not there to pay members.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from racketsim.engine.bound import LATE, bind
from racketsim.engine.cells import anything, draw_thresholds, fire_cells
from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.mechanism import Array, Mechanism, Switch, Variable
from racketsim.engine.streams import Stream
from racketsim.mechanisms.activities import LOANS, WEEK
from racketsim.mechanisms.deterrence import perceived_risk
from racketsim.mechanisms.parameters import Parameters, parameter

_EXPULSION = int(Stream.EXPULSION_WAIT)
_CENTIMOS = 100.0


class RecruitmentParameters(Parameters):
    """Why people join, what members cost, and how long a group bears a loss."""

    volunteers: float = parameter("probability", "pi_v: that a recruit has a choice", ge=0.0, le=1.0)
    forced: float = parameter("probability", "pi_f: that a recruit has none", ge=0.0, le=1.0)
    attitude: float = parameter("log odds", "alpha: to join where pay equals the legal wage", ge=-10.0, le=10.0)
    pay_weight: float = parameter("log odds", "B: for pay of one legal wage more", ge=0.0, le=20.0)
    legal_wage: float = parameter("PEN/day", "w: what can be earned elsewhere", gt=0.0, le=1e4)
    programme: float = parameter("PEN/day", "v: what a social programme adds for those who stay out", ge=0.0, le=1e4)
    arrest_weight: float = parameter("log odds", "delta: for a weekly risk of arrest of one", ge=0.0, le=1e4)
    death_weight: float = parameter("log odds", "eta: for a weekly risk of death of one", ge=0.0, le=1e4)
    death_prior: float = parameter("1/member-week", "perceived risk of death before any is seen", ge=0.0, le=1.0)
    prior_weight: float = parameter("member-weeks", "n0: how much experience the priors are worth", gt=0.0, le=1e6)
    memory: float = parameter("days", "how long arrests, deaths and takings are remembered", ge=7.0, le=1e4)
    salary: float = parameter("PEN/member-day", "what a member is paid", gt=0.0, le=1e4)
    pooled: float = parameter("share", "share of extortion takings that a group pools", ge=0.0, le=1.0)
    patience: float = parameter("days", "how long a cell keeps members that it cannot pay", ge=0.0, le=1e4)
    dismissal_mean: float = parameter("days", "mean time until such a member is dismissed after that", ge=1.0, le=1e4)


@kernel
def join_chance(
    pay: Real,
    arrest_risk: Real,
    death_risk: Real,
    volunteers: Real,
    forced: Real,
    attitude: Real,
    pay_weight: Real,
    legal_wage: Real,
    programme: Real,
    arrest_weight: Real,
    death_weight: Real,
) -> Real:
    """Return P(join) of the module, for pay in PEN a day and weekly risks."""
    gain = pay_weight * (pay - legal_wage - programme) / legal_wage
    odds = attitude + gain - arrest_weight * arrest_risk - death_weight * death_risk
    return volunteers / (1.0 + math.exp(-odds)) + forced


@kernel
def remember_losses(
    arrested: Array, fallen: Array, avenged: Array, lynched: Array, arrests: Array, deaths: Array
) -> None:
    """Add today's losses [G, D] to the arrests and deaths that each group remembers."""
    for group in range(arrested.shape[0]):
        taken, in_clashes, in_retaliation, by_crowds = 0, 0, 0, 0
        for district in range(arrested.shape[1]):
            taken += arrested[group, district]
            in_clashes += fallen[group, district]
            in_retaliation += avenged[group, district]
            by_crowds += lynched[group, district]
        arrests[group] += taken
        deaths[group] += in_clashes
        deaths[group] += in_retaliation
        deaths[group] += by_crowds


@kernel
def smooth_takings(income: Array, memory: Real, takings: Array) -> None:
    """Follow the daily `income[D, G]` in `takings[G, D]`, an exponential mean over `memory` days."""
    for district in range(income.shape[0]):
        for group in range(income.shape[1]):
            takings[group, district] += (income[district, group] - takings[group, district]) / memory


@kernel
def pay_cells(
    members: Array,
    takings: Array,
    revenue: Array,
    salary: Real,
    pooled: Real,
    patience: Real,
    dismissal_mean: Real,
    posts: Array,
    short: Array,
    dismissal: Array,
    pay: Array,
) -> None:
    """Set paid posts, days of shortage and the hazard of dismissal of every cell [G, D], and the pay of groups [G].

    `takings[G, D]` and `revenue[G, A]` are centimos a day. A cell can pay what its own takings, less what is pooled,
    and its members' part of the group's pool and other revenue come to.
    """
    for group in range(members.shape[0]):
        total, sum_, other = 0, 0.0, 0
        for district in range(members.shape[1]):
            total += members[group, district]
            sum_ += takings[group, district]
        for activity in range(LOANS, revenue.shape[1]):
            other += revenue[group, activity]
        common = (pooled * sum_ + other) / max(total, 1)
        pay[group] = min(salary, (sum_ + other) / (_CENTIMOS * max(total, 1)))
        for district in range(members.shape[1]):
            here = members[group, district]
            if here == 0:
                posts[group, district] = 1.0
                short[group, district] = 0.0
                dismissal[group, district] = 0.0
                continue
            paid = ((1.0 - pooled) * takings[group, district] + common * here) / (_CENTIMOS * salary)
            posts[group, district] = min(max(paid - here, 0.0), 1.0)
            short[group, district] = short[group, district] + WEEK if paid < here else 0.0
            late = short[group, district] > patience
            dismissal[group, district] = (here - paid) / dismissal_mean if late else 0.0


@kernel
def take_part(
    members: Array,
    pay: Array,
    arrest_risk: Array,
    death_risk: Array,
    parent: Array,
    first: Int,
    choice: Sequence[Real],
    base: Array,
    participation: Array,
) -> None:
    """Set `participation[G]` of groups with `members[G, D]`: P(join) relative to `base[G]`.

    On the `first` decision the base of a group is its own chance were there no social programme; of one that comes
    later, that of its parent, or else the mean of the others.
    """
    known, sum_ = 0, 0.0
    for group in range(base.size):
        if base[group] > 0.0:
            known += 1
            sum_ += base[group]
    for group in range(base.size):
        if not anything(members[group : group + 1]):
            continue
        chance = join_chance(pay[group], arrest_risk[group], death_risk[group], *choice)
        if base[group] == 0.0:
            if first == 0 and parent[group] >= 0 and base[parent[group]] > 0.0:
                base[group] = base[parent[group]]
            else:
                volunteers, forced, attitude, pay_weight, wage, _, by_arrest, by_death = choice
                without = (volunteers, forced, attitude, pay_weight, wage, 0.0, by_arrest, by_death)
                own = join_chance(pay[group], arrest_risk[group], death_risk[group], *without)
                base[group] = own if first or known == 0 else sum_ / known
        participation[group] = chance / max(base[group], 1e-300)


class Recruitment(Mechanism):
    """Keep perceived risks, who takes part, paid posts and dismissals."""

    name = "recruitment"
    elements = ("A7", "A24")
    summary = "pay and perceived risks decide who joins; takings decide whom a cell can pay"
    reads = (
        "members",
        "prior_arrest",
        "arrested",
        "fallen",
        "avenged",
        "lynched",
        "income_group",
        "sponsor_paid",
        "flow_group",
        "revenue",
        "parent",
    )
    writes = {
        "arrest_risk": Variable(("group",), "f8", "1/member-week", "perceived risk of arrest"),
        "death_risk": Variable(("group",), "f8", "1/member-week", "perceived risk of death"),
        "arrests_seen": Variable(("group",), "f8", "members", "arrests remembered"),
        "deaths_seen": Variable(("group",), "f8", "members", "deaths remembered"),
        "weeks_seen": Variable(("group",), "f8", "member-weeks", "exposure remembered"),
        "takings": Variable(("group", "district"), "f8", "centimos/day", "extortion takings of a cell, smoothed"),
        "pay": Variable(("group",), "f8", "PEN/member-day", "what a member is paid"),
        "participation": Variable(("group",), "f8", "1", "chance to join, relative to the start"),
        "join_base": Variable(("group",), "f8", "probability", "chance to join at the start, 0 before it is known"),
        "posts": Variable(("group", "district"), "f8", "1", "whether the next recruit can be paid, 0 to 1"),
        "short": Variable(("group", "district"), "f8", "days", "time for which takings have not covered salaries"),
        "dismissal": Variable(("group", "district"), "f8", "members/day", "hazard of dismissals"),
        "dismissed": Variable(("group", "district"), "i8", "members", "dismissed today"),
        "dismissed_so_far": Variable(("group", "district"), "i8", "members", "dismissed so far"),
        "dismissal_threshold": Variable(("group", "district"), "f8", "1", "hazard until the next dismissal"),
    }
    draws = (Stream.EXPULSION_WAIT,)
    switches = {"A7": Switch("who joins depends neither on pay nor on risks, and nobody is dismissed")}
    emits = ("dismissal",)
    Parameters = RecruitmentParameters

    def accept(self, parameters: RecruitmentParameters) -> None:
        """Keep the parameters."""
        p = self.p = parameters
        self._choice = (
            p.volunteers,
            p.forced,
            p.attitude,
            p.pay_weight,
            p.legal_wage,
            p.programme,
            p.arrest_weight,
            p.death_weight,
        )

    def prepare(self) -> None:
        """Start with the priors, everybody paid, and the takings of the relations at the start."""
        v = self.v
        v.arrest_risk[:] = v.prior_arrest[0]
        v.death_risk[:] = self.p.death_prior
        v.takings[:] = v.flow_group.T
        v.participation[:] = 1.0
        v.posts[:] = 1.0
        v.pay[:] = self.p.salary
        draw_thresholds(self.seed, _EXPULSION, v.dismissal_threshold)

    def step(self, day: int) -> None:
        """Remember the day; decide at the end of a week; dismiss whom nobody pays."""
        v = self.v
        self._smooth_takings()
        if np.count_nonzero(v.sponsor_paid):
            self._pay_protesters()
        self._remember_losses()
        if day % WEEK == WEEK - 1:
            self._decide(first=day == WEEK - 1)
        if self._dismiss():
            left = np.maximum(v.members - v.arrested - v.fallen - v.avenged, 0)
            np.minimum(v.dismissed, left, out=v.dismissed)
            group, district = v.dismissed.nonzero()
            count = v.dismissed[group, district]
            self.log.add("dismissal", day, len(group), group=group, district=district, count=count)

    @cached_property
    def _smooth_takings(self) -> Callable[..., None]:
        return bind(smooth_takings, self.v.income_group, self.p.memory, self.v.takings)

    @cached_property
    def _remember_losses(self) -> Callable[..., None]:
        v = self.v
        return bind(remember_losses, v.arrested, v.fallen, v.avenged, v.lynched, v.arrests_seen, v.deaths_seen)

    @cached_property
    def _dismiss(self) -> Callable[..., int]:
        v = self.v
        return bind(
            fire_cells, self.seed, _EXPULSION, v.dismissal, v.dismissal_threshold, v.dismissed_so_far, v.dismissed
        )

    def _pay_protesters(self) -> None:
        """Take what sponsors paid at yesterday's protests from the takings of their cells, in proportion to them."""
        v = self.v
        sums = v.takings.sum(axis=1)
        left = np.maximum(sums - v.sponsor_paid / self.p.memory, 0.0)
        v.takings *= np.divide(left, sums, out=np.ones_like(sums), where=sums > 0.0)[:, None]

    def _decide(self, *, first: bool) -> None:
        v, p = self.v, self.p
        total = v.members.sum(axis=1)
        v.weeks_seen += total
        v.arrest_risk[:] = perceived_risk(float(v.prior_arrest[0]), p.prior_weight, v.arrests_seen, v.weeks_seen)
        v.death_risk[:] = perceived_risk(p.death_prior, p.prior_weight, v.deaths_seen, v.weeks_seen)
        v.arrest_risk[total == 0] = v.prior_arrest[0]
        v.death_risk[total == 0] = p.death_prior
        kept = math.exp(-WEEK / p.memory)
        for seen in (v.arrests_seen, v.deaths_seen, v.weeks_seen):
            seen *= kept
        self._pay_cells()
        self._take_part(int(first))

    @cached_property
    def _pay_cells(self) -> Callable[[], None]:
        v, p = self.v, self.p
        terms = (p.salary, p.pooled, p.patience, p.dismissal_mean)
        return bind(pay_cells, v.members, v.takings, v.revenue, *terms, v.posts, v.short, v.dismissal, v.pay)

    @cached_property
    def _take_part(self) -> Callable[[int], None]:
        v = self.v
        risks = (v.arrest_risk, v.death_risk)
        return bind(take_part, v.members, v.pay, *risks, v.parent, LATE, self._choice, v.join_base, v.participation)
