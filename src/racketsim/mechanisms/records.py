"""Records: the day's events and stocks, added up by month; what every result is made of.

Nothing reads these variables but the results. Flows are sums over the days of a month, stocks are as of its last day.
Reports that fear of hostility has kept from being made (`backlash`) are neither reported nor recorded here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from racketsim.engine.bound import LATE, bind
from racketsim.engine.mechanism import Array, Mechanism, Variable
from racketsim.mechanisms.brand_credit import brand_credibility
from racketsim.mechanisms.record_sums import (
    add_cells,
    add_flat,
    add_police,
    count_demands,
    count_incidents,
    count_reports,
)
from racketsim.mechanisms.territory import herfindahl


def monthly(dims: tuple[str, ...], unit: str, meaning: str, dtype: str = "i8") -> Variable:
    """Return a variable that holds one value a month for each of `dims`."""
    return Variable(("month", *dims), dtype, unit, meaning)


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
        "demand_reason",
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
        "report_withheld",
        "income_group",
        "income_kind",
        "payments_kind",
        "relations_kind",
        "relations_group",
        "cases",
        "cases_opened",
        "cases_cleared",
        "cases_found",
        "cases_given_up",
        "cases_waiting",
        "special",
        "unit",
        "colluding",
        "leaks",
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
        "m_demands": monthly(("district", "kind", "channel"), "demands", "demands; each is a true case"),
        "m_paid": monthly(("district", "kind", "channel"), "demands", "demands that were met"),
        "m_refused": monthly(("district", "kind", "channel"), "demands", "demands that were refused"),
        "m_closed": monthly(("district", "kind"), "targets", "targets that closed over a demand"),
        "m_demands_by_group": monthly(("district", "group"), "demands", "demands by group"),
        "m_demands_by_claim": monthly(("district", "group"), "demands", "demands by the name that was used"),
        "m_impostors": monthly(("district",), "people", "impostors at the month's end"),
        "m_unmasked": monthly(("district", "group"), "people", "impostors unmasked, by the group they claimed"),
        "m_supplied": monthly(("group",), "members", "received from the parent brand"),
        "m_linked": monthly(("group",), "1", "whether the link to a parent brand holds at the month's end"),
        "m_arms": monthly(("group",), "uses", "uses of the signature in store at the month's end"),
        "m_priority": monthly(("group",), "1", "added weight of cases against a group at the month's end", "f8"),
        "m_brand_credibility": monthly(
            ("group",), "probability", "credibility of a brand, by members, at the place of its first group", "f8"
        ),
        "m_displaced_demands": monthly(("district",), "demands", "demands displaced here by a surge elsewhere"),
        "m_deterred_demands": monthly(
            ("district",), "demands", "expected demands in person that surges kept from being made here", "f8"
        ),
        "m_diffused_benefit": monthly(("district",), "demands", "part of that by surges in neighbours", "f8"),
        "m_perceived_arrest": monthly(
            ("district",), "1/member-week", "perceived risk of arrest at the month's end", "f8"
        ),
        "m_demands_ceded": monthly(("district",), "demands", "part of the demands: on targets ceded after a clash"),
        "m_demands_of_united": monthly(("district",), "demands", "part of the demands: on payers who united to refuse"),
        "m_paid_both": monthly(("district",), "demands", "demands that were met beside those of another group"),
        "m_payments": monthly(("district", "kind"), "payments", "daily instalments and one-off sums paid"),
        "m_tribute_by_kind": monthly(("district", "kind"), "centimos", "money paid, by kind of target"),
        "m_tribute_by_group": monthly(("district", "group"), "centimos", "money paid, by group"),
        "m_relations": monthly(("district", "kind"), "relations", "paying relations at the month's end"),
        "m_relations_by_group": monthly(("district", "group"), "relations", "paying relations at the month's end"),
        "m_reported": monthly(("district",), "reports", "cases reported"),
        "m_recorded": monthly(("district",), "reports", "cases recorded, by month of report, in the final vintage"),
        "m_recorded_on_time": monthly(("district",), "reports", "cases recorded before the month had ended"),
        "m_incidents": monthly(("district", "method"), "incidents", "punishments by method"),
        "m_incidents_by_group": monthly(("group", "method"), "incidents", "punishments by group and method"),
        "m_injured": monthly(("district",), "people", "injured"),
        "m_killed": monthly(("district",), "people", "killed"),
        "m_cases_opened": monthly(("district",), "cases", "cases opened"),
        "m_cases_cleared": monthly(("district",), "cases", "cases cleared"),
        "m_cases_found": monthly(("district",), "cases", "cases opened by general investigation"),
        "m_cases_given_up": monthly(("district",), "cases", "cases given up"),
        "m_cases_open": monthly(("district",), "cases", "open cases at the month's end"),
        "m_cases_waiting": monthly(
            ("district",), "cases", "open cases on which nobody works, at the month's end", "f8"
        ),
        "m_unit_days": monthly((), "officer-days", "investigators of special units on duty"),
        "m_collusion_days": monthly(("district",), "days", "days on which a group had the police of the district"),
        "m_leaks": monthly(("district",), "reports", "reports that leaked to a group"),
        "m_arrests": monthly(("district",), "people", "arrests"),
        "m_arrests_by_group": monthly(("group",), "people", "arrests by group"),
        "m_revenue": monthly(("group", "activity"), "centimos", "taken by groups, by activity"),
        "m_debtors": monthly(("district", "group"), "people", "with a loan of a group at the month's end"),
        "m_harmed": monthly(("group",), "people", "harmed by trafficking"),
        "m_dismissed": monthly(("group",), "members", "dismissed for want of takings"),
        "m_held": monthly(("group",), "people", "in custody at the month's end"),
        "m_members": monthly(("district", "group"), "members", "members at the month's end"),
        "m_operators": monthly((), "operators", "remote operators at the month's end"),
        "m_clashes": monthly(("district",), "clashes", "clashes between groups"),
        "m_retaliations": monthly(("district",), "acts", "acts of retaliation between groups"),
        "m_rival_threats": monthly(("district",), "threats", "threats between groups"),
        "m_rival_killed": monthly(("district",), "people", "killed in clashes and retaliation, bystanders included"),
        "m_rival_injured": monthly(("district",), "people", "injured in clashes and retaliation"),
        "m_expulsions": monthly(("district",), "cells", "cells driven out or taken over by a rival"),
        "m_fallen": monthly(("group",), "members", "members killed by rivals"),
        "m_contestedness": monthly(("district",), "1", "how contested control is, at the month's end", "f8"),
        "m_tribute_level": monthly(("district",), "1", "tribute asked relative to a place without rivals", "f8"),
        "m_expansions": monthly(("district",), "1", "expansions into the district"),
        "m_takeovers": monthly(("district",), "1", "times that the district passed to another group"),
        "m_districts_held": monthly(("group",), "districts", "districts that a group holds at the month's end"),
        "m_concentration": monthly(("district",), "1", "Herfindahl index of members at the month's end", "f8"),
        "m_officer_days": monthly(("district",), "officer-days", "officers on duty"),
        "m_emergency_days": monthly(("district",), "days", "days under a state of emergency"),
        "m_emergency_person_days": monthly(("district",), "person-days", "people times days under emergency"),
        "m_credibility": monthly(
            ("district", "group"), "probability", "perceived chance of punishment at the month's end", "f8"
        ),
    }

    def step(self, day: int) -> None:
        """Add today to its month."""
        v, city = self.v, self.city
        month = int(city.month_of_day[day])
        self._count_demands(int(v.demand_count[0]), month)
        if v.incident_count[0]:
            self._count_incidents(int(v.incident_count[0]), month)
        if v.report_count[0]:
            self._count_reports(int(v.report_count[0]), month)
        self._add_flat(month)
        self._add_rates(month)
        self._add_cells(month)
        units = self._add_police(month)
        if units > 0.0:
            v.m_unit_days[month] += round(units)
        if day == self._month_end[month]:
            self._stocks(month)

    @cached_property
    def _month_end(self) -> Array:
        """The last day of each month."""
        return np.searchsorted(self.city.month_of_day, np.arange(self.city.months), side="right") - 1

    @cached_property
    def _count_demands(self) -> Callable[..., None]:
        v = self.v
        return bind(
            count_demands,
            self.city.kinds,
            LATE,
            v.demand_class,
            v.demand_group,
            v.demand_claim,
            v.demand_channel,
            v.demand_reason,
            v.demand_displaced,
            v.action,
            LATE,
            v.m_demands,
            v.m_paid,
            v.m_refused,
            v.m_closed,
            v.m_demands_by_group,
            v.m_demands_by_claim,
            v.m_displaced_demands,
            v.m_paid_both,
            v.m_demands_ceded,
            v.m_demands_of_united,
        )

    @cached_property
    def _count_incidents(self) -> Callable[..., None]:
        v = self.v
        return bind(
            count_incidents,
            self.city.kinds,
            LATE,
            v.incident_class,
            v.incident_group,
            v.incident_method,
            v.incident_injured,
            v.incident_killed,
            LATE,
            v.m_incidents,
            v.m_incidents_by_group,
            v.m_injured,
            v.m_killed,
        )

    @cached_property
    def _count_reports(self) -> Callable[..., None]:
        v = self.v
        return bind(
            count_reports,
            self.city.kinds,
            LATE,
            v.report_class,
            v.report_entered,
            v.report_withheld,
            LATE,
            self._month_end,
            v.m_reported,
            v.m_recorded,
            v.m_recorded_on_time,
        )

    @cached_property
    def _add_flat(self) -> Callable[..., None]:
        v = self.v
        return self._bind_flat(
            (v.payments_kind, v.m_payments),
            (v.income_kind, v.m_tribute_by_kind),
            (v.income_group, v.m_tribute_by_group),
            (v.revenue, v.m_revenue),
            (v.harmed, v.m_harmed),
            (v.expanded, v.m_expansions),
            (v.takeovers, v.m_takeovers),
            (v.rival_threats, v.m_rival_threats),
            (v.clashes, v.m_clashes),
            (v.retaliated, v.m_retaliations),
            (v.clash_killed, v.m_rival_killed),
            (v.clash_injured, v.m_rival_injured),
            (v.retaliation_injured, v.m_rival_injured),
            (v.yields, v.m_expulsions),
            (v.cases_found, v.m_cases_found),
            (v.cases_given_up, v.m_cases_given_up),
            (v.leaks, v.m_leaks),
        )

    @cached_property
    def _add_police(self) -> Callable[[int], float]:
        v = self.v
        return bind(
            add_police,
            LATE,
            v.officers,
            v.emergency,
            self.city.scenario.districts.population,
            v.special,
            v.unit,
            v.colluding,
            v.unmasked,
            v.m_officer_days,
            v.m_emergency_days,
            v.m_emergency_person_days,
            v.m_collusion_days,
            v.m_unmasked,
        )

    @cached_property
    def _add_rates(self) -> Callable[..., None]:
        v = self.v
        return self._bind_flat((v.deterred_rate, v.m_deterred_demands), (v.benefit_rate, v.m_diffused_benefit))

    @staticmethod
    def _bind_flat(*pairs: tuple[Array, Array]) -> Callable[..., None]:
        """Bind today's flows, each with the table to which it is added, all laid out flat."""
        today = tuple(flow.reshape(-1) for flow, _ in pairs)
        return bind(add_flat, LATE, today, tuple(table.reshape(len(table), -1) for _, table in pairs))

    @cached_property
    def _add_cells(self) -> Callable[..., None]:
        v = self.v
        return bind(
            add_cells,
            LATE,
            (v.cases_opened, v.cases_cleared, v.arrested, v.avenged),
            (v.m_cases_opened, v.m_cases_cleared, v.m_arrests, v.m_rival_killed),
            (v.arrested, v.supplied, v.dismissed, v.fallen, v.avenged),
            (v.m_arrests_by_group, v.m_supplied, v.m_dismissed, v.m_fallen, v.m_fallen),
        )

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
        v.m_cases_open[month] = v.cases.sum(axis=0)
        v.m_cases_waiting[month] = v.cases_waiting
        v.m_linked[month] = v.linked
        v.m_impostors[month] = v.impostors
        v.m_arms[month] = v.arms
        v.m_priority[month] = v.priority
        v.m_brand_credibility[month] = brand_credibility(v.credibility, v.members, v.brand_of)
        v.m_contestedness[month] = v.contestedness
        v.m_tribute_level[month] = v.tribute_level
