"""The shared workload in Mesa: an agent for each target, which steps every day."""

from __future__ import annotations

import math
from collections import Counter

import mesa
import numpy as np

from benchmarks.workload import Totals, Workload


class Target(mesa.Agent):
    """A target that is contacted, pays or refuses, and may report."""

    def __init__(self, model: City, district: int) -> None:
        super().__init__(model)
        self.district = district
        self.until = 0

    def step(self) -> None:
        """Live through one day."""
        city = self.model
        if self.until > city.day or city.random.random() >= city.chance[self.district]:
            return
        city.contacts[self.district] += 1
        if city.random.random() < city.w.pay:
            self.until = city.day + 1 + math.floor(city.random.expovariate(1.0 / city.w.duration))
            city.begin(self.district, self.until)
        elif city.random.random() < city.w.report:
            city.reports += 1


class City(mesa.Model):
    """All targets, and what they share: the chance of a contact in each district."""

    def __init__(self, w: Workload, seed: int) -> None:
        super().__init__(seed=seed)
        self.w = w
        self.day = 0
        self.chance: list[float] = []
        self.paying = np.zeros(w.districts, dtype=np.int64)
        self.ending: dict[int, Counter[int]] = {}
        self.contacts = [0] * w.districts
        self.agreed = self.reports = self.instalments = 0
        Target.create_agents(self, w.targets, w.district.tolist())

    def begin(self, district: int, until: int) -> None:
        """Book a relation that lasts until the day `until`."""
        self.agreed += 1
        self.paying[district] += 1
        self.ending.setdefault(until, Counter())[district] += 1

    def step(self) -> None:
        """Let one day pass."""
        for district, count in self.ending.pop(self.day, {}).items():
            self.paying[district] -= count
        self.chance = (-np.expm1(-self.w.hazards(self.paying))).tolist()
        self.agents.do("step")
        self.instalments += int(self.paying.sum())
        self.day += 1


def run(w: Workload, seed: int) -> Totals:
    """Simulate the workload and return its totals."""
    city = City(w, seed)
    for _ in range(w.days):
        city.step()
    return Totals(
        sum(city.contacts), city.agreed, city.reports, city.instalments, int(city.paying.sum()), city.contacts[0]
    )
