"""The monthly records of a run: which arrays there are, their dimensions, units and meaning.

Everything that labels, joins or saves records reads `VARIABLES`; nothing else describes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Records = Mapping[str, npt.NDArray[np.generic]]
Dates = npt.NDArray[np.datetime64]


class Variable(NamedTuple):
    """One record: dimensions after `time`, unit, short name, and how it comes about."""

    dims: tuple[str, ...]
    units: str
    long_name: str
    description: str


_PLACE = ("district",)
_KIND = ("district", "kind")
_CHANNEL = ("district", "kind", "channel")
_GROUP = ("district", "group")

_STREETS: dict[str, Variable] = {
    "protests": Variable(_PLACE, "protests", "peaceful protests", "protests that stayed peaceful"),
    "riots": Variable(_PLACE, "riots", "riots", "protests that turned violent"),
    "protesters": Variable(_PLACE, "people", "people at protests", "people at peaceful protests"),
    "rioters": Variable(_PLACE, "people", "people at riots", "people at violent protests"),
    "sponsored": Variable(_PLACE, "protests", "sponsored protests", "protests and riots that a group paid people for"),
    "sponsored_riots": Variable(_PLACE, "riots", "sponsored riots", "riots that a group paid people for"),
    "sponsor_paid": Variable(
        ("group",), "centimos", "paid to protesters", "paid to people at protests, hundredths of the currency"
    ),
    "grievance": Variable(_PLACE, "1", "grievance", "of those at stops and markets at the month's end, from 0 to 1"),
    "repertoire": Variable(_PLACE, "probability", "violent share", "that a protest is violent, at the month's end"),
    "collective_refusal": Variable(
        _PLACE, "share", "collective refusal", "share of targets that refuse together, at the month's end"
    ),
    "vehicles_burnt": Variable(_PLACE, "vehicles", "vehicles burnt", "vehicles burnt by crowds"),
    "vehicles_innocent": Variable(_PLACE, "vehicles", "vehicles of innocents", "vehicles burnt that were no group's"),
    "vehicles_innocent_reported": Variable(
        _PLACE, "vehicles", "vehicles of innocents, reported", "vehicles burnt that by report were no group's"
    ),
    "vehicles_by_group": Variable(("group",), "vehicles", "vehicles by true owner", "vehicles burnt, by true owner"),
    "vehicles_by_group_reported": Variable(
        ("group",), "vehicles", "vehicles by reported owner", "vehicles burnt, by the owner in reports"
    ),
    "beaten": Variable(_PLACE, "people", "people beaten", "people beaten by crowds and vigilantes"),
    "beaten_innocent": Variable(_PLACE, "people", "innocents beaten", "of these, people with no part in extortion"),
    "vigilante_attacks": Variable(_PLACE, "attacks", "vigilante attacks", "attacks by vigilantes, without a protest"),
    "crowd_injured": Variable(_PLACE, "people", "injured by crowds", "people injured by crowds and vigilantes"),
    "crowd_killed": Variable(_PLACE, "people", "killed by crowds", "people killed by crowds and vigilantes"),
    "lynched": Variable(("group",), "people", "members lynched", "members killed by crowds and vigilantes"),
    "public_threats": Variable(("group",), "threats", "public threats", "threats of groups in public"),
    "threat_credibility": Variable(
        _GROUP, "probability", "belief from threats", "belief in punishment that threats added, at the month's end"
    ),
    "state_priority": Variable(
        ("group",), "1", "priority of the state", "factor on clearance by public threats, at the month's end"
    ),
    "ultimatums": Variable(_PLACE, "ultimatums", "ultimatums", "deadlines set in public by groups or crowds"),
    "hostility": Variable(
        _PLACE, "share", "hostility", "share of people hostile to those who share a label, at the month's end"
    ),
    "backlash_incidents": Variable(_PLACE, "incidents", "backlash", "attacks on innocents who share a label; a harm"),
    "backlash_injured": Variable(_PLACE, "people", "injured in backlash", "innocents injured, a harm"),
    "backlash_killed": Variable(_PLACE, "people", "killed in backlash", "innocents killed, a harm"),
    "withheld": Variable(
        _PLACE, "cases", "reports withheld", "reports that fear of hostility kept from being made; a harm"
    ),
}
"""What crowds, threats in public and hostility leave behind."""

VARIABLES: dict[str, Variable] = {
    "demands": Variable(_CHANNEL, "cases", "demands", "demands made; every demand is a true case of extortion"),
    "paid": Variable(_CHANNEL, "cases", "demands paid", "decisions to pay, in the month of the decision"),
    "refused": Variable(_CHANNEL, "cases", "demands refused", "decisions to refuse, in the month of the decision"),
    "demands_ceded": Variable(
        _PLACE, "cases", "demands of winners", "part of the demands: by the winner of a clash, on targets ceded to it"
    ),
    "demands_of_united": Variable(
        _PLACE, "cases", "demands on united payers", "part of the demands: on payers who have united to refuse"
    ),
    "paid_both": Variable(
        _PLACE, "cases", "demands paid beside another's", "decisions to pay the group that asks and another as well"
    ),
    "closed": Variable(_KIND, "targets", "closures", "targets that closed because of extortion"),
    "demands_by_group": Variable(_GROUP, "cases", "demands by group", "demands by the group that made them"),
    "payments": Variable(_KIND, "payments", "payments", "instalments of tribute that were paid"),
    "tribute_by_kind": Variable(_KIND, "centimos", "tribute by kind", "money paid, hundredths of the currency"),
    "tribute_by_group": Variable(_GROUP, "centimos", "tribute by group", "money received, hundredths of the currency"),
    "relations": Variable(
        _KIND, "relations", "paying relations", "targets that pay regularly, at the month's end; two where they pay two"
    ),
    "relations_by_group": Variable(
        _GROUP, "relations", "paying relations by group", "targets that pay the group regularly, at the month's end"
    ),
    "reported": Variable(_PLACE, "cases", "reported cases", "true cases reported, in the month of the report"),
    "recorded": Variable(_PLACE, "cases", "recorded cases", "reports entered by the police, by month of report, final"),
    "recorded_on_time": Variable(
        _PLACE, "cases", "recorded on time", "reports that were entered before the month of the report ended"
    ),
    "incidents": Variable(("district", "method"), "incidents", "incidents", "punishments carried out, by method"),
    "incidents_by_group": Variable(
        ("group", "method"), "incidents", "incidents by group", "punishments carried out, by group and method"
    ),
    "injured": Variable(_PLACE, "people", "people injured", "people injured in incidents"),
    "killed": Variable(_PLACE, "people", "people killed", "people killed in incidents"),
    "cases_opened": Variable(_PLACE, "cases", "investigations opened", "cases that the police took up"),
    "cases_cleared": Variable(_PLACE, "cases", "investigations cleared", "cases closed with an arrest"),
    "cases_found": Variable(
        _PLACE, "cases", "investigations without a complaint", "cases that general investigation opened"
    ),
    "cases_given_up": Variable(_PLACE, "cases", "investigations given up", "cases that went cold"),
    "cases_open": Variable(_PLACE, "cases", "investigations open", "open cases at the month's end"),
    "cases_waiting": Variable(
        _PLACE, "cases", "investigations waiting", "open cases on which nobody works, at the month's end"
    ),
    "unit_days": Variable((), "officer-days", "days of special units", "investigators of special units on duty"),
    "collusion_days": Variable(_PLACE, "days", "days of collusion", "days on which a group had the district's police"),
    "leaks": Variable(_PLACE, "cases", "reports leaked", "reports that leaked to the group they were against"),
    "arrests": Variable(_PLACE, "people", "arrests", "members arrested"),
    "arrests_by_group": Variable(("group",), "people", "arrests by group", "members arrested, by group"),
    "held": Variable(("group",), "people", "members held", "members in custody at the month's end"),
    "members": Variable(_GROUP, "people", "members", "members at large at the month's end"),
    "operators": Variable((), "people", "remote operators", "operators of the remote channel at the month's end"),
    "expansions": Variable(_PLACE, "events", "expansions", "groups that moved into the district"),
    "takeovers": Variable(_PLACE, "events", "takeovers", "times that the district passed from one group to another"),
    "districts_held": Variable(
        ("group",), "districts", "districts held", "districts that the group holds at the month's end"
    ),
    "concentration": Variable(
        _PLACE, "1", "concentration", "Herfindahl index of members over groups at the month's end, 0 where nobody is"
    ),
    "officer_days": Variable(_PLACE, "officer-days", "officer-days", "days of officers on duty in the district"),
    "emergency_days": Variable(_PLACE, "days", "days of emergency", "days under a state of emergency"),
    "emergency_person_days": Variable(
        _PLACE, "person-days", "person-days of emergency", "residents times days under a state of emergency"
    ),
    "displaced_demands": Variable(
        _PLACE, "cases", "displaced demands", "demands made here because a policy elsewhere pushed them away"
    ),
    "deterred_demands": Variable(
        _PLACE, "cases", "deterred demands", "expected demands in person that surges kept from being made here"
    ),
    "diffused_benefit": Variable(
        _PLACE, "cases", "diffusion of benefits", "part of the deterred demands: those deterred by surges in neighbours"
    ),
    "perceived_arrest": Variable(
        _PLACE, "1/member-week", "perceived risk of arrest", "as members in the district judge it, at the month's end"
    ),
    "clashes": Variable(_PLACE, "clashes", "clashes", "clashes between groups"),
    "retaliations": Variable(_PLACE, "acts", "retaliations", "acts of retaliation between groups"),
    "rival_threats": Variable(_PLACE, "threats", "threats between groups", "threats of one group against another"),
    "rival_killed": Variable(
        _PLACE, "people", "killed between groups", "people killed in clashes and retaliation, bystanders included"
    ),
    "rival_injured": Variable(
        _PLACE, "people", "injured between groups", "people injured in clashes and retaliation, bystanders included"
    ),
    "expulsions": Variable(_PLACE, "cells", "expulsions", "groups driven out of the district or taken over by a rival"),
    "fallen": Variable(("group",), "people", "members killed", "members killed by rivals"),
    "contestedness": Variable(_PLACE, "1", "contestedness", "how contested control is at the month's end, from 0 to 1"),
    "tribute_level": Variable(
        _PLACE, "1", "tribute level", "tribute asked relative to a place without rivals, at the month's end"
    ),
    "revenue": Variable(
        ("group", "activity"), "centimos", "revenue", "money that groups took, by activity, hundredths of the currency"
    ),
    "debtors": Variable(_GROUP, "people", "debtors", "people who owe a loan to the group at the month's end"),
    "harmed": Variable(("group",), "people", "people harmed by trafficking", "people harmed, a count only"),
    "dismissed": Variable(("group",), "people", "members dismissed", "members whom takings could not pay"),
    "demands_by_claim": Variable(_GROUP, "cases", "demands by claimed sender", "demands by the name that was used"),
    "impostors": Variable(_PLACE, "people", "impostors", "impostors at work at the month's end"),
    "unmasked": Variable(_GROUP, "people", "impostors unmasked", "impostors unmasked, by the name that they used"),
    "supplied": Variable(("group",), "people", "members supplied", "members whom a parent sent to an affiliate"),
    "linked": Variable(
        ("group",), "1", "linked to the parent", "whether the group is linked to its parent, at month's end"
    ),
    "arms": Variable(("group",), "uses", "arms", "uses of the signature method in store at the month's end"),
    "priority": Variable(("group",), "1", "police priority", "what the police add to clearance, at the month's end"),
    "brand_credibility": Variable(
        ("group",), "probability", "credibility of the brand", "of the group's brand over the city, at the month's end"
    ),
    "credibility": Variable(
        _GROUP, "probability", "credibility", "perceived chance of punishment after a refusal, at the month's end"
    ),
    **_STREETS,
}


def month_starts(start: date, count: int) -> Dates:
    """Return the first days of `count` months from that of `start`: datetime64[D], shape [count]."""
    first = np.datetime64(f"{start:%Y-%m}", "M")
    return (first + np.arange(count)).astype("datetime64[D]")


def months_complete(start: date, reached: date, count: int) -> int:
    """Return how many of `count` months from `start` had ended by the day `reached`."""
    after = reached + timedelta(days=1)
    whole = (after.year - start.year) * 12 + after.month - start.month
    return max(0, min(count, whole))


def month_index(start: date, month: date) -> int:
    """Return the position of `month` in months counted from that of `start` (negative before it)."""
    return (month.year - start.year) * 12 + month.month - start.month
