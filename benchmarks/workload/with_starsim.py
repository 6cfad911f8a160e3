"""The shared workload in Starsim: a module with states and distributions, stepped over all people."""

from __future__ import annotations

from typing import Any

import numpy as np
import starsim as ss

from benchmarks.workload import Totals, Workload


class Racket(ss.Module):
    """Contacts, decisions and relations of all targets."""

    def __init__(self, w: Workload) -> None:
        super().__init__()
        self.w = w
        self.define_states(ss.IntArr("district"), ss.BoolState("pays"), ss.IntArr("until", default=0))
        self.contact = ss.bernoulli(p=self.chance_of_contact)
        self.decision = ss.bernoulli(p=w.pay)
        self.telling = ss.bernoulli(p=w.report)
        self.lasting = ss.expon(scale=w.duration)
        self.paying = np.zeros(w.districts, dtype=np.int64)
        self.chance = np.zeros(w.districts)
        self.contacts = np.zeros(w.districts, dtype=np.int64)
        self.agreed = self.reports = self.instalments = 0

    def init_post(self) -> None:
        """Place the targets in their districts."""
        super().init_post()
        self.district[:] = self.w.district

    @staticmethod
    def chance_of_contact(module: Racket, uids: Any) -> Any:
        """Return the chance of a contact today of each target in `uids`."""
        return module.chance[module.district[uids]]

    def step(self) -> None:
        """Let one day pass."""
        w = self.w
        ended = (self.pays & (self.until <= self.ti)).uids
        self.pays[ended] = False
        self.paying -= np.bincount(self.district[ended], minlength=w.districts)
        self.chance = -np.expm1(-w.hazards(self.paying))
        contacted = self.contact.filter((~self.pays).uids)
        payers, refusers = self.decision.split(contacted)
        self.pays[payers] = True
        self.until[payers] = self.ti + 1 + np.floor(self.lasting.rvs(payers)).astype(np.int64)
        self.paying += np.bincount(self.district[payers], minlength=w.districts)
        self.contacts += np.bincount(self.district[contacted], minlength=w.districts)
        self.agreed += len(payers)
        self.reports += len(self.telling.filter(refusers))
        self.instalments += int(self.paying.sum())


def run(w: Workload, seed: int) -> Totals:
    """Simulate the workload and return its totals."""
    racket = Racket(w)
    sim = ss.Sim(
        n_agents=w.targets,
        modules=racket,
        start=ss.days(0),
        dur=w.days - 1,
        dt=ss.days(1),
        rand_seed=seed,
        verbose=0,
        copy_inputs=False,
    )
    sim.run()
    return Totals(
        int(racket.contacts.sum()),
        racket.agreed,
        racket.reports,
        racket.instalments,
        int(racket.paying.sum()),
        int(racket.contacts[0]),
    )
