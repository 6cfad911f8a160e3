"""Collection: paying relations, what they bring, and closures (A1, A24).

A target that agrees in person pays a daily sum to its group until the relation is reviewed; the wait for a review is
exponential with mean `review_mean`, and a review is a new demand. A target that agrees by remote pays once.
A roving group (`contest`) takes `roving_days` of tribute at once and comes back as a stranger. Targets that the loser
of a clash cedes are asked by the winner on the next day, and decide whom to pay. Where two groups claim a target it may
pay both (`decision`); one of the two, each as likely, comes to the next review. Where merchants begin to refuse in
company (`crowd`), those of them who pay are asked the day after, and stop (`decision`).
Money of relations is not moved target by target: the sum of daily payments of each (district, group) and
(district, kind) is kept in whole centimos and accrues each day, scaled by street activity.
Relations end by refusal, by closing, or when the group has no member left in the district; when a faction leaves a
cell it takes each with the chance that its collector was one of its members. A closed target is replaced after an
exponential wait.

At a review a target has been replaced by a newcomer with chance `turnover`, and the relation ends without a refusal.
A newcomer takes over the place of the old one with its size, its stake and what was done to it: the place is known.

At the start incumbents hold their territory (A24): a target asked at rate h that pays with chance p stays
L = review_mean / (1 - p (1 - turnover)) and so pays with the stationary chance x / (1 + x), x = h p L.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from racketsim.engine.bound import LATE, bind
from racketsim.engine.calendar import empty_free, empty_head
from racketsim.engine.log import type_codes
from racketsim.engine.mechanism import Mechanism, Variable
from racketsim.engine.streams import Stream
from racketsim.mechanisms.contest_field import ceded_targets
from racketsim.mechanisms.event_rows import REOPENING_COLUMNS, put_reopenings
from racketsim.mechanisms.parameters import Parameters, parameter
from racketsim.mechanisms.relations import accrue, come_due, hand_over, initial_relations, settle, united_payers

_MOST_CEDED = 16_384


class CollectionParameters(Parameters):
    """How long relations and closures last."""

    review_mean: float = parameter("days", "mean time until a paying relation is put to the test again", ge=1.0, le=1e4)
    roving_days: float = parameter(
        "days", "tribute that a roving group takes at once instead of a relation", ge=0.0, le=1e4
    )
    reopening_mean: float = parameter("days", "mean time until a closed target is replaced", ge=1.0, le=1e4)
    turnover: float = parameter(
        "probability", "that a paying target was replaced by the time of a review", gt=0.0, le=1.0
    )


class Collection(Mechanism):
    """Keep the paying relations and their money."""

    name = "collection"
    elements = ("A1", "A8", "A24")
    summary = "paying relations start, change, accrue, come up for review and end"
    reads = (
        "demand_count",
        "demand_target",
        "demand_class",
        "demand_group",
        "demand_channel",
        "demand_ordinal",
        "demand_amount",
        "action",
        "rate",
        "members",
        "impostors",
        "heir",
        "defecting",
        "mobility",
        "utility",
        "credibility",
        "frailty_weights",
        "roving",
        "ceded_count",
        "ceded_from",
        "ceded_to",
        "ceded_district",
        "ceded_number",
        "crowd_acted",
        "refusal_begins",
        "collective_refusal",
    )
    writes = {
        "payee": Variable(("target",), "i1", "group", "group that a target pays, -1 none"),
        "second": Variable(("target",), "i1", "group", "another group that a target pays as well, -1 none"),
        "closed": Variable(("target",), "u1", "1", "whether a target has closed down"),
        "tribute": Variable(("target",), "i4", "centimos/day", "what a paying target pays"),
        "second_tribute": Variable(("target",), "i4", "centimos/day", "what a target pays to the second group"),
        "paying": Variable(("eight",), "u1", "1", "a bit a target, the lowest first: whether it pays a group"),
        "review_day": Variable(("target",), "i2", "day", "day of the next review or reopening"),
        "flow_group": Variable(("district", "group"), "i8", "centimos/day", "sum of daily payments to a group"),
        "flow_kind": Variable(("district", "kind"), "i8", "centimos/day", "sum of daily payments of a kind"),
        "relations_group": Variable(("district", "group"), "i8", "relations", "paying relations of a group"),
        "relations_kind": Variable(("district", "kind"), "i8", "relations", "paying relations of a kind"),
        "income_group": Variable(("district", "group"), "i8", "centimos", "taken today by a group"),
        "income_remote": Variable(("district", "group"), "i8", "centimos", "part of it in one-off sums by remote"),
        "income_kind": Variable(("district", "kind"), "i8", "centimos", "taken today from a kind"),
        "payments_kind": Variable(("district", "kind"), "i8", "payments", "payments made today"),
        "due_head": Variable(("day",), "i4", "slot", "calendar of reviews and reopenings"),
        "due_link": Variable(("due",), "i4", "slot", "calendar of reviews and reopenings"),
        "due_free": Variable(("three",), "i8", "slot", "calendar of reviews and reopenings"),
        "due_what": Variable(("due",), "i1", "1", "calendar: 0 review, 1 reopening"),
        "due_whom": Variable(("due",), "i4", "target", "calendar: target"),
        "due_where": Variable(("due",), "i4", "class", "calendar: class of the target"),
        "due_count": Variable(("one",), "i8", "1", "reviews of tomorrow"),
        "due_part": Variable(("three",), "i8", "1", "of these: reviews, ceded targets, united payers"),
        "due_target": Variable(("pending",), "i4", "target", "reviews of tomorrow: target"),
        "due_class": Variable(("pending",), "i4", "class", "reviews of tomorrow: class"),
        "due_group": Variable(("pending",), "i2", "group", "reviews of tomorrow: group"),
    }
    draws = (
        Stream.REVIEW,
        Stream.REOPENING,
        Stream.INITIAL_RELATION,
        Stream.RELATION_TIME,
        Stream.TURNOVER,
        Stream.CEDED_TARGET,
        Stream.FACTION,
    )
    emits = ("relation_end", "reopening")
    Parameters = CollectionParameters

    def accept(self, parameters: CollectionParameters) -> None:
        """Keep the parameters, and room for the targets that change hands in a day."""
        self.p = parameters
        self._reopened = np.empty(self.city.sizes["due"], dtype=np.int32)
        self._ceded_target = np.zeros(_MOST_CEDED, dtype=np.int32)
        self._ceded_class = np.zeros(_MOST_CEDED, dtype=np.int32)
        self._ceded_group = np.zeros(_MOST_CEDED, dtype=np.int16)

    def prepare(self) -> None:
        """Start with the relations of a racket in equilibrium (A24)."""
        v, city, p = self.v, self.city, self.p
        v.payee[:] = -1
        v.second[:] = -1
        v.due_head[:] = empty_head(city.days)
        v.due_free[:] = empty_free()
        attraction = city.column("territorial_attraction")
        total = np.maximum((city.counts * attraction).sum(axis=1), 1e-300)
        hazard = (v.rate.sum(axis=0) / total)[:, None] * attraction
        initial_relations(
            self.seed,
            city.kinds,
            city.starts,
            hazard.reshape(-1),
            v.credibility,
            v.utility,
            p.review_mean,
            p.turnover,
            np.cumsum(v.rate, axis=0).T.copy(),
            v.frailty_weights,
            city.column("size_sigma"),
            city.column("tribute_scale"),
            city.column("tribute_exponent"),
            100.0 * city.column("size_median"),
            city.column("closing_cost"),
            v.payee,
            v.tribute,
            v.paying,
            v.review_day,
            v.flow_group,
            v.flow_kind,
            v.relations_group,
            v.relations_kind,
            v.due_head,
            v.due_link,
            v.due_free,
            v.due_what,
            v.due_whom,
            v.due_where,
        )
        self._look_ahead(-1)

    def step(self, day: int) -> None:
        """Settle the day's decisions, hand over or end what has lost its group, accrue money, look up tomorrow."""
        v = self.v
        ceded = self._cede(day)
        if self._settle(day, int(v.demand_count[0])):
            self._pass_on(day)
        self._accrue()
        self._look_ahead(day)
        v.due_part[1], v.due_part[2] = ceded, 0
        if ceded:
            self._invite(ceded)
        if v.crowd_acted[0]:
            self._put_to_the_test()

    @cached_property
    def _settle(self) -> Callable[..., int]:
        v = self.v
        return bind(
            settle,
            self.seed,
            LATE,
            self.city.kinds,
            self.p.review_mean,
            self.p.reopening_mean,
            self.p.roving_days,
            v.roving,
            LATE,
            v.demand_target,
            v.demand_class,
            v.demand_group,
            v.demand_channel,
            v.demand_ordinal,
            v.demand_amount,
            v.action,
            v.payee,
            v.second,
            v.closed,
            v.tribute,
            v.second_tribute,
            v.paying,
            v.review_day,
            v.flow_group,
            v.flow_kind,
            v.relations_group,
            v.relations_kind,
            v.income_group,
            v.income_remote,
            v.income_kind,
            v.payments_kind,
            v.due_head,
            v.due_link,
            v.due_free,
            v.due_what,
            v.due_whom,
            v.due_where,
            v.members,
            v.impostors,
            self.city.impostor,
            v.heir,
        )

    def _cede(self, day: int) -> int:
        """Draw the targets that losers of yesterday's clashes cede; return how many."""
        v, place = self.v, 0
        for n in range(int(v.ceded_count[0])):
            district, loser, first = int(v.ceded_district[n]), int(v.ceded_from[n]), place
            place = ceded_targets(
                self.seed,
                day,
                district,
                loser,
                int(v.ceded_number[n]),
                int(v.relations_group[district, loser]),
                self.city.kinds,
                self.city.starts,
                v.payee,
                v.second,
                v.paying,
                self._ceded_target,
                self._ceded_class,
                first,
            )
            self._ceded_group[first:place] = v.ceded_to[n]
        return place

    def _invite(self, ceded: int) -> None:
        """Let the winners ask the ceded targets tomorrow, whom they still pay being the targets' to decide."""
        v, first = self.v, int(self.v.due_count[0])
        last = first + ceded
        if last > v.due_target.size:
            raise OverflowError("more reviews on one day than there is room for")
        v.due_target[first:last] = self._ceded_target[:ceded]
        v.due_class[first:last] = self._ceded_class[:ceded]
        v.due_group[first:last] = self._ceded_group[:ceded]
        v.due_count[0] = last

    def _put_to_the_test(self) -> None:
        """Let groups ask tomorrow those of their payers who have united since yesterday to refuse."""
        v = self.v
        for district in np.flatnonzero(v.refusal_begins).tolist():
            v.due_count[0] = united_payers(
                self.seed,
                district,
                v.collective_refusal[district],
                self.city.kinds,
                self.city.starts,
                v.payee,
                v.second,
                v.paying,
                v.due_target,
                v.due_class,
                v.due_group,
                int(v.due_count[0]),
            )
        v.due_part[2] = v.due_count[0] - v.due_part[:2].sum()

    def _pass_on(self, day: int) -> None:
        """Relations of a cell without members end; a faction takes its part of those of the cell it left."""
        v = self.v
        there = v.members.copy()
        there[self.city.impostor] = v.impostors
        lost = (v.relations_group > 0) & ((there.T == 0) | (v.heir.T >= 0))
        for district, group in np.argwhere(lost):
            heir, left = int(v.heir[group, district]), int(v.defecting[group, district])
            passed = hand_over(
                self.seed,
                day,
                district,
                group,
                heir,
                left / max(left + int(there[group, district]), 1) if heir >= 0 else 1.0,
                self.city.kinds,
                self.city.starts,
                v.payee,
                v.second,
                v.tribute,
                v.second_tribute,
                v.paying,
                v.flow_group,
                v.flow_kind,
                v.relations_group,
                v.relations_kind,
            )
            if heir < 0:
                self.log.add("relation_end", day, 1, district=district, group=group, count=passed)

    @cached_property
    def _accrue(self) -> Callable[..., None]:
        v = self.v
        flows = (v.flow_group, v.flow_kind, v.relations_kind)
        return bind(accrue, v.mobility, *flows, v.income_group, v.income_kind, v.payments_kind)

    def _look_ahead(self, day: int) -> None:
        v = self.v
        if day + 1 >= self.city.days:
            v.due_count[0] = v.due_part[0] = 0
            return
        reviews, openings = self._come_due(day + 1)
        v.due_count[0] = v.due_part[0] = reviews
        if openings:
            self._report_openings(openings, day)

    @cached_property
    def _report_openings(self) -> Callable[..., None]:
        arguments = (self.city.kinds, type_codes(["reopening"]), self._reopened)
        return self.log.writer(put_reopenings, *arguments, columns=REOPENING_COLUMNS)

    @cached_property
    def _come_due(self) -> Callable[..., tuple[int, int]]:
        v = self.v
        return bind(
            come_due,
            self.seed,
            LATE,
            self.city.kinds,
            self.p.turnover,
            v.payee,
            v.second,
            v.closed,
            v.tribute,
            v.second_tribute,
            v.paying,
            v.review_day,
            v.flow_group,
            v.flow_kind,
            v.relations_group,
            v.relations_kind,
            v.due_head,
            v.due_link,
            v.due_free,
            v.due_what,
            v.due_whom,
            v.due_where,
            v.due_target,
            v.due_class,
            v.due_group,
            self._reopened,
        )
