"""The Palermo scenario of GLODERS-S: one mafia, 100 entrepreneurs, 200 consumers and 20 police (case V6).

What happens in a unit of time, in this order: prisoners are released; a campaign for social norms reaches some people;
every mafioso at large goes about his round (waits, demands from an entrepreneur drawn at random, collects or punishes
two units later); police open cases and arrest.

Rules of the mechanisms that run here, as in a city: `decision.pay_chance`, `credibility.reputation` (of the punisher,
of the state that finds payers, and of the state that protects), `reporting.report_chance`, `investigation.open_cases`
and `clearance_hazard`, `custody.admit` and `release`; and those of `norms`, which only this case uses.

Where the published rules leave something open, or a rule of ours stands for theirs, `policy_experiment` says what was
chosen. One unit of time is a step; a cell of police and custody is one mafioso.
"""

from __future__ import annotations

import numpy as np

from racketsim.engine.cells import fire_cells
from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.mechanism import Array
from racketsim.engine.philox import normal, uniform, uniform_pair
from racketsim.mechanisms.credibility import reputation
from racketsim.mechanisms.custody import admit, release
from racketsim.mechanisms.decision import pay_chance
from racketsim.mechanisms.investigation import clearance_hazard, open_cases
from racketsim.mechanisms.norms import PUNISHED, act_chance, invoke, keep, normative_drive, salience
from racketsim.mechanisms.reporting import report_chance
from racketsim.verification.palermo_agents import (
    CAMPAIGN,
    CITIZENS,
    CLEARANCE,
    DENOUNCING,
    DRAW,
    ENTREPRENEURS,
    EVIDENCE,
    MAFIOSI,
    NOBODY,
    NORMS,
    NOT_DENOUNCING,
    NOT_PAYING,
    OFFICERS,
    PAYING,
    REPORTING,
    ROUND,
    RUMOUR,
    SIGHT,
    STRONG,
    WAIT,
    WEAK,
    Mafia,
    People,
    Police,
    Rules,
    State,
    Tally,
    empty_tally,
    enlist,
    friend,
    gather,
    see,
)

UNITS = 20_000
_WAITING, _COLLECTING = 0, 1


@kernel
def critical_share(people: People, who: Int) -> Real:
    """Return the share of the consumers whom an entrepreneur knows to whom not paying is more salient than paying."""
    consumers, critical = 0, 0
    for place in range(people.starts[who], people.starts[who + 1]):
        other = people.friends[place]
        if other >= ENTREPRENEURS:
            consumers += 1
            against = salience(people.counts[other, NOT_PAYING])
            critical += against > salience(people.counts[other, PAYING])
    return critical / consumers if consumers > 0 else 0.0


@kernel
def pays(rules: Rules, people: People, who: Int) -> Real:
    """Return the chance that an entrepreneur pays: by interest, the choice of a city, and by norms.

    Paying costs the demand less the benefit of protection, plus the penalty of the state by its reputation for finding
    payers. Only the difference to the harm of refusing counts, so all of it is added to that harm.
    """
    fear = reputation(rules.expected_punishing, rules.reputation_weight, people.punishments[who], people.refusals[who])
    finding = reputation(0.0, rules.reputation_weight, people.found[who], people.payments[who])
    gain = rules.most_benefit * people.benefit[who] - rules.state_penalty * finding * (1.0 - rules.collaborating)
    harm = (rules.damage + gain / max(fear, 1e-9)) / rules.extortion
    interest = pay_chance(fear, harm, np.inf, 1.0, 1, 1.0, rules.noise)
    norm = normative_drive(salience(people.counts[who, PAYING]), salience(people.counts[who, NOT_PAYING]))
    return act_chance(interest, norm, rules.norm_weight)


@kernel
def denounces(rules: Rules, people: People, who: Int) -> Real:
    """Return the chance that an entrepreneur who has refused denounces."""
    fear = reputation(rules.expected_punishing, rules.reputation_weight, people.punishments[who], people.refusals[who])
    trust = reputation(0.0, rules.reputation_weight, people.rescues[who], people.complaints[who])
    interest = report_chance(REPORTING, False, trust, fear, critical_share(people, who), False, False, 0.0)
    norm = normative_drive(salience(people.counts[who, DENOUNCING]), salience(people.counts[who, NOT_DENOUNCING]))
    return act_chance(interest, norm, rules.norm_weight) ** rules.denouncing_power


@kernel
def campaign(seed: Int, unit: Int, share: Real, people: People) -> None:
    """Let a campaign reach a share of all citizens: do not pay, denounce."""
    for person in range(CITIZENS):
        draw = uniform(seed, CAMPAIGN + person, DRAW, unit)
        invoke(draw, share, people.counts[person], NOT_PAYING, PAYING)
        invoke(draw, share, people.counts[person], DENOUNCING, NOT_DENOUNCING)


@kernel
def demand(seed: Int, rules: Rules, people: People, mafia: Mafia, m: Int, phase: Int, tally: Tally) -> bool:
    """Let mafioso `m` make a demand; return whether it is refused and denounced."""
    nth = mafia.rounds[m]
    which, pay = uniform_pair(seed, ROUND + m, DRAW, nth)
    hears, report = uniform_pair(seed, RUMOUR + m, DRAW, nth)
    who = np.int64(which * ENTREPRENEURS)
    mafia.whom[m] = who
    people.asked[who] += 1
    mafia.ordinal[m] = people.asked[who]
    tally.demands[phase] += 1
    paid = pay < pays(rules, people, who)
    mafia.paid[m] = paid
    kept, broken = (PAYING, NOT_PAYING) if paid else (NOT_PAYING, PAYING)
    other = friend(people, who, hears)
    keep(people.counts[who], kept, broken, True)
    keep(people.counts[other], kept, broken, False)
    seen = people.payments if paid else people.refusals
    seen[who] += 1.0
    seen[other] += 1.0
    tally.paid[phase] += paid
    if paid:
        return False
    told = report < denounces(rules, people, who)
    kept, broken = (DENOUNCING, NOT_DENOUNCING) if told else (NOT_DENOUNCING, DENOUNCING)
    keep(people.counts[who], kept, broken, True)
    keep(people.counts[other], kept, broken, False)
    if told:
        tally.denounced[phase] += 1
        mafia.complainant[m] = who
        see(people, who, people.complaints)
    return bool(told)


@kernel
def collect(seed: Int, rules: Rules, people: People, mafia: Mafia, m: Int, phase: Int, tally: Tally) -> None:
    """Let mafioso `m` collect what was agreed, or punish, as he does with a chance."""
    who = mafia.whom[m]
    if mafia.paid[m]:
        mafia.customers[m, who] = 1
    elif uniform(seed, SIGHT + m, DRAW, 2 * mafia.rounds[m] + 1) < rules.punishing:
        tally.punishments[phase] += 1
        see(people, who, people.punishments)
        see(people, who, people.counts[:, PAYING, PUNISHED])


@kernel
def wait(seed: Int, rules: Rules, mafia: Mafia, m: Int, since: Real) -> None:
    """Let mafioso `m` wait for his next round."""
    mafia.rounds[m] += 1
    spell = rules.wait_mean + rules.wait_sd * normal(seed, WAIT + m, DRAW, mafia.rounds[m])
    mafia.due[m] = since + max(0.0, spell)
    mafia.stage[m] = _WAITING


@kernel
def convict(seed: Int, rules: Rules, state: State, people: People, mafia: Mafia, m: Int, tally: Tally) -> Real:
    """Look for evidence at the arrest of mafioso `m`, who may turn; return the chance that he is convicted.

    A list of customers brings those on it to light, and, where they collaborate, a witness against the mafia.
    """
    if mafia.complainant[m] != NOBODY:
        see(people, mafia.complainant[m], people.rescues)
    mafia.complainant[m] = NOBODY
    conviction = min(1.0, state.conviction + rules.per_collaboration * tally.collaborations[0])
    listed, helps = uniform_pair(seed, EVIDENCE + m, DRAW, 2 * mafia.admitted[m, 0])
    turns = uniform(seed, EVIDENCE + m, DRAW, 2 * mafia.admitted[m, 0] + 1)
    if listed < state.evidence:
        for who in range(ENTREPRENEURS):
            if mafia.customers[m, who]:
                see(people, who, people.found)
        tally.collaborations[0] += helps < rules.collaborating
    tally.collaborations[0] += turns < rules.pentito * conviction
    mafia.customers[m] = 0
    return conviction


@kernel
def investigate(
    seed: Int, unit: Int, rules: Rules, state: State, people: People, mafia: Mafia, police: Police, tally: Tally
) -> None:
    """Arrest those whose cases are cleared, within the capacity of the police."""
    hazard, fired = np.empty((MAFIOSI, 1)), np.zeros((MAFIOSI, 1), np.int64)
    everybody, none = np.ones(MAFIOSI), np.zeros((MAFIOSI, 1))
    room, wanted, waiting = np.full(1, OFFICERS / rules.clearance), np.empty(1), np.empty(1)
    pursued, units = np.ones((MAFIOSI, 1)), np.zeros(1)
    clearance_hazard(mafia.cases, everybody, pursued, none, room, units, rules.clearance, 0.0, wanted, hazard, waiting)
    if fire_cells(seed, CLEARANCE, hazard, police.clearance_threshold, police.clearances, fired):
        for m in range(MAFIOSI):
            if fired[m, 0] == 0:
                continue
            mafia.cases[m, 0] = 0
            arrested = np.zeros((MAFIOSI, 1), np.int64)
            arrested[m, 0] = 1
            let_go = 1.0 - convict(seed, rules, state, people, mafia, m, tally)
            settings = (let_go, rules.custody, rules.custody + state.prison, 1.0)
            calendar = (police.head, police.link, police.free, police.cell, police.returns)
            admit(seed, unit, settings, arrested, mafia.admitted, mafia.held, *calendar)


@kernel
def note(mafia: Mafia, m: Int, entry: Array) -> None:
    """Note the last demand of mafioso `m` for the police: entrepreneur, class, mafioso, ordinal, that it is known."""
    entry[0] = mafia.whom[m]
    entry[2] = m
    entry[3] = mafia.ordinal[m]
    entry[4] = 1


@kernel
def open_by(
    seed: Int, chance: Real, complaints: Int, told: Array, sightings: Int, seen: Array, cases: Array, opened: Array
) -> None:
    """Open a case on each complaint and each sighting, noted in columns of `told` and `seen`, with a chance."""
    complaint, sighting = (told[0], told[1], told[2], told[3], told[4]), (seen[0], seen[1], seen[2], seen[3], seen[4])
    open_cases(seed, 1, chance, chance, complaints, *complaint, sightings, *sighting, cases, opened)


@kernel
def go_round(
    seed: Int,
    unit: Int,
    rules: Rules,
    state: State,
    people: People,
    mafia: Mafia,
    phase: Int,
    tally: Tally,
) -> Int:
    """Let every mafioso at large do what is due, and the police open cases on it; return the open cases."""
    told, seen = np.zeros((5, MAFIOSI), np.int64), np.zeros((5, MAFIOSI), np.int64)
    opened = np.zeros((MAFIOSI, 1), np.int64)
    complaints = sightings = 0
    for m in range(MAFIOSI):
        if mafia.held[m, 0]:
            tally.jailed[phase] += 1
            continue
        while mafia.due[m] < unit + 1:
            if mafia.stage[m] == _COLLECTING:
                collect(seed, rules, people, mafia, m, phase, tally)
                if uniform(seed, SIGHT + m, DRAW, 2 * mafia.rounds[m]) < OFFICERS / ENTREPRENEURS:
                    note(mafia, m, seen[:, sightings])
                    sightings += 1
                wait(seed, rules, mafia, m, mafia.due[m])
                continue
            if demand(seed, rules, people, mafia, m, phase, tally):
                note(mafia, m, told[:, complaints])
                complaints += 1
            mafia.stage[m] = _COLLECTING
            mafia.due[m] += rules.collecting
    if complaints > 0:
        open_by(seed, state.investigating * state.capturing, complaints, told, 0, seen, mafia.cases, opened)
        for m in told[2, :complaints]:
            if opened[m, 0] == 0:
                mafia.complainant[m] = NOBODY
    if sightings > 0:
        open_by(seed, state.capturing, 0, told, sightings, seen, mafia.cases, opened)
    return mafia.cases.sum()


@kernel
def simulate(
    seed: Int,
    rules: Rules,
    state_by_phase: tuple[State, State],
    social: bool,
    people: People,
    mafia: Mafia,
    police: Police,
    tally: Tally,
) -> None:
    """Run both phases and fill the `tally`."""
    units = police.head.size
    released, returned = np.zeros((MAFIOSI, 1), np.int64), np.zeros((MAFIOSI, 1), np.int64)
    by_mafioso = np.zeros(MAFIOSI, np.int64)
    calendar = (police.head, police.link, police.free, police.cell, police.returns)
    for unit in range(units):
        phase = 2 * unit // units
        state = state_by_phase[phase]
        if release(unit, *calendar, mafia.held, released, returned, by_mafioso) > 0:
            for m in range(MAFIOSI):
                if released[m, 0] > 0:
                    wait(seed, rules, mafia, m, float(unit))
        if social and phase == 0 and unit % rules.campaign_days == 0:
            campaign(seed, unit, rules.campaign_share, people)
        if go_round(seed, unit, rules, state, people, mafia, phase, tally) > 0:
            investigate(seed, unit, rules, state, people, mafia, police, tally)
        if unit == units - 1 or 2 * (unit + 1) // units > phase:
            for norm in range(NORMS):
                for who in range(ENTREPRENEURS):
                    tally.salience[phase, norm] += salience(people.counts[who, norm]) / ENTREPRENEURS


def run_scenario(seed: int, legal: bool, social: bool, units: int = UNITS, rules: Rules | None = None) -> Tally:
    """Run one scenario of the policy experiment for `units` of time, in the first half of which policies are on.

    `legal` makes the state strong, `social` has a campaign against paying and for denouncing. A run of 20,000 units
    with 300 citizens, 20 mafiosi and 20 police is what the published program took about a minute for.
    """
    rules = rules or Rules()
    key = np.uint64(seed)
    tally = empty_tally()
    mafia, police = enlist(key, rules, units)
    simulate(key, rules, (STRONG if legal else WEAK, WEAK), social, gather(key), mafia, police, tally)
    return tally
