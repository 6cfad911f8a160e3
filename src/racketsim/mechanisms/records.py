"""Records: the day's events and stocks, added up by month; what every result is made of.

Nothing reads these variables but the results. Flows are sums over the days of a month, stocks are as of its last day.
"""

from __future__ import annotations

import numpy as np

from racketsim.engine.kernel import Int, kernel
from racketsim.engine.mechanism import Array, Mechanism, Variable
from racketsim.mechanisms.brand_credit import brand_credibility
from racketsim.mechanisms.decision import CLOSE, REFUSE
from racketsim.mechanisms.territory import herfindahl


def _monthly(dims: tuple[str, ...], unit: str, meaning: str, dtype: str = "i8") -> Variable:
    return Variable(("month", *dims), dtype, unit, meaning)


@kernel
def count_demands(
    kinds: Int,
    count: Int,
    class_: Array,
    group_: Array,
    claim_: Array,
    channel_: Array,
    displaced_: Array,
    action: Array,
    demands: Array,
    paid: Array,
    refused: Array,
    closed: Array,
    by_group: Array,
    by_claim: Array,
    displaced: Array,
) -> None:
    """Add the day's demands and decisions to the tables of its month."""
    for n in range(count):
        district, kind, channel = class_[n] // kinds, class_[n] % kinds, channel_[n]
        demands[district, kind, channel] += 1
        by_group[district, group_[n]] += 1
        by_claim[district, claim_[n]] += 1
        if displaced_[n]:
            displaced[district] += 1
        if action[n] == REFUSE:
            refused[district, kind, channel] += 1
        elif action[n] == CLOSE:
            closed[district, kind] += 1
        else:
            paid[district, kind, channel] += 1


@kernel
def count_incidents(
    kinds: Int,
    count: Int,
    class_: Array,
    group_: Array,
    method_: Array,
    injured_: Array,
    killed_: Array,
    incidents: Array,
    by_group: Array,
    injured: Array,
    killed: Array,
) -> None:
    """Add the day's incidents to the tables of its month."""
    for n in range(count):
        district = class_[n] // kinds
        incidents[district, method_[n]] += 1
        by_group[group_[n], method_[n]] += 1
        injured[district] += injured_[n]
        killed[district] += killed_[n]


@kernel
def count_reports(
    kinds: Int,
    count: Int,
    class_: Array,
    entered_: Array,
    month_end: Int,
    reported: Array,
    recorded: Array,
    on_time: Array,
) -> None:
    """Add the day's reports to the tables of its month; `month_end` is the last day of the month."""
    for n in range(count):
        district = class_[n] // kinds
        reported[district] += 1
        if entered_[n] >= 0:
            recorded[district] += 1
        if 0 <= entered_[n] <= month_end:
            on_time[district] += 1


class Records(Mechanism):
    """Add up the day."""

    name = "records"
    elements = ("A16",)
    summary = "the day is added up by month"
    reads = (
        "demand_count",
        "demand_class",
        "demand_group",
        "demand_claim",
        "demand_channel",
        "demand_displaced",
        "deterred_rate",
        "benefit_rate",
        "perceived_arrest",
        "brand_of",
        "linked",
        "impostors",
        "arms",
        "supplied",
        "priority",
        "unmasked",
        "action",
        "incident_count",
        "incident_class",
        "incident_group",
        "incident_method",
        "incident_injured",
        "incident_killed",
        "report_count",
        "report_class",
        "report_entered",
        "income_group",
        "income_kind",
        "payments_kind",
        "relations_kind",
        "relations_group",
        "cases_opened",
        "cases_cleared",
        "arrested",
        "held",
        "members",
        "operators",
        "expanded",
        "takeovers",
        "holder",
        "officers",
        "emergency",
        "credibility",
        "revenue",
        "debtors",
        "harmed",
        "dismissed",
        "clashes",
        "clash_killed",
        "clash_injured",
        "fallen",
        "avenged",
        "retaliated",
        "retaliation_injured",
        "rival_threats",
        "yields",
        "contestedness",
        "tribute_level",
    )
    writes = {
        "m_demands": _monthly(("district", "kind", "channel"), "demands", "demands; each is a true case"),
        "m_paid": _monthly(("district", "kind", "channel"), "demands", "demands that were met"),
        "m_refused": _monthly(("district", "kind", "channel"), "demands", "demands that were refused"),
        "m_closed": _monthly(("district", "kind"), "targets", "targets that closed over a demand"),
        "m_demands_by_group": _monthly(("district", "group"), "demands", "demands by group"),
        "m_demands_by_claim": _monthly(("district", "group"), "demands", "demands by the name that was used"),
        "m_impostors": _monthly(("district",), "people", "impostors at the month's end"),
        "m_unmasked": _monthly(("district", "group"), "people", "impostors unmasked, by the group they claimed"),
        "m_supplied": _monthly(("group",), "members", "received from the parent brand"),
        "m_linked": _monthly(("group",), "1", "whether the link to a parent brand holds at the month's end"),
        "m_arms": _monthly(("group",), "uses", "uses of the signature in store at the month's end"),
        "m_priority": _monthly(("group",), "1", "added weight of cases against a group at the month's end", "f8"),
        "m_brand_credibility": _monthly(
            ("group",), "probability", "credibility of a brand, by members, at the place of its first group", "f8"
        ),
        "m_displaced_demands": _monthly(("district",), "demands", "demands displaced here by a surge elsewhere"),
        "m_deterred_demands": _monthly(
            ("district",), "demands", "expected demands in person that surges kept from being made here", "f8"
        ),
        "m_diffused_benefit": _monthly(("district",), "demands", "part of that by surges in neighbours", "f8"),
        "m_perceived_arrest": _monthly(
            ("district",), "1/member-week", "perceived risk of arrest at the month's end", "f8"
        ),
        "m_payments": _monthly(("district", "kind"), "payments", "daily instalments and one-off sums paid"),
        "m_tribute_by_kind": _monthly(("district", "kind"), "centimos", "money paid, by kind of target"),
        "m_tribute_by_group": _monthly(("district", "group"), "centimos", "money paid, by group"),
        "m_relations": _monthly(("district", "kind"), "relations", "paying relations at the month's end"),
        "m_relations_by_group": _monthly(("district", "group"), "relations", "paying relations at the month's end"),
        "m_reported": _monthly(("district",), "reports", "cases reported"),
        "m_recorded": _monthly(("district",), "reports", "cases recorded, by month of report, in the final vintage"),
        "m_recorded_on_time": _monthly(("district",), "reports", "cases recorded before the month had ended"),
        "m_incidents": _monthly(("district", "method"), "incidents", "punishments by method"),
        "m_incidents_by_group": _monthly(("group", "method"), "incidents", "punishments by group and method"),
        "m_injured": _monthly(("district",), "people", "injured"),
        "m_killed": _monthly(("district",), "people", "killed"),
        "m_cases_opened": _monthly(("district",), "cases", "cases opened"),
        "m_cases_cleared": _monthly(("district",), "cases", "cases cleared"),
        "m_arrests": _monthly(("district",), "people", "arrests"),
        "m_arrests_by_group": _monthly(("group",), "people", "arrests by group"),
        "m_revenue": _monthly(("group", "activity"), "centimos", "taken by groups, by activity"),
        "m_debtors": _monthly(("district", "group"), "people", "with a loan of a group at the month's end"),
        "m_harmed": _monthly(("group",), "people", "harmed by trafficking"),
        "m_dismissed": _monthly(("group",), "members", "dismissed for want of takings"),
        "m_held": _monthly(("group",), "people", "in custody at the month's end"),
        "m_members": _monthly(("district", "group"), "members", "members at the month's end"),
        "m_operators": _monthly((), "operators", "remote operators at the month's end"),
        "m_clashes": _monthly(("district",), "clashes", "clashes between groups"),
        "m_retaliations": _monthly(("district",), "acts", "acts of retaliation between groups"),
        "m_rival_threats": _monthly(("district",), "threats", "threats between groups"),
        "m_rival_killed": _monthly(("district",), "people", "killed in clashes and retaliation, bystanders included"),
        "m_rival_injured": _monthly(("district",), "people", "injured in clashes and retaliation"),
        "m_expulsions": _monthly(("district",), "cells", "cells driven out or taken over by a rival"),
        "m_fallen": _monthly(("group",), "members", "members killed by rivals"),
        "m_contestedness": _monthly(("district",), "1", "how contested control is, at the month's end", "f8"),
        "m_tribute_level": _monthly(("district",), "1", "tribute asked relative to a place without rivals", "f8"),
        "m_expansions": _monthly(("district",), "1", "expansions into the district"),
        "m_takeovers": _monthly(("district",), "1", "times that the district passed to another group"),
        "m_districts_held": _monthly(("group",), "districts", "districts that a group holds at the month's end"),
        "m_concentration": _monthly(("district",), "1", "Herfindahl index of members at the month's end", "f8"),
        "m_officer_days": _monthly(("district",), "officer-days", "officers on duty"),
        "m_emergency_days": _monthly(("district",), "days", "days under a state of emergency"),
        "m_emergency_person_days": _monthly(("district",), "person-days", "people times days under emergency"),
        "m_credibility": _monthly(
            ("district", "group"), "probability", "perceived chance of punishment at the month's end", "f8"
        ),
    }

    def step(self, day: int) -> None:
        """Add today to its month."""
        v, city = self.v, self.city
        month = int(city.month_of_day[day])
        last = day + 1 == city.days or city.month_of_day[day + 1] != month
        self._events(month)
        v.m_payments[month] += v.payments_kind
        v.m_tribute_by_kind[month] += v.income_kind
        v.m_tribute_by_group[month] += v.income_group
        v.m_officer_days[month] += np.rint(v.officers).astype(np.int64)
        if np.count_nonzero(v.deterred_rate):
            v.m_deterred_demands[month] += v.deterred_rate
            v.m_diffused_benefit[month] += v.benefit_rate
        if np.count_nonzero(v.emergency):
            v.m_emergency_days[month] += v.emergency
            v.m_emergency_person_days[month] += v.emergency * city.scenario.districts.population
        for today, table in (
            (v.cases_opened, v.m_cases_opened),
            (v.cases_cleared, v.m_cases_cleared),
            (v.arrested, v.m_arrests),
        ):
            if np.count_nonzero(today):
                table[month] += today.sum(axis=0)
        if np.count_nonzero(v.arrested):
            v.m_arrests_by_group[month] += v.arrested.sum(axis=1)
        v.m_expansions[month] += v.expanded
        if v.unmasked.any():
            v.m_unmasked[month] += v.unmasked.T
        if v.supplied.any():
            v.m_supplied[month] += v.supplied.sum(axis=1)
        v.m_takeovers[month] += v.takeovers
        v.m_rival_threats[month] += v.rival_threats
        if np.count_nonzero(v.clashes) or np.count_nonzero(v.retaliated):
            self._war(month)
        v.m_revenue[month] += v.revenue
        v.m_harmed[month] += v.harmed[:, 0]
        if np.count_nonzero(v.dismissed):
            v.m_dismissed[month] += v.dismissed.sum(axis=1)
        if last:
            self._stocks(month)

    def _events(self, month: int) -> None:
        v, kinds = self.v, self.city.kinds
        count_demands(
            kinds,
            int(v.demand_count[0]),
            v.demand_class,
            v.demand_group,
            v.demand_claim,
            v.demand_channel,
            v.demand_displaced,
            v.action,
            v.m_demands[month],
            v.m_paid[month],
            v.m_refused[month],
            v.m_closed[month],
            v.m_demands_by_group[month],
            v.m_demands_by_claim[month],
            v.m_displaced_demands[month],
        )
        if v.incident_count[0]:
            count_incidents(
                kinds,
                int(v.incident_count[0]),
                v.incident_class,
                v.incident_group,
                v.incident_method,
                v.incident_injured,
                v.incident_killed,
                v.m_incidents[month],
                v.m_incidents_by_group[month],
                v.m_injured[month],
                v.m_killed[month],
            )
        if v.report_count[0]:
            count_reports(
                kinds,
                int(v.report_count[0]),
                v.report_class,
                v.report_entered,
                int(np.searchsorted(self.city.month_of_day, month, side="right")) - 1,
                v.m_reported[month],
                v.m_recorded[month],
                v.m_recorded_on_time[month],
            )

    def _war(self, month: int) -> None:
        v = self.v
        v.m_clashes[month] += v.clashes
        v.m_retaliations[month] += v.retaliated
        v.m_rival_killed[month] += v.clash_killed + v.avenged.sum(axis=0)
        v.m_rival_injured[month] += v.clash_injured + v.retaliation_injured
        v.m_expulsions[month] += v.yields
        v.m_fallen[month] += (v.fallen + v.avenged).sum(axis=1)

    def _stocks(self, month: int) -> None:
        v = self.v
        v.m_relations[month] = v.relations_kind
        v.m_relations_by_group[month] = v.relations_group
        v.m_debtors[month] = np.rint(v.debtors.T).astype(np.int64)
        v.m_held[month] = v.held.sum(axis=1)
        v.m_members[month] = v.members.T
        v.m_districts_held[month] = np.bincount(v.holder[v.holder >= 0], minlength=self.city.groups)
        v.m_concentration[month] = herfindahl(v.members.T)
        v.m_operators[month] = v.operators.sum()
        v.m_credibility[month] = v.credibility
        v.m_perceived_arrest[month] = v.perceived_arrest
        v.m_linked[month] = v.linked
        v.m_impostors[month] = v.impostors
        v.m_arms[month] = v.arms
        v.m_priority[month] = v.priority
        v.m_brand_credibility[month] = brand_credibility(v.credibility, v.members, v.brand_of)
        v.m_contestedness[month] = v.contestedness
        v.m_tribute_level[month] = v.tribute_level
