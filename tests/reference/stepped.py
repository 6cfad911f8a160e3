"""A plain stepped reference: a die for every target on every day, in NumPy, from the written equations alone.

It shares nothing with racketsim but the scenario loader, and covers the part of the model that decides everything
else: demands in person and by remote with frailty, decisions at a fixed belief, paying relations with reviews and
turnover, closures, punishment with its delay, and follow-ups. Feedbacks are left out: run the engine with
`WITHOUT_FEEDBACK`, in which beliefs, members and operators stay as they are and nobody is arrested, and without
`ELEMENTS_LEFT_OUT`.

Where it differs from the engine, by less than the tests can see: a target is asked at most once a day and channel, and
frailty is lognormal instead of 1,024 classes of it. Waits are geometric, as whole days of an exponential are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from racketsim.scenario.model import Scenario

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

WITHOUT_FEEDBACK: dict[str, str | float] = {
    "parameters.credibility.prior_refusals": 1e6,
    "parameters.credibility.remote_spillover": 0.0,
    "parameters.policing.opening_report": 0.0,
    "parameters.policing.opening_incident": 0.0,
    "parameters.membership.recruitment": 0.0,
    "parameters.membership.leaving": 0.0,
    "parameters.expansion.rate": 0.0,
    "parameters.diffusion.innovation": 0.0,
    "parameters.diffusion.imitation": 0.0,
}
"""Beliefs stay at the prior; members and operators stay as many as they were."""

ELEMENTS_LEFT_OUT = ("A5", "A7", "A11")
"""Impostors, activities other than extortion in person and their debtors, and violence between groups."""


@dataclass(frozen=True)
class Totals:
    """What one run came to."""

    demands_in_person: int
    demands_by_remote: int
    paid_in_person: int
    paid_by_remote: int
    closed: int
    relations: int
    incidents: int
    tribute: int
    asked_again: int
    """Targets that were asked more than once."""
    first_demand: int
    """Day of the first demand on a target of the last kind in the first district."""


class Stepped:
    """One run of the reference. Groups in person must not share a district: rivalry is left out."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.scenario = scenario
        self.rng = np.random.default_rng(seed)
        self.value = {
            f"{mechanism}.{name}": quantity.value
            for mechanism, given in scenario.parameters.items()
            for name, quantity in given.items()
        }
        counts = scenario.targets
        self.district, self.kind = (
            np.repeat(place.reshape(-1), counts.reshape(-1)) for place in np.indices(counts.shape)
        )
        self.targets = n = self.district.size
        sigma = self.value["demand.frailty_sigma"]
        frailty = np.exp(sigma * self.rng.standard_normal((2, n)) - sigma**2 / 2)
        pull = self._of_kind("territorial_attraction")
        total = np.bincount(self.district, weights=pull, minlength=len(scenario.districts))
        self.in_person = frailty[0] * pull / total[self.district]
        exposed = scenario.districts.exposure[self.district] ** self.value["demand.remote_exposure"]
        pull = self._of_kind("remote_attraction") * exposed
        self.by_remote = frailty[1] * pull / pull.sum()
        size = np.exp(self._of_kind("size_sigma") * self.rng.standard_normal(n))
        self.earns = 100.0 * self._of_kind("size_median") * size
        grown = size ** self._of_kind("tribute_exponent")
        self.asks = np.maximum(1, np.floor(100.0 * self._of_kind("tribute_scale") * grown + 0.5)).astype(np.int64)
        self.asks_once = np.maximum(1, np.floor(100.0 * self._of_kind("remote_scale") * grown + 0.5)).astype(np.int64)
        self.harm = np.exp(self.value["decision.harm_sigma"] * self.rng.standard_normal(n))
        self.payee = np.full(n, -1)
        self.closed = np.zeros(n, dtype=bool)
        self.punished = np.zeros(n, dtype=np.int64)
        self.asked = np.zeros(n, dtype=np.int64)
        self.to_punish: Ints = np.empty((2, 0), dtype=np.int64)
        self.to_follow: Ints = np.empty((2, 0), dtype=np.int64)
        self.sums = dict.fromkeys(("in_person", "remote", "paid", "paid_remote", "closed", "incidents", "tribute"), 0)
        self.first = -1
        self._place_groups()

    def _of_kind(self, quantity: str) -> Floats:
        return np.array([kind[quantity] for kind in self.scenario.kinds])[self.kind]

    def _ends_today(self, mean: float, size: int) -> npt.NDArray[np.bool_]:
        """Whether spells of an exponential mean end today, which they do with chance 1 - exp(-1 / mean)."""
        return self.rng.random(size) < -math.expm1(-1.0 / mean)

    def _place_groups(self) -> None:
        """Members by district, who owns it, and from which day; in proportion to targets x exposure."""
        districts = self.scenario.districts
        weight = self.scenario.targets.sum(axis=1) * districts.exposure
        self.owner = np.full(len(districts), -1)
        self.members = np.zeros(len(districts))
        self.since = np.zeros(len(districts), dtype=np.int64)
        for number, group in enumerate(self.scenario.groups):
            places = list(group.districts)
            if group.role == "remote":
                self.remote, self.remote_group = group, number
                continue
            share = weight[places] if group.role == "incumbent" else np.ones(len(places))
            exact = round(group["members"]) * share / share.sum()
            whole = np.floor(exact)
            whole[np.argsort(whole - exact, kind="stable")[: round(exact.sum() - whole.sum())]] += 1
            assert (self.owner[places] == -1).all(), "two groups in one district"
            self.owner[places], self.members[places] = number, whole
            if group.role == "entrant":
                assert group.arrival is not None
                self.since[places] = (group.arrival - self.scenario.start).days + 1

    def _pay_chances(self, who: Ints) -> tuple[Floats, Floats]:
        """Return the chances to pay and to refuse a demand in person (the rest closes)."""
        v = self.value
        noise = v["decision.noise"]
        belief = 1.0 - (1.0 - v["credibility.prior"]) * (1.0 - v["decision.own_weight"]) ** self.punished[who]
        pay = np.where(self.asks[who] <= self.earns[who], math.exp(-1.0 / noise), 0.0)
        refuse = np.exp(-belief * v["decision.harm_ratio"] * self.harm[who] / noise)
        cost = self._of_kind("closing_cost")[who] * self.earns[who]
        close = np.exp(-cost / (self.asks[who] * v["decision.horizon"]) / noise)
        total = pay + refuse + close
        return pay / total, refuse / total

    def start(self) -> None:
        """Let each target pay with its stationary chance x / (1 + x), x = h p review_mean / (1 - p (1 - turnover))."""
        everybody = np.arange(self.targets)
        pay, _ = self._pay_chances(everybody)
        at_work = np.where(self.since == 0, self.members, 0.0)[self.district]
        hazard = at_work * self.value["allocation.rate_per_member"] * self.in_person
        stay = 1.0 - pay * (1.0 - self.value["collection.turnover"])
        load = hazard * pay * self.value["collection.review_mean"] / stay
        pays = self.rng.random(self.targets) < load / (1.0 + load)
        self.payee[pays] = self.owner[self.district[pays]]

    def run(self, until: date) -> Totals:
        """Simulate every day to `until`, and return the totals."""
        self.start()
        for day in range((until - self.scenario.start).days + 1):
            self._day(day)
        s = self.sums
        return Totals(
            s["in_person"],
            s["remote"],
            s["paid"],
            s["paid_remote"],
            s["closed"],
            int((self.payee >= 0).sum()),
            s["incidents"],
            s["tribute"],
            int((self.asked > 1).sum()),
            self.first,
        )

    def _day(self, day: int) -> None:
        v, rng = self.value, self.rng
        paying = np.flatnonzero(self.payee >= 0)
        reviewed = paying[self._ends_today(v["collection.review_mean"], paying.size)] if day else paying[:0]
        replaced = rng.random(reviewed.size) < v["collection.turnover"]
        self.payee[reviewed[replaced]] = -1
        reopened = np.flatnonzero(self.closed)
        self.closed[reopened[self._ends_today(v["collection.reopening_mean"], reopened.size)]] = False
        due = self._ends_today(v["punishment.follow_up_mean"], self.to_follow.shape[1])
        followed, self.to_follow = self.to_follow[0, due], self.to_follow[:, ~due]
        at_work = np.where(day >= self.since, self.members, 0.0)[self.district]
        asked = rng.random(self.targets) < -np.expm1(-at_work * v["allocation.rate_per_member"] * self.in_person)
        self._ask_in_person(day, np.flatnonzero(asked & (self.payee < 0)))
        self._ask_by_remote(day)
        self._ask_in_person(day, reviewed[~replaced])
        self._ask_in_person(day, followed[self.payee[followed] < 0])
        self._punish()
        self.sums["tribute"] += int(self.asks[self.payee >= 0].sum())

    def _count(self, day: int, who: Ints) -> None:
        self.asked[who] += 1
        if self.first < 0 and ((self.district[who] == 0) & (self.kind[who] == self.kind[-1])).any():
            self.first = day

    def _ask_in_person(self, day: int, who: Ints) -> None:
        who = who[~self.closed[who]]
        self._count(day, who)
        pay, refuse = self._pay_chances(who)
        draw = self.rng.random(who.size)
        refuses, pays = draw < refuse, (draw >= refuse) & (draw < refuse + pay)
        closes = ~refuses & ~pays
        self.payee[who] = np.where(pays, self.owner[self.district[who]], -1)
        self.closed[who[closes]] = True
        self.sums["in_person"] += who.size
        self.sums["paid"] += int(pays.sum())
        self.sums["closed"] += int(closes.sum())
        self._anger(who[refuses], self.owner[self.district[who[refuses]]])

    def _anger(self, refused: Ints, groups: Ints) -> None:
        """Let groups decide which of those who refused they will punish."""
        violence = np.array([group["violence"] for group in self.scenario.groups])[groups]
        angry = self.rng.random(refused.size) < self.value["punishment.propensity"] * violence
        self.to_punish = np.hstack([self.to_punish, np.vstack([refused, groups])[:, angry]])

    def _ask_by_remote(self, day: int) -> None:
        v = self.value
        assert self.remote.arrival is not None
        if day < (self.remote.arrival - self.scenario.start).days:
            return
        demands = v["diffusion.rate_per_operator"] * round(self.remote["members"])
        who = np.flatnonzero(self.rng.random(self.targets) < -np.expm1(-demands * self.by_remote))
        who = who[~self.closed[who]]
        self._count(day, who)
        noise = v["decision.noise"]
        belief = 1.0 - (1.0 - v["credibility.remote_base"]) * (1.0 - v["decision.own_weight"]) ** self.punished[who]
        refuse = np.exp(-belief * v["decision.remote_harm_ratio"] * self.harm[who] / noise)
        can = self.asks_once[who] <= self.earns[who] * v["decision.remote_horizon"]
        pay = np.where(can, math.exp(-1.0 / noise), 0.0)
        pays = self.rng.random(who.size) >= refuse / (pay + refuse)
        self.sums["remote"] += who.size
        self.sums["paid_remote"] += int(pays.sum())
        self.sums["tribute"] += int(self.asks_once[who[pays]].sum())
        self._anger(who[~pays], np.full(int((~pays).sum()), self.remote_group))

    def _punish(self) -> None:
        """Strike those whose time has come; an exponential delay of whole days may end on the day of the refusal."""
        now = self._ends_today(self.value["punishment.delay_mean"], self.to_punish.shape[1])
        struck, self.to_punish = self.to_punish[:, now], self.to_punish[:, ~now]
        np.add.at(self.punished, struck[0], 1)
        self.sums["incidents"] += struck.shape[1]
        on_the_spot = struck[1] != self.remote_group  # operators hire others to strike, and do not come back
        self.to_follow = np.hstack([self.to_follow, struck[:, on_the_spot]])
