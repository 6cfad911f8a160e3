"""The frozen registry of random decisions.

Every random number of a run is addressed by (seed, entity, stream, ordinal). The number of a stream is part of every
result ever published: a stream may be added with a new number, and none may be renumbered, reused or removed.
"""

from __future__ import annotations

from enum import IntEnum


class Stream(IntEnum):
    """One random decision: its frozen number, and in the comment its entity and ordinal."""

    FIRST_THRESHOLDS = 1  # target, 0: first territorial and remote thresholds, and frailty
    TERRITORIAL_WAIT = 2  # target, times fired in person: next threshold in person
    REMOTE_WAIT = 3  # target, times fired by remote: next threshold by remote
    SENDER = 4  # target, demand: which group asks
    SIZE = 5  # target, 0: profit of the target, and what it has at stake
    DECISION = 6  # target, demand: pay, refuse or close
    REVIEW = 7  # target, demand: days until the paying relation is reviewed
    INITIAL_RELATION = 8  # target, 0: whether the target pays an incumbent at the start
    REOPENING = 9  # target, demand: days until a closed target is replaced
    PUNISHMENT = 10  # target, demand: whether and when a refusal is punished
    METHOD = 11  # target, demand: method of the punishment
    CASUALTIES = 12  # target, demand: number of people hurt
    LETHALITY = 13  # target, demand * 4096 + person: whether a person who is hurt dies
    REPORT = 14  # target, demand: whether and when the victim reports
    INCIDENT_REPORT = 15  # target, demand: whether and when an incident is reported
    RECORD = 16  # target, demand: whether a report is recorded, and its lag
    MONTH_NOISE = 17  # district (or 2**31 for the city), month: over-dispersion of recording
    CASE_OPENING = 18  # target, demand: whether a report or an incident opens a case
    CLEARANCE_WAIT = 19  # cell, clearance: next threshold of clearing a case
    ARREST_SIZE = 20  # cell, arrest: members arrested
    CUSTODY = 21  # cell, person arrested: spell in custody, and whether the person comes back
    SWEEP_WAIT = 22  # cell, arrest in a sweep: next threshold of an arrest without a case
    LEADER = 23  # group, arrest day: whether the leader is among the arrested
    FRAGMENTATION = 24  # group, leader removal: whether the group breaks; cell of group + 1, the same: how many go
    SUCCESSION = 25  # group, leader removal: days until a new leader
    RECRUITMENT_WAIT = 26  # cell, recruit: next threshold of a recruit
    LEAVING_WAIT = 27  # cell, leaver: next threshold of a leaver
    EXPANSION_WAIT = 28  # cell, expansion: next threshold of an expansion
    EXPANSION_PLACE = 29  # cell, expansion: the neighbour that is chosen
    ADOPTION_WAIT = 30  # group, operator: next threshold of an adoption of the remote technique
    COVERAGE = 31  # event, outlet: whether an outlet carries a public event, and its delay
    ATTRIBUTION = 32  # event, outlet: whether the outlet names a group, and whom it blames where it errs
    RELATION_TIME = 33  # target, 0: days until the first review of an initial relation
    PUBLICITY = 34  # target, demand: whether an incident becomes public
    CASE_COLD = 35  # cell, case: next threshold of a case that is given up
    FOLLOW_UP = 36  # target, demand: days from a punishment to the next demand
    TURNOVER = 37  # target, day: whether a paying target has been replaced by the time of its review
    CLASH_WAIT = 40  # cell, opportunity of a clash: next threshold
    CLASH = 41  # cell, opportunity: threat or clash, and the opponent
    CLASH_ALLY = 42  # cell, opportunity: whether the defender seeks an ally
    CLASH_OUTCOME = 43  # cell, opportunity: whether the stronger side wins, or else the weaker
    CLASH_CASUALTIES = 44  # cell, opportunity * 8 + 0 to 2 (attacker, defender, ally) or 3, 4 (others): people hurt
    YIELDING = 45  # cell, opportunity: whether a loser who gives up its place submits or leaves
    CEDED_TARGET = 46  # target, day: whether a paying target is among those ceded
    RETALIATION_COUNT = 47  # cell, violent act (clash, or 2**23 + retaliation): how many acts it begets
    RETALIATION_DELAY = 48  # cell, violent act * 64 + offspring: days until the offspring
    RETALIATION_HARM = 49  # cell, retaliation: whether it kills, and whether a bystander is hurt
    AFFILIATE_SUPPLY = 50  # cell of district 0, member: next threshold of a member sent by the parent brand
    AFFILIATE_ARMS = 51  # cell of district 0, use: next threshold of arms for the signature method
    IMPOSTOR_ENTRY = 52  # district, entry: next threshold of an impostor who enters
    IMPOSTOR_EXIT = 53  # district, exit: next threshold of an impostor who leaves
    UNMASKING = 54  # target, demand: whether the refusal of an impostor will unmask somebody
    UNMASKING_WAIT = 55  # cell (claimed group x district), unmasking: next threshold
    CLAIM = 56  # target, demand: whose name an impostor uses
    TRAFFICKING_HARM_WAIT = 60  # cell of district 0, person harmed: next threshold of a person harmed by trafficking
    EXPULSION_WAIT = 61  # cell, member dismissed: next threshold of a member who is no longer paid
    SYNTHETIC_NETWORK = 62  # relation (0 rivalry, 1 alliance), attempt: an edge of the synthetic network of case V2
    FACTION = 63  # group * 2**32 + target, day: whether a paying target goes with the faction that breaks away
    PALERMO = 71  # purpose * 2**32 + agent, demand or unit of time: agents of case V6
    BOUNDARY_VIOLENCE = 72  # purpose * 2**32 + gang, attempt: places of gangs and of their encounters in case V10
    TERRITORY_WALK = 70  # gang * 2**48 + site * 2**16 + walker, step (from 1 on): moves on the lattice of case V5
    OUTBREAK_WAIT = 80  # cell of group 0, outbreak: next threshold of an outbreak of protest
    OUTBREAK = 81  # district, outbreak: how many assemblies hear of it, and whether it is violent
    CROWD_THRESHOLD = 82  # district * 2**32 + outbreak, two people: what part of the crowd each waits for
    SPONSOR = 83  # district, outbreak: whether a group has paid people to be there
    CROWD_ATTACK = 84  # district, (outbreak * 64 + attack) * 4 + 0 to 3: who is hit, whether somebody dies, reports
    JOINING = 85  # target, 0: whether a merchant is among those who refuse together
    ASSOCIATION = 86  # district, outbreak: whether merchants refuse together afterwards, and for how long
    VIGILANTE_WAIT = 87  # cell of group 0, attack: next threshold of an attack by vigilantes
    VIGILANTE_ATTACK = 88  # district, attack * 4 + 0 to 3: as CROWD_ATTACK
    CIVIL_VIOLENCE = 89  # purpose * 2**32 + agent, step: agents on the lattice of case V8
    PUBLIC_THREAT_WAIT = 90  # cell, threat: next threshold of a public threat
    PUBLIC_THREAT = 91  # cell, threat: whether the threat sets a deadline
    ULTIMATUM = 92  # district, day: whether a crowd sets a deadline
    ULTIMATUM_OUTCOME = 93  # district, ultimatum: whether it is carried out
    BACKLASH_WAIT = 94  # cell of group 0, incident: next threshold of an incident against innocents
    BACKLASH_HARM = 95  # district, incident * 64 + 0 (how many are hurt) or a person (whether the person dies)
    LABELLED_OWNER = 96  # target, 0: whether its owner is one of the labelled
    WITHHELD_REPORT = 97  # target, demand: whether fear of hostility keeps the owner from reporting
    TRIGGER = 98  # rule, use: nothing is drawn; the id of what a rule sets off
    MISCOUNT = 110  # event, outlet: whether the outlet misstates numbers, and by how much
    SUSPICION = 111  # event, outlet: whether the outlet says that somebody is behind a protest, and who where it errs
    BORROWED_NAME = 112  # event, 0: whose name the impostors had used who were arrested
    POLICY = 114  # policy * 1024 + its place among the policy's districts, day: nothing is drawn; id of its start
    CAPTURE = 113  # cell, day: nothing is drawn; the id of arrests by a prepared operation
    GENERAL_WAIT = 120  # cell, case: next threshold of a case that is opened without a complaint
    COLLUSION_WAIT = 121  # cell of group 0, turn: next threshold of the beginning or the end of collusion
    LEAK = 122  # target, demand: whether a report leaks to the group
