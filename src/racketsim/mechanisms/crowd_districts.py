"""One day of the crowd over all districts: what is remembered and resented, who would begin, whom the state answers.

Kernels of `crowd`, whose rules are in `crowd_rules`.
"""

from __future__ import annotations

from collections.abc import Sequence

from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.mechanism import Array
from racketsim.mechanisms.asking import TEST
from racketsim.mechanisms.crowd_rules import NOBODY, arrest_risk, grievance_from, hardship_from, normal_share

INCUMBENT, ENTRANT = 1, 2
NONE, ANSWERED, UNANSWERED = 0, 1, 2


@kernel
def remember(
    keep: Real,
    kinds: Int,
    demands: Int,
    class_: Array,
    reason_: Array,
    incidents: Int,
    in_class: Array,
    in_public: Array,
    in_injured: Array,
    in_killed: Array,
    clashes: Array,
    clash_injured: Array,
    clash_killed: Array,
    retaliated: Array,
    retaliation_injured: Array,
    avenged: Array,
    alarm_weight: Real,
    alarm: Array,
    opened: Array,
    cleared: Array,
    victims_seen: Array,
    violence_seen: Array,
    opened_seen: Array,
    cleared_seen: Array,
) -> None:
    """Forget a little, then add the day's demands, public violence and cases by district.

    Demands on payers who have united to refuse do not count: refusing in company must not feed the grievance behind it.

    Violence between groups counts by clashes, retaliations and people hurt in them (those killed in retaliation are
    `avenged[G, D]`), public threats by their `alarm[D]`.
    """
    for district in range(victims_seen.size):
        victims_seen[district] *= keep
        between = clashes[district] + clash_injured[district] + clash_killed[district]
        between += retaliated[district] + retaliation_injured[district]
        violence_seen[district] = keep * violence_seen[district] + between + alarm_weight * alarm[district]
        opened_seen[district] *= keep
        cleared_seen[district] *= keep
    for n in range(demands):
        if reason_[n] != TEST:
            victims_seen[class_[n] // kinds] += 1.0
    for n in range(incidents):
        if in_public[n]:
            violence_seen[in_class[n] // kinds] += 1.0 + in_injured[n] + in_killed[n]
    for group in range(opened.shape[0]):
        for district in range(opened.shape[1]):
            violence_seen[district] += avenged[group, district]
            opened_seen[district] += opened[group, district]
            cleared_seen[district] += cleared[group, district]


@kernel
def resent(
    weights: Sequence[Real],
    targets: Array,
    payments: Array,
    trust: Array,
    distrust: Array,
    victims_seen: Array,
    violence_seen: Array,
    opened_seen: Array,
    cleared_seen: Array,
    grievance: Array,
) -> None:
    """Set `grievance[D]` from victimisation, visible violence and impunity, and from trust in the police.

    Of trust the share `distrust[D]` is lost to collusion."""
    by_demand, by_payer, by_violence = weights
    for district in range(grievance.size):
        paying = 0.0
        for kind in range(payments.shape[1]):
            paying += payments[district, kind]
        count = max(targets[district], 1.0)
        impunity = max(1.0 - cleared_seen[district] / (1.0 + opened_seen[district]), 0.0)
        hardship = hardship_from(
            by_demand * 100.0 * victims_seen[district] / count,
            by_payer * min(paying / count, 1.0),
            by_violence * violence_seen[district],
            impunity,
        )
        grievance[district] = grievance_from(hardship, trust[district] * (1.0 - distrust[district]))


@kernel
def stir(
    settings: Sequence[Real],
    assemblies: Array,
    company: Array,
    patrols: Array,
    mobility: Array,
    grievance: Array,
    paid: Array,
    beginners: Array,
    hazard: Array,
) -> None:
    """Set the hazard `[1, D]` of outbreaks.

    `beginners[d]` becomes the share of people who would begin, `paid[d]` is what a sponsor adds to it.
    """
    mean, spread, weight, fear, factor, at_hand, rate, capture = settings
    for district in range(grievance.size):
        risk = arrest_risk(at_hand * patrols[district], max(company[district], 1.0), factor, False)
        beginners[district] = normal_share((weight * grievance[district] - mean - fear * risk) / spread)
        places = assemblies[district] * mobility[district]
        hazard[0, district] = rate * places * (beginners[district] + capture * paid[district])


@kernel
def hear_answers(
    day: Int,
    relief: Real,
    base: Real,
    keep: Real,
    surge: Array,
    emergency: Array,
    victims_seen: Array,
    petition_until: Array,
    petition_state: Array,
    petition_victims: Array,
    refusal_until: Array,
    repertoire: Array,
    refusal: Array,
    outcome: Array,
) -> Int:
    """Let repertoires and refusals fade, and say which petitions were answered today or ran out (`outcome[D]`).

    Returns how many. The state answers with more officers than on the day of the protest, or an emergency; demands that
    are remembered must have fallen by `relief`.
    """
    count = 0
    for district in range(repertoire.size):
        repertoire[district] = base + (repertoire[district] - base) * keep
        if refusal_until[district] <= day:
            refusal[district] = 0.0
        outcome[district] = NONE
        if petition_until[district] < 0:
            continue
        presence = surge[district] + emergency[district]
        calmer = victims_seen[district] < (1.0 - relief) * petition_victims[district]
        if calmer or presence > petition_state[district]:
            outcome[district] = ANSWERED
        elif day >= petition_until[district]:
            outcome[district] = UNANSWERED
        else:
            continue
        petition_until[district] = -1
        count += 1
    return count


@kernel
def find_sponsors(
    members: Array,
    relations: Array,
    role: Array,
    starts: Array,
    neighbours: Array,
    sponsor: Array,
    rival: Array,
) -> None:
    """Set `rival[d]` to the entrant that collects most in d and `sponsor[d]` to the incumbent with most members around.

    Both are -1 where there is no entrant to steer against, or nobody to do it.
    """
    for district in range(sponsor.size):
        sponsor[district] = rival[district] = NOBODY
        most, strongest = 0, 0
        for group in range(members.shape[0]):
            if role[group] == ENTRANT and relations[district, group] > most:
                most, rival[district] = relations[district, group], group
            if role[group] != INCUMBENT:
                continue
            around = members[group, district]
            for place in range(starts[district], starts[district + 1]):
                around += members[group, neighbours[place]]
            if around > strongest:
                strongest, sponsor[district] = around, group
        if rival[district] == NOBODY or sponsor[district] == NOBODY:
            sponsor[district] = rival[district] = NOBODY
