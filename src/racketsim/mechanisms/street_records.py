"""Records of what the city does and says: protests, harm by crowds, threats in public, ultimatums, backlash, by month.

As `records`: nothing reads these variables but the results, flows are sums over the days of a month, and stocks are
as of its last day. A day on which nothing happened costs nothing.
"""

from __future__ import annotations

import numpy as np

from racketsim.engine.kernel import kernel
from racketsim.engine.mechanism import Array, Mechanism
from racketsim.mechanisms.records import monthly


@kernel
def count_protests(
    size: Array,
    violent: Array,
    sponsor: Array,
    protests: Array,
    riots: Array,
    protesters: Array,
    rioters: Array,
    sponsored: Array,
    sponsored_riots: Array,
) -> None:
    """Add the day's protests `[D]` to the tables of its month; those that a group paid for also by district."""
    for district in range(size.size):
        if size[district] == 0:
            continue
        paid = 1 if sponsor[district] >= 0 else 0
        if violent[district]:
            riots[district] += 1
            rioters[district] += size[district]
            sponsored_riots[district] += paid
        else:
            protests[district] += 1
            protesters[district] += size[district]
        sponsored[district] += paid


class StreetRecords(Mechanism):
    """Add up the day of crowds, threats and hostility."""

    name = "street_records"
    elements = ("A8", "A9", "A25")
    summary = "protests, harm by crowds, public threats and backlash are added up by month"
    reads = (
        "crowd_acted",
        "protest_size",
        "protest_violent",
        "protest_sponsor",
        "sponsor_paid",
        "grievance",
        "repertoire",
        "collective_refusal",
        "crowd_hit",
        "burnt_true_suspect",
        "burnt_innocent",
        "burnt_reported_innocent",
        "burnt_by_group",
        "burnt_reported_by_group",
        "beaten_suspect",
        "beaten_innocent",
        "vigilante_suspect",
        "vigilante_innocent",
        "crowd_injured",
        "crowd_killed",
        "lynched",
        "public_threat",
        "threat_credibility",
        "state_priority",
        "ultimatums",
        "hostility",
        "backlash_count",
        "backlash_injured",
        "backlash_killed",
        "withheld_count",
    )
    writes = {
        "m_protests": monthly(("district",), "protests", "peaceful protests"),
        "m_riots": monthly(("district",), "riots", "violent protests"),
        "m_protesters": monthly(("district",), "people", "people at peaceful protests"),
        "m_rioters": monthly(("district",), "people", "people at violent protests"),
        "m_sponsored": monthly(
            ("district",), "protests", "protests, of either sort, that a group paid people to be at"
        ),
        "m_sponsored_riots": monthly(("district",), "riots", "violent protests that a group paid people to be at"),
        "m_sponsor_paid": monthly(("group",), "centimos", "paid to people at protests"),
        "m_grievance": monthly(("district",), "1", "grievance of those at stops and markets at the month's end", "f8"),
        "m_repertoire": monthly(("district",), "probability", "that a protest is violent, at the month's end", "f8"),
        "m_collective_refusal": monthly(
            ("district",), "share", "targets that refuse together, at the month's end", "f8"
        ),
        "m_vehicles_burnt": monthly(("district",), "vehicles", "vehicles burnt by crowds"),
        "m_vehicles_innocent": monthly(("district",), "vehicles", "vehicles burnt that were no group's"),
        "m_vehicles_innocent_reported": monthly(("district",), "vehicles", "vehicles burnt, by report no group's"),
        "m_vehicles_by_group": monthly(("group",), "vehicles", "vehicles burnt, by true owner"),
        "m_vehicles_by_group_reported": monthly(("group",), "vehicles", "vehicles burnt, by reported owner"),
        "m_beaten": monthly(("district",), "people", "people beaten by crowds and vigilantes"),
        "m_beaten_innocent": monthly(("district",), "people", "innocents beaten by crowds and vigilantes"),
        "m_vigilante_attacks": monthly(("district",), "attacks", "attacks by vigilantes, without a protest"),
        "m_crowd_injured": monthly(("district",), "people", "injured by crowds and vigilantes"),
        "m_crowd_killed": monthly(("district",), "people", "killed by crowds and vigilantes"),
        "m_lynched": monthly(("group",), "members", "members killed by crowds and vigilantes"),
        "m_public_threats": monthly(("group",), "threats", "public threats"),
        "m_threat_credibility": monthly(
            ("district", "group"), "probability", "belief that public threats have added, at the month's end", "f8"
        ),
        "m_state_priority": monthly(("group",), "1", "factor on clearance by public threats, at the month's end", "f8"),
        "m_ultimatums": monthly(("district",), "ultimatums", "ultimatums with a deadline, by groups or crowds"),
        "m_hostility": monthly(("district",), "share", "people hostile to the labelled, at the month's end", "f8"),
        "m_backlash_incidents": monthly(("district",), "incidents", "attacks on innocents who share a label"),
        "m_backlash_injured": monthly(("district",), "people", "innocents injured in backlash"),
        "m_backlash_killed": monthly(("district",), "people", "innocents killed in backlash"),
        "m_withheld": monthly(("district",), "reports", "reports that fear of hostility kept from being made"),
    }

    def step(self, day: int) -> None:
        """Add today to its month."""
        v, city = self.v, self.city
        month = int(city.month_of_day[day])
        if v.crowd_acted[0]:
            self._protests(month)
        if v.crowd_hit[0]:
            self._harm(month)
        if np.count_nonzero(v.public_threat):
            v.m_public_threats[month] += v.public_threat
        if np.count_nonzero(v.backlash_count):
            v.m_backlash_incidents[month] += v.backlash_count
            v.m_backlash_injured[month] += v.backlash_injured
            v.m_backlash_killed[month] += v.backlash_killed
        if np.count_nonzero(v.withheld_count):
            v.m_withheld[month] += v.withheld_count
        if day + 1 == city.days or city.month_of_day[day + 1] != month:
            self._stocks(month)

    def _protests(self, month: int) -> None:
        v = self.v
        count_protests(
            v.protest_size,
            v.protest_violent,
            v.protest_sponsor,
            v.m_protests[month],
            v.m_riots[month],
            v.m_protesters[month],
            v.m_rioters[month],
            v.m_sponsored[month],
            v.m_sponsored_riots[month],
        )
        v.m_sponsor_paid[month] += v.sponsor_paid

    def _harm(self, month: int) -> None:
        v = self.v
        v.m_vehicles_burnt[month] += v.burnt_true_suspect + v.burnt_innocent
        v.m_vehicles_innocent[month] += v.burnt_innocent
        v.m_vehicles_innocent_reported[month] += v.burnt_reported_innocent
        v.m_vehicles_by_group[month] += v.burnt_by_group.sum(axis=1)
        v.m_vehicles_by_group_reported[month] += v.burnt_reported_by_group.sum(axis=1)
        innocent = v.beaten_innocent + v.vigilante_innocent
        v.m_beaten[month] += v.beaten_suspect + v.vigilante_suspect + innocent
        v.m_beaten_innocent[month] += innocent
        v.m_vigilante_attacks[month] += v.vigilante_suspect + v.vigilante_innocent
        v.m_crowd_injured[month] += v.crowd_injured
        v.m_crowd_killed[month] += v.crowd_killed
        v.m_lynched[month] += v.lynched.sum(axis=1)

    def _stocks(self, month: int) -> None:
        v = self.v
        v.m_grievance[month] = v.grievance
        v.m_repertoire[month] = v.repertoire
        v.m_collective_refusal[month] = v.collective_refusal
        v.m_threat_credibility[month] = v.threat_credibility
        v.m_state_priority[month] = v.state_priority
        v.m_hostility[month] = v.hostility
        v.m_ultimatums[month] = v.ultimatums - v.m_ultimatums[:month].sum(axis=0)
