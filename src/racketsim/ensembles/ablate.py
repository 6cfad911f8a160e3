"""Ablation: what each element does, from pairs of replicates with and without it.

Replicate r runs once with everything on and once without each element, always with the seed s + r: the runs share
their draws, so what differs is what the element does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from racketsim.elements import described, read_without, switchable
from racketsim.ensembles.compare import run_pairs
from racketsim.ensembles.processes import cores
from racketsim.ensembles.replicates import MOST_SEED, Watcher, ignore, last_day
from racketsim.errors import InputError
from racketsim.mechanisms.activities import LOANS
from racketsim.mechanisms.territory import herfindahl
from racketsim.results.headline import Range, range_of
from racketsim.results.measures import Array, monthly
from racketsim.results.records import Records
from racketsim.scenario.load import as_scenario
from racketsim.scenario.model import Scenario


class Outcome(NamedTuple):
    """One column of the table: what it is called, its unit, and how it is computed from a run's records."""

    label: str
    unit: str
    compute: Callable[[Records], float]


class Change(NamedTuple):
    """What leaving out an element changes in one outcome, replicate by replicate: without it minus with everything on.

    `relative` is the change over the outcome with everything on, pair by pair; None where that is zero somewhere.
    """

    element: str
    outcome: str
    label: str
    unit: str
    baseline: Range
    change: Range
    relative: Range | None


def _total(measure: str) -> Callable[[Records], float]:
    return lambda records: float(monthly(records, measure).sum())


def _sum(record: str) -> Callable[[Records], float]:
    return lambda records: float(np.sum(records[record]))


def _beside_extortion(records: Records) -> float:
    """Return what groups take from loans, drugs and trafficking, in units of the currency."""
    return float(np.sum(records["revenue"][..., LOANS:])) / 100.0


def _members(records: Records) -> float:
    return float(np.sum(records["members"][-1]))


def _concentration(records: Records) -> float:
    """Return the Herfindahl index of members at the end, its mean over the districts where anybody is."""
    members = np.asarray(records["members"][-1])
    held = members.sum(axis=1) > 0
    return float(herfindahl(members)[held].mean()) if held.any() else 0.0


def _between_groups(records: Records) -> float:
    return float(np.sum(records["clashes"])) + float(np.sum(records["retaliations"]))


def _in_a_false_name(records: Records) -> float:
    claimed, made = (np.asarray(records[name]).sum(axis=(0, 1)) for name in ("demands_by_claim", "demands_by_group"))
    return float(np.abs(claimed - made).sum() / 2)


OUTCOMES: dict[str, Outcome] = {
    "cases": Outcome("true cases", "cases", _total("cases")),
    "recorded": Outcome("recorded cases", "cases", _total("recorded")),
    "payments": Outcome("payments", "payments", _sum("payments")),
    "paid": Outcome("tribute paid", "currency", _total("paid")),
    "incidents": Outcome("incidents", "incidents", _total("incidents")),
    "injured": Outcome("injured", "people", _total("injured")),
    "killed": Outcome("killed", "people", _total("killed")),
    "killed_total": Outcome("killed in all", "people", _total("killed_total")),
    "rival_killed": Outcome("killed between groups", "people", _total("rival_killed")),
    "rival_injured": Outcome("injured between groups", "people", _total("rival_injured")),
    "rival_violence": Outcome("clashes and retaliation", "acts", _between_groups),
    "false_names": Outcome("demands in a false name", "cases", _in_a_false_name),
    "rival_threats": Outcome("threats between groups", "threats", _sum("rival_threats")),
    "expulsions": Outcome("cells driven out or taken over", "cells", _sum("expulsions")),
    "supplied": Outcome("members sent by parents", "members", _sum("supplied")),
    "other_revenue": Outcome("revenue beside extortion", "currency", _beside_extortion),
    "arrests": Outcome("arrests", "people", _total("arrests")),
    "emergency": Outcome("person-days under emergency", "person-days", _sum("emergency_person_days")),
    "protests": Outcome("protests", "protests", _total("protests")),
    "riots": Outcome("riots", "riots", _total("riots")),
    "vehicles_burnt": Outcome("vehicles burnt", "vehicles", _total("vehicles_burnt")),
    "beaten_innocent": Outcome("innocents beaten", "people", _total("beaten_innocent")),
    "crowd_killed": Outcome("killed by crowds", "people", _total("crowd_killed")),
    "crowd_injured": Outcome("injured by crowds", "people", _total("crowd_injured")),
    "lynched": Outcome("members lynched", "people", _total("lynched")),
    "public_threats": Outcome("public threats", "threats", _sum("public_threats")),
    "ultimatums": Outcome("ultimatums", "ultimatums", _sum("ultimatums")),
    "backlash": Outcome("backlash", "incidents", _total("backlash")),
    "backlash_killed": Outcome("killed in backlash", "people", _total("backlash_killed")),
    "backlash_injured": Outcome("injured in backlash", "people", _total("backlash_injured")),
    "withheld": Outcome("reports withheld", "cases", _total("withheld")),
    "members": Outcome("members at the end", "members", _members),
    "concentration": Outcome("concentration (HHI) at the end", "1", _concentration),
}
"""What an ablation reports, over the city and the whole period."""


_SMALL = 0.001
"""Changes below this share are printed with more digits."""
NOTHING = "nothing in nearly all pairs"
"""What a line of the table says of an element that moves no outcome one way in nearly all pairs."""


@dataclass(frozen=True)
class Ablation:
    """Paired replicates with everything on, and without each of `elements`.

    `totals[e, r, m]` is outcome m of `OUTCOMES` in replicate r without element e - 1; e = 0 has everything on.
    """

    scenario: Scenario
    seed: int
    until: date
    elements: tuple[str, ...]
    totals: Array

    @property
    def replicates(self) -> int:
        """Number of pairs."""
        return int(self.totals.shape[1])

    def summary(self) -> list[Change]:
        """Return median and 90% range of what leaving out each element changes, by element and outcome."""
        return [
            self._change(place, column) for place in range(1, len(self.elements) + 1) for column in range(len(OUTCOMES))
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return the ablation as plain values, for machines."""
        return {
            "scenario": self.scenario.id,
            "scenario_sha256": self.scenario.digest,
            "seed": self.seed,
            "replicates": self.replicates,
            "until": self.until.isoformat(),
            "changes": [
                {
                    **row._asdict(),
                    "baseline": asdict(row.baseline),
                    "change": asdict(row.change),
                    "relative": asdict(row.relative) if row.relative else None,
                }
                for row in self.summary()
            ],
        }

    def _change(self, place: int, column: int) -> Change:
        name, outcome = list(OUTCOMES.items())[column]
        held = self.totals[0, :, column]
        change = self.totals[place, :, column] - held
        baseline, spread = range_of(held), range_of(change)
        assert baseline is not None
        assert spread is not None
        relative = range_of(change / held) if held.all() else None
        unit = self.scenario.currency if outcome.unit == "currency" else outcome.unit
        return Change(self.elements[place - 1], name, outcome.label, unit, baseline, spread, relative)


@dataclass(frozen=True, slots=True)
class _Pair:
    """What a worker needs to run replicate r with everything on, and without each element."""

    scenario: Scenario
    seed: int
    until: date
    elements: tuple[str, ...]
    threads: int

    def __call__(self, index: int) -> Array:
        return np.stack([self._outcomes(index, off) for off in ((), *((one,) for one in self.elements))])

    def _outcomes(self, index: int, off: tuple[str, ...]) -> Array:
        from racketsim.simulation import Sim

        sim = Sim(self.scenario, seed=self.seed + index, threads=self.threads, without=off, keep_events=False)
        records = sim.run(until=self.until).records
        return np.array([outcome.compute(records) for outcome in OUTCOMES.values()])


def ablate(
    scenario: str | Path | Scenario = "lima-2023",
    elements: Sequence[str] = (),
    *,
    seed: int = 1,
    replicates: int = 20,
    until: date | str | None = None,
    workers: int | None = None,
    threads: int = 1,
    progress: Watcher | None = None,
) -> Ablation:
    """Run paired replicates with everything on and without each element, and return what differs.

    Args:
        scenario: name of a shipped scenario, a folder, or a scenario that was loaded.
        elements: which to switch off, one at a time; all that can be by default.
        seed: pair r has the seed `seed + r`.
        replicates: number of pairs.
        until: last day simulated; the scenario's end by default.
        workers: processes, one a core by default.
        threads: threads of each simulation.
        progress: told of every pair.

    Raises:
        InputError: something given cannot be used.
        KeyboardInterrupt: Ctrl-C.
    """
    city = as_scenario(scenario)
    chosen = read_without(elements) if elements else tuple(switchable())
    if replicates < 1 or not 0 <= seed <= MOST_SEED - replicates:
        raise InputError(
            f"{replicates} replicates from seed {seed} on are out of range; allowed: 1 or more, 0 to 2**63 - 1."
        )
    end = last_day(until, city) or city.end
    pair = _Pair(city, seed, end, chosen, threads)
    totals = run_pairs(city, pair, replicates, workers or cores(), progress or ignore)
    return Ablation(city, seed, end, chosen, totals)


def read_changes(plain: Sequence[Mapping[str, Any]]) -> list[Change]:
    """Return the changes that `Ablation.as_dict` has written out."""
    ranges = ("baseline", "change", "relative")
    return [Change(**{**row, **{name: Range(**row[name]) if row[name] else None for name in ranges}}) for row in plain]


def markdown_table(changes: Sequence[Change]) -> list[str]:
    """Return the changes of an ablation as the lines of two Markdown tables.

    The first has what each outcome is with everything on, the second, for each element, the outcomes that leaving it
    out moves one way in nearly all pairs: those whose 90% range of changes leaves out 0.
    """
    elements, meanings = described(), switchable()
    first = [row for row in changes if row.element == changes[0].element]
    lines = ["| outcome, everything on | median (90% range) |", "|---|---|"]
    lines.extend(f"| {row.label} | {level(row)} ({_bounds(row)}) |" for row in first)
    lines += ["", "| without | what that means | what it changes (90% range) |", "|---|---|---|"]
    for name in dict.fromkeys(row.element for row in changes):
        clear = [f"{row.label} {cell(row)}" for row in changes if row.element == name and is_clear(row)]
        lines.append(f"| {name} | {elements[name].mechanism}: {meanings[name]} | {'; '.join(clear) or NOTHING} |")
    return lines


def is_clear(row: Change) -> bool:
    """Whether nearly all pairs move one way: the 90% range of changes leaves out 0."""
    return row.change.low > 0.0 or row.change.high < 0.0


def _bounds(row: Change) -> str:
    digits = 2 if row.unit == "1" else 0
    unit = "" if row.unit == "1" else f" {row.unit}"
    return f"{row.baseline.low:,.{digits}f} to {row.baseline.high:,.{digits}f}{unit}"


def level(row: Change) -> str:
    """Return the median of an outcome with everything on."""
    return f"{row.baseline.median:.2f}" if row.unit == "1" else f"{row.baseline.median:,.0f}"


def cell(row: Change) -> str:
    """Return one change with its range: in % of the outcome with everything on; of an index, as it is."""
    change, relative = row.change, row.relative
    if change.low == change.high == 0.0:
        return "0"
    if row.unit == "1" or relative is None:
        return f"{change.median:+.2g} ({change.low:+.2g} to {change.high:+.2g})"
    digits = 1 if max(abs(relative.low), abs(relative.high)) >= _SMALL else 3
    median, low, high = (round(100.0 * share, digits) + 0.0 for share in (relative.median, relative.low, relative.high))
    return f"{median:+.{digits}f}% ({low:+.{digits}f} to {high:+.{digits}f})"
