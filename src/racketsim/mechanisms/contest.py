"""Contest for territory: clashes, casualties, ceded targets, expulsion, submission, threats (A11, A18, A21).

Each cell (group g in district d) comes upon opportunities to attack with hazard
    kappa * m_g * (1 + w * c_d) * (1 - dread_gd) * sum_j m_j * (1 - truce_gj) * (1 + vacuum * leaderless_j) / M_d,
with m members who are free to fight, M_d those of all groups, c_d the contestedness and dread what rivals' threats do.
The rival is drawn by its part of the sum. An opportunity is a threat with a given chance, else a clash.

A clash runs by the rules of `rivalry`: a weaker defender may find an ally, the winner is drawn by the contest success
function of strengths m * violence ** arms, both sides lose the share lethality * r(weaker, stronger), and the loser
cedes targets, which the winner then approaches (`collection`). A loser whose strength falls under a share of the
winner's yields (A18): it submits (some members join the winner, the others give up) or leaves (its members move to the
neighbouring district where their group has most, or give up where there is none).

A threat (A21) adds to the rival's dread in proportion to the threatener's relative strength and to its word, the share
of its threats that clashes followed; dread halves with time.

c_d is one minus the Herfindahl index of members among groups without a truce, less where no clash is remembered:
    c_d = sum_{i != j} m_i m_j (1 - truce_ij) / M_d**2 * (1 - quiet * exp(-recent_d)).
`tribute_level` and `roving` say what competition does to tribute and to the horizon of groups (see `rivalry`).

Territory by contest: Prieto-Curiel et al. (2023, doi:10.1126/science.adh2888); violence at boundaries: Brantingham et
al. (2012, doi:10.1111/j.1745-9125.2012.00281.x); truces: Brown et al. (2021, NBER Working Paper 28299).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from racketsim.engine.bound import LATE, bind
from racketsim.engine.cells import CELL_STRIDE, draw_thresholds
from racketsim.engine.log import event_id
from racketsim.engine.mechanism import Array, Mechanism, Switch, Variable
from racketsim.engine.philox import uniform, uniform_pair
from racketsim.engine.streams import Stream
from racketsim.mechanisms import rivalry
from racketsim.mechanisms.contest_field import await_opportunities, pick_rival, poisson
from racketsim.mechanisms.contest_parameters import ContestParameters

_WAIT, _CLASH, _ALLY = int(Stream.CLASH_WAIT), int(Stream.CLASH), int(Stream.CLASH_ALLY)
_OUTCOME, _CASUALTIES, _YIELDING = int(Stream.CLASH_OUTCOME), int(Stream.CLASH_CASUALTIES), int(Stream.YIELDING)
_HURT_DRAWS, _OTHERS = 8, 3


class Contest(Mechanism):
    """Let rival groups threaten each other, clash and yield."""

    name = "contest"
    elements = ("A11", "A18", "A21")
    summary = "rival groups threaten each other, clash, cede targets and drive each other out"
    reads = (
        "members",
        "arrested",
        "moving",
        "heir",
        "violence",
        "leaderless_until",
        "truce",
        "relations_group",
        "retaliated",
    )
    writes = {
        "clash_threshold": Variable(("group", "district"), "f8", "1", "hazard until the next opportunity"),
        "opportunities": Variable(("group", "district"), "i8", "1", "opportunities of a cell so far"),
        "dread": Variable(("group", "district"), "f8", "share", "part of the rate taken by threats of rivals"),
        "open_threats": Variable(("group", "district"), "i8", "threats", "that no clash has followed yet"),
        "threats_made": Variable(("group",), "f8", "threats", "made so far"),
        "threats_kept": Variable(("group",), "f8", "threats", "followed by a clash so far"),
        "recent_clashes": Variable(("district",), "f8", "clashes", "clashes and retaliations in memory"),
        "contestedness": Variable(("district",), "f8", "1", "from 0 (one group, or a truce) to almost 1"),
        "tribute_level": Variable(("district",), "f8", "1", "factor of competition on the tribute asked"),
        "roving": Variable(("group", "district"), "f8", "share", "takings of a cell that are one-off"),
        "fallen": Variable(("group", "district"), "i8", "members", "killed in clashes today"),
        "displaced": Variable(
            ("group", "district"), "i8", "members", "gained or lost by yielding today; they sum to 0"
        ),
        "disbanded": Variable(("group", "district"), "i8", "members", "who gave up after a lost clash today"),
        "clashes": Variable(("district",), "i8", "clashes", "of today"),
        "rival_threats": Variable(("district",), "i8", "threats", "between groups today"),
        "yields": Variable(("district",), "i8", "1", "groups that submitted or left today"),
        "clash_injured": Variable(("district",), "i8", "people", "injured in clashes today, bystanders included"),
        "clash_killed": Variable(("district",), "i8", "people", "killed in clashes today, bystanders included"),
        "clash_count": Variable(("one",), "i8", "1", "clashes of today"),
        "clash_attacker": Variable(("clash",), "i2", "group", "clashes of today: attacker"),
        "clash_defender": Variable(("clash",), "i2", "group", "clashes of today: defender"),
        "clash_district": Variable(("clash",), "i2", "district", "clashes of today: where"),
        "clash_ordinal": Variable(("clash",), "i8", "1", "clashes of today: opportunity of the attacker's cell"),
        "clash_wounded": Variable(("clash",), "i8", "people", "clashes of today: injured, bystanders included"),
        "clash_dead": Variable(("clash",), "i8", "people", "clashes of today: killed, bystanders included"),
        "ceded_count": Variable(("one",), "i8", "1", "cessions of today"),
        "ceded_from": Variable(("clash",), "i2", "group", "cessions of today: loser"),
        "ceded_to": Variable(("clash",), "i2", "group", "cessions of today: winner"),
        "ceded_district": Variable(("clash",), "i2", "district", "cessions of today: where"),
        "ceded_number": Variable(("clash",), "i8", "relations", "cessions of today: how many"),
    }
    draws = (
        Stream.CLASH_WAIT,
        Stream.CLASH,
        Stream.CLASH_ALLY,
        Stream.CLASH_OUTCOME,
        Stream.CLASH_CASUALTIES,
        Stream.YIELDING,
    )
    emits = ("clash", "expulsion", "submission", "inter_group_threat")
    switches = {
        "A11": Switch("rival groups leave each other alone"),
        "A18": Switch("nobody is driven out: losers cede targets and stay", rests=False),
        "A21": Switch("groups do not threaten each other: the occasion passes", rests=False),
    }
    Parameters = ContestParameters

    def accept(self, parameters: ContestParameters) -> None:
        """Keep the parameters."""
        self.p = p = parameters
        shape = (self.city.groups, self.city.districts)
        self._settings = (p.clash_rate, p.contested_weight, p.vacuum, p.quiet, p.tribute_elasticity, p.roving)
        self._decays = (0.5 ** (1.0 / p.memory), 0.5 ** (1.0 / p.threat_half_life))
        self._here, self._fired = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        self._hazard = np.zeros(shape)

    def prepare(self) -> None:
        """Start with a market that nobody contests, and draw the first thresholds."""
        self.v.tribute_level[:] = 1.0
        draw_thresholds(self.seed, _WAIT, self.v.clash_threshold)

    def step(self, day: int) -> None:
        """Let cells live through their hazards; carry out the threats and clashes of those that fire."""
        v = self.v
        fired = self._await_opportunities(day)
        if v.clash_count[0] or np.count_nonzero(v.rival_threats):
            self._forget_yesterday()
        if fired:
            for group, district in np.argwhere(self._fired).tolist():
                last = int(v.opportunities[group, district])
                for nth in range(last - int(self._fired[group, district]) + 1, last + 1):
                    self._act(day, group, district, nth)

    @cached_property
    def _await_opportunities(self) -> Callable[..., int]:
        v = self.v
        return bind(
            await_opportunities,
            self.seed,
            LATE,
            self._settings,
            self._decays,
            v.members,
            v.arrested,
            v.moving,
            v.heir,
            v.leaderless_until,
            v.truce,
            v.clashes,
            v.retaliated,
            v.recent_clashes,
            v.dread,
            v.contestedness,
            v.tribute_level,
            v.roving,
            v.clash_threshold,
            v.opportunities,
            self._here,
            self._hazard,
            self._fired,
        )

    def _forget_yesterday(self) -> None:
        v = self.v
        for flow in (v.fallen, v.displaced, v.disbanded, v.clashes, v.rival_threats, v.yields):
            flow[:] = 0
        for flow in (v.clash_injured, v.clash_killed, v.clash_count, v.ceded_count):
            flow[:] = 0

    def _act(self, day: int, group: int, district: int, nth: int) -> None:
        """Use one opportunity: pick the rival, then threaten or attack."""
        u, w = uniform_pair(self.seed, group * CELL_STRIDE + district, _CLASH, nth)
        rival = pick_rival(u, group, district, day, self.p.vacuum, self._here, self.v.truce, self.v.leaderless_until)
        if rival < 0:
            return
        if w >= self.p.threat_share:
            self._clash(day, group, rival, district, nth)
        elif "A21" not in self.off:
            self._threaten(day, group, rival, district, nth)

    def _strength(self, district: int) -> Array:
        return np.asarray(self._here[:, district] * self.v.violence**self.p.arms)

    def _threaten(self, day: int, group: int, rival: int, district: int, nth: int) -> None:
        v, prior = self.v, self.p.threat_prior
        word = (prior + v.threats_kept[group]) / (prior + v.threats_made[group])
        strength = self._strength(district)
        effect = self.p.threat_effect * word * rivalry.relative_strength(strength[group], strength[rival])
        v.dread[rival, district] = 1.0 - (1.0 - v.dread[rival, district]) * (1.0 - effect)
        v.threats_made[group] += 1.0
        v.open_threats[group, district] += 1
        v.rival_threats[district] += 1
        key = event_id(_CLASH, group * CELL_STRIDE + district, nth)
        self.log.add("inter_group_threat", day, 1, event_id=key, group=group, rival=rival, district=district)

    def _clash(self, day: int, attacker: int, defender: int, district: int, nth: int) -> None:
        v, p, cell = self.v, self.p, attacker * CELL_STRIDE + district
        strength = self._strength(district)
        ally = self._ally(strength, attacker, defender, cell, nth)
        attack = float(strength[attacker])
        defence = float(strength[defender] + (strength[ally] if ally >= 0 else 0.0))
        won = int(rivalry.victor(attack, defence, p.mu, *uniform_pair(self.seed, cell, _OUTCOME, nth)))
        share, fallen = p.lethality * rivalry.relative_strength(min(attack, defence), max(attack, defence)), 0
        for side, group in enumerate((attacker, defender, ally)):
            if group >= 0:
                draw = uniform(self.seed, cell, _CASUALTIES, nth * _HURT_DRAWS + side)
                lost = int(rivalry.casualties(self._here[group, district], share, draw))
                self._here[group, district] -= lost
                v.fallen[group, district] += lost
                fallen += lost
        injured, bystanders, killed = self._others_hurt(cell, nth)
        v.clashes[district] += 1
        v.clash_injured[district] += injured + bystanders
        v.clash_killed[district] += fallen + killed
        v.threats_kept[attacker] += v.open_threats[attacker, district]
        v.open_threats[attacker, district] = 0
        place = int(v.clash_count[0])
        if place == v.clash_attacker.size:
            raise OverflowError("more clashes on one day than there is room for")
        v.clash_attacker[place], v.clash_defender[place] = attacker, defender
        v.clash_district[place], v.clash_ordinal[place] = district, nth
        v.clash_wounded[place], v.clash_dead[place] = injured + bystanders, fallen + killed
        v.clash_count[0] += 1
        clash = event_id(_CLASH, cell, nth)
        self.log.add(
            "clash",
            day,
            1,
            event_id=clash,
            group=attacker,
            rival=defender,
            district=district,
            injured=injured + bystanders,
            killed=fallen + killed,
            count=fallen,
        )
        if won >= 0:
            winner, loser = (attacker, defender) if won == 0 else (defender, attacker)
            self._settle(day, winner, loser, district, cell, nth, clash)

    def _ally(self, strength: Array, attacker: int, defender: int, cell: int, nth: int) -> int:
        """Return who joins a defender that is outmatched, -1 for nobody; those in truce with the attacker stay out."""
        if strength[attacker] <= strength[defender]:
            return rivalry.NOBODY
        total = strength.sum()
        chance = rivalry.alliance_chance(strength[attacker] / total, strength[defender] / total)
        if uniform(self.seed, cell, _ALLY, nth) >= chance:
            return rivalry.NOBODY
        free = np.where(np.minimum(self.v.truce, self.v.truce[attacker]) > 0.0, 0.0, strength)
        free[[attacker, defender]] = strength[[attacker, defender]]
        return int(rivalry.find_ally(free, attacker, defender, free.size))

    def _others_hurt(self, cell: int, nth: int) -> tuple[int, int, int]:
        """Return the members injured, the bystanders injured and the bystanders killed in a clash."""
        p, ordinal = self.p, nth * _HURT_DRAWS + _OTHERS
        u, w = uniform_pair(self.seed, cell, _CASUALTIES, ordinal)
        other = uniform(self.seed, cell, _CASUALTIES, ordinal + 1)
        return int(poisson(u, p.injured)), int(poisson(w, p.bystanders)), int(poisson(other, p.bystanders_killed))

    def _settle(self, day: int, winner: int, loser: int, district: int, cell: int, nth: int, clash: int) -> None:
        """Cede targets; let a loser who is too weak submit or leave."""
        v, p = self.v, self.p
        held = int(v.relations_group[district, loser])
        count = int(rivalry.ceded(int(p.ceded_limit), held))
        left = int(self._here[loser, district])
        strength = self._strength(district)
        yields = left > 0 and strength[loser] < p.yield_ratio * strength[winner]
        if yields and "A18" not in self.off:
            v.yields[district] += 1
            self._here[loser, district] = 0
            if uniform(self.seed, cell, _YIELDING, nth) < p.submission:
                count = held
                joined = round(p.joining * left)
                self._move(loser, district, winner, district, joined, left)
                what = "submission"
            else:
                goal = self._refuge(loser, district)
                self._move(loser, district, loser, goal, left if goal >= 0 else 0, left)
                what = "expulsion"
            self.log.add(what, day, 1, caused_by=clash, group=loser, rival=winner, district=district, count=left)
        if count:
            place = int(v.ceded_count[0])
            v.ceded_from[place], v.ceded_to[place] = loser, winner
            v.ceded_district[place], v.ceded_number[place] = district, count
            v.ceded_count[0] += 1

    def _refuge(self, group: int, district: int) -> int:
        """Return the neighbouring district where `group` has most members, -1 where it has none in any."""
        around = self.city.neighbours[slice(*self.city.neighbour_starts[district : district + 2])]
        if around.size == 0 or not self._here[group, around].any():
            return rivalry.NOBODY
        return int(around[self._here[group, around].argmax()])

    def _move(self, group: int, district: int, heir: int, goal: int, moved: int, left: int) -> None:
        """Take `left` members out of a cell: `moved` of them to another, the others give up."""
        v = self.v
        v.displaced[group, district] -= moved
        v.disbanded[group, district] += left - moved
        if moved:
            v.displaced[heir, goal] += moved
            self._here[heir, goal] += moved
