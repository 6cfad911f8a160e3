"""One difference of a comparison, and how it is written."""

from __future__ import annotations

from typing import NamedTuple

from racketsim.results.headline import Range
from racketsim.results.style import compact

CITY, THERE, AROUND = "city", "there", "around"
"""Where a difference is: the whole city, the districts that the policies name, or the neighbours of these."""
WHERE = {CITY: "", THERE: ", there", AROUND: ", neighbours"}
"""The same in words, to follow the label of a measure."""


class Difference(NamedTuple):
    """What one alternative changes in one measure, summed over the city or a part of it (`Comparison.sums_from`).

    `change` is alternative minus baseline, over `pairs` replicates; `relative` is the median change over the median
    baseline, None where that is zero. `where` is `CITY`, `THERE` or `AROUND`. As a text it is a line to read.
    """

    alternative: str
    measure: str
    label: str
    unit: str
    baseline: Range
    change: Range
    relative: float | None
    pairs: int
    where: str = CITY

    @property
    def what(self) -> str:
        """The measure with its unit, and the part of the city."""
        return (self.label if self.unit in self.label else f"{self.label} ({self.unit})") + WHERE[self.where]

    @property
    def spread(self) -> str:
        """The 90% range of the change; nothing for one pair, which has none."""
        return f"{signed(self.change.low)} to {signed(self.change.high)}" if self.pairs > 1 else ""

    @property
    def share(self) -> str:
        """The change relative to the baseline."""
        return "" if self.relative is None else signed_share(self.relative)

    def __str__(self) -> str:
        spread = self.spread and f" (90% range {self.spread})"
        share = self.share and f", {self.share}"
        before = compact(round(self.baseline.median))
        return f"{self.alternative}: {self.what}: {signed(self.change.median)}{spread} on {before}{share}"


def signed(value: float) -> str:
    """Return a change as a whole number with its sign: "+12", "-1,340", "+112M"; "0" without one."""
    whole = round(value)
    return f"+{compact(whole)}" if whole > 0 else compact(whole)


def signed_share(value: float) -> str:
    """Return a change as a percentage with its sign: "-1.0%"; "0.0%" without one."""
    text = f"{value:+.1%}"
    return text if text.strip("+-0.%") else "0.0%"
