"""The crowd: protest, riot, refusal in company, and who may pay for it (A8, A14, A20).

People who work at stops and markets stand together in assemblies. Their grievance is Epstein's, G = H (1 - trust), with
    H = 1 - exp(-impunity * (a * demands per 100 targets + b * paying share + c * visible violence)),
demands and violence (public incidents and threats, clashes between groups, and one more for each person hurt) forgotten
with a half-life, and impunity the share of remembered cases that were not cleared. An outbreak starts in an assembly
at the rate of those in it who would begin (the lower tail of normal thresholds, less grievance, plus fear of the
officers at hand), and reaches a heavy-tailed number of assemblies (as waves of strikes: Biggs 2005, AJS 110:1684).
Its size is the least fixed point of Granovetter's thresholds with Epstein's risk (`crowd_rules`).

A protest is violent with the chance of its district's repertoire, at first small. A peaceful one asks for something:
if the state answers within some days (officers are added, an emergency is declared, or victimisation falls) the violent
share moves by `response`, of which the sign is not known; if not, it rises here and in the districts around (A14).
An ultimatum that a crowd carries out adds to it too (`ultimatums`). A large peaceful protest may make merchants refuse
together for a time (`collective_refusal`, which `decision` reads), the more the crowd is believed.
What a violent crowd does is in `crowd_violence`.

Capture (A20) is a hypothesis with a strength from 0 (off) to 1: where an entrant collects, the strongest incumbent
around pays people to be at a protest, who come whatever others do, and steers its violence to the entrant.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from racketsim.engine.bound import LATE, bind
from racketsim.engine.cells import draw_thresholds, fire_cells
from racketsim.engine.log import event_id
from racketsim.engine.mechanism import Mechanism, Switch, Variable
from racketsim.engine.philox import exponential, uniform, uniform_pair
from racketsim.engine.streams import Stream
from racketsim.mechanisms.crowd_districts import (
    ANSWERED,
    ENTRANT,
    INCUMBENT,
    find_sponsors,
    hear_answers,
    remember,
    resent,
    stir,
)
from racketsim.mechanisms.crowd_rules import FEWEST_TOGETHER, NOBODY, crowd_size, more_violent
from racketsim.mechanisms.parameters import Parameters, parameter

CAPTURE = {"off": 0.0, "weak": 0.3, "strong": 1.0}
"""The settings of the hypothesis that incumbents steer protests, as values of the parameter `capture`."""

_OUTBREAK_WAIT, _OUTBREAK = int(Stream.OUTBREAK_WAIT), int(Stream.OUTBREAK)
_SPONSOR, _ASSOCIATION = int(Stream.SPONSOR), int(Stream.ASSOCIATION)
_CROWDS = 1 << 32
_SMALLEST = 10
"""Fewer people than this are no protest."""


class CrowdParameters(Parameters):
    """What moves crowds, how they grow and turn violent, who unites and who pays."""

    memory: float = parameter("days", "half-life of remembered demands, violence and cases", gt=0.0, le=1e4)
    demand_weight: float = parameter(
        "targets/100 demands", "hardship of a remembered demand for each 100 targets", ge=0.0, le=100.0
    )
    payer_weight: float = parameter("1", "hardship of a district in which every target pays", ge=0.0, le=100.0)
    violence_weight: float = parameter(
        "1/incident", "hardship of a remembered public incident, and of each person hurt", ge=0.0, le=10.0
    )
    threat_weight: float = parameter(
        "incidents/threat", "public incidents that a public threat seen on the spot counts for", ge=0.0, le=1e3
    )
    threshold_mean: float = parameter("share", "mean threshold: part of a crowd that must be there", ge=0.0, le=2.0)
    threshold_spread: float = parameter("share", "standard deviation of thresholds", gt=0.0, le=2.0)
    grievance_weight: float = parameter("share", "by how much full grievance lowers thresholds", ge=0.0, le=5.0)
    fear: float = parameter("share", "by how much certain arrest raises thresholds", ge=0.0, le=5.0)
    risk_factor: float = parameter("1", "k in the estimated risk of arrest, 1 - exp(-k C / A)", ge=0.0, le=100.0)
    officers_at_hand: float = parameter(
        "share", "officers on patrol in a district who can be at one crowd", ge=0.0, le=1.0
    )
    outbreak_rate: float = parameter("1/assembly-day", "outbreaks where everybody would begin", ge=0.0, le=1.0)
    reach_tail: float = parameter("1", "tail exponent of the number of assemblies that hear of it", gt=0.1, le=10.0)
    violent_first: float = parameter("probability", "that a protest is violent before any was ignored", ge=0.0, le=1.0)
    patience: float = parameter("days", "how long a peaceful protest waits for an answer", ge=1.0, le=1e3)
    relief: float = parameter("share", "fall of remembered demands that counts as an answer", gt=0.0, le=1.0)
    escalation: float = parameter(
        "share", "of the way to wholly violent that a protest without answer goes", ge=0.0, le=1.0
    )
    contagion: float = parameter("1", "escalation in the districts around, relative to the place", ge=0.0, le=1.0)
    response: float = parameter(
        "share", "move of the violent share after an answer: calms below zero, provokes above", ge=-1.0, le=1.0
    )
    repertoire_memory: float = parameter("days", "half-life of the violent share", gt=0.0, le=1e5)
    association_size: float = parameter("people", "peaceful protest after which merchants may unite", ge=0.0, le=1e6)
    association: float = parameter("probability", "that they do", ge=0.0, le=1.0)
    association_pull: float = parameter("targets/person", "targets that refuse for each protester", ge=0.0, le=1e3)
    association_days: float = parameter("days", "mean time for which they refuse together", ge=0.0, le=1e4)
    capture: float = parameter(
        "probability", "hypothesis: that an incumbent steers a protest where an entrant collects", ge=0.0, le=1.0
    )
    capture_actors: float = parameter("share", "people paid to come, relative to those who hear of it", ge=0.0, le=1.0)
    capture_wage: float = parameter("PEN", "paid to each of them", ge=0.0, le=1e5)
    capture_budget: float = parameter("days", "of its income that a group spends on one protest", ge=0.0, le=1e3)


class Crowd(Mechanism):
    """Let people protest, and refuse together."""

    name = "crowd"
    elements = ("A8", "A14", "A20")
    summary = "grievance sets off protests, ignored ones turn violent; merchants may refuse together"
    reads = (
        "demand_count",
        "demand_class",
        "demand_reason",
        "incident_count",
        "incident_class",
        "incident_public",
        "incident_injured",
        "incident_killed",
        "clashes",
        "clash_injured",
        "clash_killed",
        "retaliated",
        "retaliation_injured",
        "avenged",
        "threat_alarm",
        "crowd_resolve",
        "crowd_credibility",
        "cases_opened",
        "cases_cleared",
        "payments_kind",
        "relations_group",
        "income_group",
        "members",
        "parent",
        "trust",
        "distrust",
        "patrols",
        "surge",
        "emergency",
        "mobility",
    )
    writes = {
        "grievance": Variable(("district",), "f8", "1", "grievance of those at stops and markets, from 0 to 1"),
        "victims_seen": Variable(("district",), "f8", "demands", "demands that are remembered"),
        "violence_seen": Variable(("district",), "f8", "incidents", "public incidents and people hurt, remembered"),
        "opened_seen": Variable(("district",), "f8", "cases", "cases opened that are remembered"),
        "cleared_seen": Variable(("district",), "f8", "cases", "cases cleared that are remembered"),
        "outbreak_threshold": Variable(("one", "district"), "f8", "1", "hazard until the next outbreak"),
        "outbreaks": Variable(("one", "district"), "i8", "1", "outbreaks so far, also those that nobody joined"),
        "repertoire": Variable(("district",), "f8", "probability", "that a protest is violent"),
        "petition_until": Variable(("district",), "i8", "day", "until when a protest waits for an answer, -1 none"),
        "petition_state": Variable(("district",), "f8", "officers", "officers added when the protest was made"),
        "petition_victims": Variable(("district",), "f8", "demands", "demands remembered when the protest was made"),
        "petition_nth": Variable(("district",), "i8", "1", "which outbreak waits for an answer"),
        "collective_refusal": Variable(("district",), "f8", "share", "targets that refuse together"),
        "refusal_until": Variable(("district",), "i8", "day", "on which they cease to"),
        "crowd_acted": Variable(("one",), "u1", "1", "whether the variables of the day hold anything"),
        "protest_size": Variable(("district",), "i8", "people", "people at today's protest"),
        "protest_violent": Variable(("district",), "u1", "1", "whether today's protest is violent"),
        "protest_nth": Variable(("district",), "i8", "1", "which outbreak today's protest is"),
        "protest_sponsor": Variable(("district",), "i8", "group", "group that paid people to be there today, or -1"),
        "protest_rival": Variable(("district",), "i8", "group", "group against which it is steered, -1 none"),
        "protest_actors": Variable(("district",), "i8", "people", "people paid to be there today"),
        "sponsor_paid": Variable(("group",), "i8", "centimos", "paid today to people at protests"),
        "refusal_begins": Variable(("district",), "u1", "1", "whether merchants began today to refuse together"),
    }
    draws = (
        Stream.OUTBREAK_WAIT,
        Stream.OUTBREAK,
        Stream.CROWD_THRESHOLD,
        Stream.SPONSOR,
        Stream.ASSOCIATION,
    )
    emits = (
        "protest",
        "riot",
        "protest_answered",
        "protest_unanswered",
        "collective_refusal",
    )
    switches = {
        "A8": Switch("nobody protests, refuses in company or, there being no grievance, turns vigilante"),
        "A14": Switch("protests without an answer do not make the next more violent", rests=False),
        "A20": Switch("nobody steers protests, whatever the parameter says", rests=False),
    }
    Parameters = CrowdParameters

    def accept(self, parameters: CrowdParameters) -> None:
        """Keep the parameters and what follows from them and the city alone."""
        self.p = p = parameters
        city = self.city
        gather = city.column("assembly")
        meets = gather >= FEWEST_TOGETHER
        people = city.counts[:, meets].sum(axis=1).astype(np.float64)
        self._assemblies = (city.counts[:, meets] / gather[meets]).sum(axis=1)
        self._company = np.divide(people, self._assemblies, out=np.zeros(city.districts), where=people > 0)
        self._targets = city.counts.sum(axis=1).astype(np.float64)
        self._keep = 0.5 ** (1.0 / p.memory)
        self._repertoire_keep = 0.5 ** (1.0 / p.repertoire_memory)
        self._capture = 0.0 if "A20" in self.off else p.capture
        self._weights = (p.demand_weight, p.payer_weight, p.violence_weight)
        self._stirring = (
            *(p.threshold_mean, p.threshold_spread, p.grievance_weight, p.fear, p.risk_factor),
            *(p.officers_at_hand, p.outbreak_rate, self._capture),
        )
        self._paid, self._beginners = np.zeros((2, city.districts))
        self._outbreak = np.zeros((1, city.districts))
        self._fired = np.zeros((1, city.districts), dtype=np.int64)
        self._sponsor, self._rival, self._outcome = np.full((3, city.districts), NOBODY)
        self._role = np.zeros(city.groups, dtype=np.int64)
        for place, group in enumerate(city.scenario.groups):
            self._role[place] = {"incumbent": INCUMBENT, "entrant": ENTRANT}.get(group.role, 0)

    def prepare(self) -> None:
        """Start with nothing to remember, and a peaceful repertoire."""
        v = self.v
        draw_thresholds(self.seed, _OUTBREAK_WAIT, v.outbreak_threshold)
        v.repertoire[:] = self.p.violent_first
        v.petition_until[:] = -1
        v.protest_sponsor[:] = v.protest_rival[:] = NOBODY

    def step(self, day: int) -> None:
        """Remember the day, hear the answers to earlier protests, then let people gather."""
        v = self.v
        if v.crowd_acted[0]:
            v.protest_sponsor[:] = v.protest_rival[:] = NOBODY
            for today in (v.protest_size, v.protest_violent, v.protest_nth, v.protest_actors, v.sponsor_paid):
                today[:] = 0
            v.refusal_begins[:] = v.crowd_acted[:] = 0
        self._remember(int(v.demand_count[0]), int(v.incident_count[0]))
        self._resent()
        if self._capture > 0.0:
            self._look_for_sponsors()
        self._stir()
        self._hear_answers(day)
        if self._await_outbreaks():
            for district in np.flatnonzero(self._fired[0]).tolist():
                self._gather(day, district, int(v.outbreaks[0, district]))

    @cached_property
    def _remember(self) -> Callable[..., None]:
        v = self.v
        return bind(
            remember,
            self._keep,
            self.city.kinds,
            LATE,
            v.demand_class,
            v.demand_reason,
            LATE,
            v.incident_class,
            v.incident_public,
            v.incident_injured,
            v.incident_killed,
            v.clashes,
            v.clash_injured,
            v.clash_killed,
            v.retaliated,
            v.retaliation_injured,
            v.avenged,
            self.p.threat_weight,
            v.threat_alarm,
            v.cases_opened,
            v.cases_cleared,
            v.victims_seen,
            v.violence_seen,
            v.opened_seen,
            v.cleared_seen,
        )

    @cached_property
    def _resent(self) -> Callable[..., None]:
        v = self.v
        return bind(
            resent,
            self._weights,
            self._targets,
            v.payments_kind,
            v.trust,
            v.distrust,
            v.victims_seen,
            v.violence_seen,
            v.opened_seen,
            v.cleared_seen,
            v.grievance,
        )

    @cached_property
    def _stir(self) -> Callable[..., None]:
        v = self.v
        return bind(
            stir,
            self._stirring,
            self._assemblies,
            self._company,
            v.patrols,
            v.mobility,
            v.grievance,
            self._paid,
            self._beginners,
            self._outbreak,
        )

    @cached_property
    def _await_outbreaks(self) -> Callable[..., int]:
        v = self.v
        return bind(
            fire_cells, self.seed, _OUTBREAK_WAIT, self._outbreak, v.outbreak_threshold, v.outbreaks, self._fired
        )

    def _look_for_sponsors(self) -> None:
        """Find who might steer protests against whom today; a group that broke away has the role of its parent."""
        v, role, known = self.v, self._role, len(self.city.scenario.groups)
        for group in np.flatnonzero(v.parent[known:] >= 0).tolist():
            role[known + group] = role[v.parent[known + group]]
        self._find_sponsors()
        np.multiply(self._sponsor >= 0, self.p.capture_actors, out=self._paid)

    @cached_property
    def _find_sponsors(self) -> Callable[..., None]:
        v, around = self.v, (self.city.neighbour_starts, self.city.neighbours)
        return bind(find_sponsors, v.members, v.relations_group, self._role, *around, self._sponsor, self._rival)

    @cached_property
    def _look_for_answers(self) -> Callable[..., int]:
        v, p = self.v, self.p
        return bind(
            hear_answers,
            LATE,
            p.relief,
            p.violent_first,
            self._repertoire_keep,
            v.surge,
            v.emergency,
            v.victims_seen,
            v.petition_until,
            v.petition_state,
            v.petition_victims,
            v.refusal_until,
            v.repertoire,
            v.collective_refusal,
            self._outcome,
        )

    def _hear_answers(self, day: int) -> None:
        v = self.v
        if not self._look_for_answers(day):
            return
        for district in np.flatnonzero(self._outcome).tolist():
            answered = self._outcome[district] == ANSWERED
            protest = event_id(_OUTBREAK, district, int(v.petition_nth[district]))
            what = "protest_answered" if answered else "protest_unanswered"
            self.log.add(what, day, 1, district=district, caused_by=protest)
            if "A14" not in self.off:
                self._change_repertoire(district, answered)

    def _change_repertoire(self, district: int, answered: bool) -> None:
        v, p = self.v, self.p
        if answered:
            v.repertoire[district] = more_violent(v.repertoire[district], p.response)
            return
        v.repertoire[district] = more_violent(v.repertoire[district], p.escalation)
        first, last = self.city.neighbour_starts[district : district + 2]
        for place in self.city.neighbours[first:last]:
            v.repertoire[place] = more_violent(v.repertoire[place], p.escalation * p.contagion)

    def _gather(self, day: int, district: int, nth: int) -> None:
        """Let an outbreak grow to its size; a protest that is large enough to be one is peaceful or violent."""
        v, p = self.v, self.p
        call, temper = uniform_pair(self.seed, district, _OUTBREAK, nth)
        reached = min(call ** (-1.0 / p.reach_tail), float(self._assemblies[district]))
        people = int(reached * self._company[district] * v.mobility[district])
        sponsor, actors = self._pay_actors(district, nth, people)
        size = crowd_size(
            self.seed,
            district * _CROWDS + nth,
            people,
            actors,
            p.threshold_mean,
            p.threshold_spread,
            p.grievance_weight * v.grievance[district],
            p.officers_at_hand * v.patrols[district],
            p.fear,
            p.risk_factor,
        )
        if size < _SMALLEST:
            return
        violent = temper < v.repertoire[district] + v.crowd_resolve[district]
        cost = round(100.0 * p.capture_wage) * actors
        v.crowd_acted[0] = 1
        v.protest_size[district] = size
        v.protest_violent[district] = violent
        v.protest_nth[district] = nth
        v.protest_sponsor[district] = sponsor
        v.protest_actors[district] = actors
        if sponsor != NOBODY:
            v.protest_rival[district] = self._rival[district]
            v.sponsor_paid[sponsor] += cost
        protest = event_id(_OUTBREAK, district, nth)
        what = "riot" if violent else "protest"
        self.log.add(what, day, 1, event_id=protest, district=district, group=sponsor, amount=cost, count=size)
        if not violent:
            self._petition(day, district, nth)
            self._associate(day, district, nth, size, protest)

    def _pay_actors(self, district: int, nth: int, people: int) -> tuple[int, int]:
        """Return who sponsors an outbreak, -1 nobody, and how many people it pays.

        A sponsor makes outbreaks likelier, so those that happen are sponsored more often than with chance `capture`.
        """
        p, sponsor = self.p, int(self._sponsor[district])
        if self._capture == 0.0 or sponsor == NOBODY:
            return NOBODY, 0
        began, paid = float(self._beginners[district]), float(self._paid[district])
        chance = self._capture * (began + paid) / (began + self._capture * paid)
        if uniform(self.seed, district, _SPONSOR, nth) >= chance:
            return NOBODY, 0
        actors = int(p.capture_actors * people)
        if p.capture_wage > 0.0:
            income = int(self.v.income_group[:, sponsor].sum())
            actors = min(actors, int(p.capture_budget * income / (100.0 * p.capture_wage)))
        return (sponsor, actors) if actors > 0 else (NOBODY, 0)

    def _petition(self, day: int, district: int, nth: int) -> None:
        """Wait for an answer, unless the district waits for one already."""
        v = self.v
        if v.petition_until[district] < 0:
            v.petition_until[district] = day + int(self.p.patience)
            v.petition_state[district] = v.surge[district] + v.emergency[district]
            v.petition_victims[district] = v.victims_seen[district]
            v.petition_nth[district] = nth

    def _associate(self, day: int, district: int, nth: int, size: int, protest: int) -> None:
        """Let merchants refuse together for a time after a large peaceful protest."""
        v, p = self.v, self.p
        if size < p.association_size or uniform(self.seed, district, _ASSOCIATION, 2 * nth) >= p.association:
            return
        share = min(v.crowd_credibility[district] * p.association_pull * size / self._targets[district], 1.0)
        days = 1 + int(p.association_days * exponential(self.seed, district, _ASSOCIATION, 2 * nth + 1))
        v.collective_refusal[district] = max(share, v.collective_refusal[district])
        v.refusal_until[district] = max(day + 1 + days, v.refusal_until[district])
        v.refusal_begins[district] = 1
        count = round(share * self._targets[district])
        self.log.add("collective_refusal", day, 1, district=district, count=count, caused_by=protest)
