"""Cost against the number of targets at equal events, and against the number of events at equal targets."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import pairwise
from statistics import fmean, median
from typing import Any

from benchmarks.measure import Measure, in_a_process
from benchmarks.parts import Found
from benchmarks.parts.lima import SCENARIO

RATES = (("allocation", "rate_per_member"), ("diffusion", "rate_per_operator"))
TARGETS = {0.1: 1.16, 1.0: 1.0, 10.0: 0.22}
"""Factors of the targets, each with the factor of the rates of demands that gives about as many events as Lima has.

More targets at the same rates give more events, as fewer demands meet somebody who pays already.
"""
EVENTS = (1.0, 20.0)
"""Twenty times the rates of demands give about ten times the events, as those who pay already are not asked again."""


def rates(factor: float) -> dict[str, str | float]:
    """Return the overrides that multiply the rates of demands, in person and by remote."""
    import racketsim as rs

    plain = rs.load_scenario(SCENARIO).parameters
    return {f"parameters.{where}.{name}": plain[where][name].value * factor for where, name in RATES}


def replicate(targets: float, events: float, seeds: list[int], until: str | None) -> list[dict[str, Any]]:
    """Simulate Lima with its targets and its rates of demands multiplied; return what each replicate took."""
    import racketsim as rs

    city = rs.load_scenario(SCENARIO, rates(events))
    city = replace(city, targets=(city.targets * targets).round().astype(city.targets.dtype))
    found = []
    for seed in seeds:
        begun = time.perf_counter()
        sim = rs.Sim(city, seed).run(until=until)
        seconds = time.perf_counter() - begun
        count = len(sim.log["day"])
        found.append({"seconds": seconds, "events": count, "targets": int(city.targets.sum())})
        del sim
    return found


def measure(quick: bool) -> Found:
    """Measure three sizes of the city, then twenty times the rates of demands."""
    until = "2018-06-30" if quick else None
    sizes = [factor for factor in TARGETS if factor <= 1.0 or not quick]
    measures: list[Measure] = []
    notes: list[str] = []
    in_a_process(replicate, targets=0.1, events=1.0, seeds=[99], until="2018-01-10")
    by_targets = {f: _rows(f, TARGETS[f], quick, until) for f in sizes}
    by_events = {f: by_targets[1.0] if f == 1.0 else _rows(1.0, f, quick, until) for f in EVENTS}
    for factor, rows in by_targets.items():
        what = f"{rows[0]['targets'] / 1e6:.2f} million targets, {_mean(rows, 'events'):,.0f} events"
        measures.append(Measure(f"targets x{factor:g}", what, "s", tuple(row["seconds"] for row in rows)))
    for factor, rows in by_events.items():
        if factor != 1.0:
            what = f"{rows[0]['targets'] / 1e6:.2f} million targets, {_mean(rows, 'events'):,.0f} events"
            measures.append(Measure(f"events x{factor:g}", what, "s", tuple(row["seconds"] for row in rows)))
    measures += _ratios("targets", by_targets, notes) + _ratios("events", by_events, notes)
    measures.append(_further(by_events[1.0], by_events[EVENTS[-1]]))
    return Found(measures, notes)


def _rows(targets: float, events: float, quick: bool, until: str | None) -> list[dict[str, Any]]:
    repeats = 2 if quick or targets > 1.0 or events > 1.0 else 5
    found: list[dict[str, Any]] = in_a_process(
        replicate, cores=1, targets=targets, events=events, seeds=list(range(1, repeats + 2)), until=until
    )
    return found[1:]


def _further(few: list[dict[str, Any]], many: list[dict[str, Any]]) -> Measure:
    """Return what one more event costs, where a day's fixed costs are paid already."""
    base, events = median(row["seconds"] for row in few), _mean(few, "events")
    each = tuple((row["seconds"] - base) / (row["events"] - events) * 1e9 for row in many)
    return Measure("further event", "one more event, at equal targets and days", "ns", each)


def _mean(rows: list[dict[str, Any]], name: str) -> float:
    return fmean(row[name] for row in rows)


def _ratios(name: str, found: dict[float, list[dict[str, Any]]], notes: list[str]) -> list[Measure]:
    """Return what each step of ten costs, and note by how much events really grew."""
    measures = []
    factors = sorted(found)
    for small, large in pairwise(factors):
        base = median(row["seconds"] for row in found[small])
        ratios = tuple(row["seconds"] / base for row in found[large])
        events = _mean(found[large], "events") / _mean(found[small], "events")
        measures.append(Measure(f"{name} x{small:g} to x{large:g}", f"ten times the {name} cost", "times", ratios))
        notes.append(f"from {name} x{small:g} to x{large:g}: events grew {events:.2f}-fold")
    return measures
