"""Police collusion (A3): officers of a district work for the group that holds it. A hypothesis, off by default.

The group that holds a district (`territory`) comes to have its police at the rate `rate`, loses them at the rate `end`
(officers are moved or charged), and at once when the district passes to another. Meanwhile investigators of the
district pursue it at `pursuit` of their normal rate, and a report against it leaks to it with chance `leak`. A leak
becomes known: of what trust in the police is left in the district a share `distrust` is lost, which halves with
`half_life`. So fewer victims report, whoever harmed them (`reporting`), and what is not reported opens no case; and
grievance rises (`crowd`). Special units are not of the district: they spare nobody.

Equation: x[d] += distrust (1 - x[d]) for each leak; trust there is (1 - x[d]) of what it would be. For the bargain see
Kugler, Verdier and Zenou 2005, Journal of Public Economics 89; for the silence of victims where police are corrupt
Soares 2004, Economic Development and Cultural Change 52. Remote operators hold no district and have no police.
"""

from __future__ import annotations

import numpy as np

from racketsim.engine.cells import draw_thresholds, fire_cells
from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.mechanism import Array, Mechanism, Variable
from racketsim.engine.philox import uniform
from racketsim.engine.streams import Stream
from racketsim.mechanisms.parameters import Parameters, parameter

NOBODY = -1
_TURN, _LEAK = int(Stream.COLLUSION_WAIT), int(Stream.LEAK)


class CollusionParameters(Parameters):
    """Whether groups come to have the police of their districts, and what follows."""

    rate: float = parameter(
        "1/day", "rate at which the holder of a district comes to have its police, 0 never", ge=0.0, le=1.0
    )
    end: float = parameter("1/day", "rate at which it loses them", ge=0.0, le=1.0)
    pursuit: float = parameter("1", "factor on investigation of the group by its police", ge=0.0, le=1.0)
    leak: float = parameter("probability", "that a report against the group leaks to it", ge=0.0, le=1.0)
    distrust: float = parameter("share", "of the trust that is left, lost by a leak", ge=0.0, le=1.0)
    half_life: float = parameter("days", "in which half of the trust that was lost comes back", gt=0.0, le=1e5)


@kernel
def leak_reports(
    seed: Int,
    chance: Real,
    lost: Real,
    kinds: Int,
    count: Int,
    target: Array,
    class_: Array,
    group: Array,
    ordinal: Array,
    colluding: Array,
    leaks: Array,
    distrust: Array,
) -> Int:
    """Leak today's reports against `colluding[D]`; count them in `leaks[D]`, raise `distrust[D]`, return how many."""
    total = 0
    for n in range(count):
        district = class_[n] // kinds
        if colluding[district] == group[n] and uniform(seed, target[n], _LEAK, ordinal[n]) < chance:
            leaks[district] += 1
            distrust[district] += lost * (1.0 - distrust[district])
            total += 1
    return total


class Collusion(Mechanism):
    """Let groups come to have the police of the districts that they hold; let reports leak."""

    name = "collusion"
    elements = ("A3",)
    summary = "a group may have the police of its district, who spare it and leak reports (off by default)"
    reads = (
        "holder",
        "report_count",
        "report_target",
        "report_class",
        "report_group",
        "report_ordinal",
    )
    writes = {
        "colluding": Variable(("district",), "i8", "group", "group that has the police of the district, -1 none"),
        "pursuit": Variable(("group", "district"), "f8", "1", "factor on investigation of a cell"),
        "leaks": Variable(("district",), "i8", "reports", "reports that leaked today"),
        "distrust": Variable(("district",), "f8", "share", "share of trust in the police lost by leaks"),
        "collusion_threshold": Variable(("one", "district"), "f8", "1", "hazard until collusion begins or ends"),
        "collusion_turns": Variable(("one", "district"), "i8", "1", "times that collusion began or ended so far"),
    }
    draws = (Stream.COLLUSION_WAIT, Stream.LEAK)
    emits = ("collusion",)
    Parameters = CollusionParameters

    def accept(self, parameters: CollusionParameters) -> None:
        """Keep the parameters."""
        self.p = parameters
        self._kept = 0.5 ** (1.0 / parameters.half_life)
        self._hazard = np.zeros((1, self.city.districts))
        self._fired = np.zeros((1, self.city.districts), dtype=np.int64)

    def prepare(self) -> None:
        """Start with police who work for nobody."""
        self.v.colluding[:] = NOBODY
        self.v.pursuit[:] = 1.0
        draw_thresholds(self.seed, _TURN, self.v.collusion_threshold)

    def step(self, day: int) -> None:
        """Begin and end collusion, leak today's reports, and let trust come back."""
        if self.p.rate == 0.0:
            return
        v = self.v
        self._turn(day)
        v.leaks[:] = 0
        v.distrust *= self._kept
        leak_reports(
            self.seed,
            self.p.leak,
            self.p.distrust,
            self.city.kinds,
            int(v.report_count[0]),
            v.report_target,
            v.report_class,
            v.report_group,
            v.report_ordinal,
            v.colluding,
            v.leaks,
            v.distrust,
        )

    def _turn(self, day: int) -> None:
        v, p = self.v, self.p
        before = v.colluding.copy()
        v.colluding[v.colluding != v.holder] = NOBODY
        held = v.holder >= 0
        self._hazard[0] = np.where(v.colluding >= 0, p.end, np.where(held, p.rate, 0.0))
        if fire_cells(self.seed, _TURN, self._hazard, v.collusion_threshold, v.collusion_turns, self._fired):
            for district in np.flatnonzero(self._fired[0]).tolist():
                began = v.colluding[district] == NOBODY
                v.colluding[district] = v.holder[district] if began else NOBODY
        changed = np.flatnonzero(v.colluding != before)
        if not changed.size:
            return
        v.pursuit[:] = 1.0
        has = np.flatnonzero(v.colluding >= 0)
        v.pursuit[v.colluding[has], has] = p.pursuit
        begun = changed[v.colluding[changed] >= 0]
        self.log.add("collusion", day, len(begun), district=begun, group=v.colluding[begun], count=1)
