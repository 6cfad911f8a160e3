"""What a run was (`manifest.json`) and what it found (`summary.json`), as plain values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

import numpy as np

from racketsim.results.findings import Findings
from racketsim.results.headline import range_of
from racketsim.results.measures import MEASURES
from racketsim.results.provenance import code_digest, environment, version
from racketsim.results.replicate import Replicate
from racketsim.scenario.model import Quantity, Scenario

PROGRAM = "racketsim"
Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What is asked of a run: everything that its replicates depend on, and the command that reproduces it.

    `policies` are those added to the scenario's own, as plain values (kind, start, end, districts, ...).
    `without` names the elements that are switched off; with `by_rule` the scenario is one in which the state answers by
    rules alone (`policies.triggered.by_rule`). `events` says whose event and claim tables are kept: those of
    the first replicate, or of all.
    """

    scenario: Scenario
    seed: int
    command: str
    until: date | None = None
    policies: tuple[Mapping[str, Any], ...] = ()
    without: tuple[str, ...] = ()
    by_rule: bool = False
    events: Literal["first", "all"] = "first"

    @property
    def digest(self) -> str:
        """Eight hexadecimal digits that differ where the replicates would: inputs, arguments or code."""
        whole = [
            self.scenario.digest,
            self.seed,
            str(self.until),
            self.policies,
            dict(self.scenario.overrides),
            self.without,
            self.by_rule,
            parameters(self.scenario),
            self.events,
            code_digest(),
        ]
        return _digits(whole)

    @property
    def default_name(self) -> str:
        """What the run directory is called when nobody says: `<scenario>-seed<seed>`, and for a what-if more.

        By rule it ends in `-by-rule`; overrides, elements left out, added policies and an earlier end add eight
        hexadecimal digits that differ where these do, so that no what-if replaces the plain run or another what-if.
        """
        until = None if self.until in (None, self.scenario.end) else str(self.until)
        what_if = [dict(self.scenario.overrides), sorted(self.without), self.policies, until]
        name = f"{self.scenario.id}-seed{self.seed}" + ("-by-rule" if self.by_rule else "")
        return f"{name}-{_digits(what_if)}" if any(what_if) else name


def manifest(
    plan: RunPlan, findings: Findings, replicates: Sequence[Replicate], planned: int, seconds: float, files: Plain
) -> Plain:
    """Return what the run was, from its inputs to the digests of its files."""
    scenario = plan.scenario
    return {
        "program": PROGRAM,
        "version": version(),
        "code_sha256": code_digest(),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": plan.command,
        "scenario": {
            "id": scenario.id,
            "title": scenario.title,
            "sha256": scenario.digest,
            "location": str(scenario.path),
        },
        "period": _period(scenario, replicates),
        "seed": plan.seed,
        "replicates": len(replicates),
        "replicates_planned": planned,
        "replicate_seeds": {f"{replicate.index:04d}": replicate.seed for replicate in replicates},
        "overrides": dict(scenario.overrides),
        "without": list(plan.without),
        "by_rule": plan.by_rule,
        "parameters": parameters(scenario),
        "policies": findings.policies,
        "events_kept": "every replicate" if plan.events == "all" else "replicate 0 only",
        "timing": timing(replicates, seconds),
        "environment": environment(),
        "files": files,
    }


def summary(findings: Findings, plan: RunPlan, replicates: Sequence[Replicate], seconds: float) -> Plain:
    """Return what the run found: headline rows, fit to the record, totals over the period."""
    totals: Plain = {}
    for name, measure in MEASURES.items():
        if name == "relations":
            continue
        unit = findings.scenario.currency if measure.unit == "currency" else measure.unit
        found = range_of(findings.total(name))
        totals[name] = {"unit": unit, **(asdict(found) if found else _NOTHING)}
    return {
        "scenario": findings.scenario.id,
        "scenario_sha256": findings.scenario.digest,
        "seed": plan.seed,
        "replicates": findings.replicates,
        "period": _period(findings.scenario, replicates),
        "headline": headline_plain(findings),
        "fit": asdict(findings.fit) if findings.fit else None,
        "totals": totals,
        "by_rule": plan.by_rule,
        "policies": findings.policies,
        "timing": timing(replicates, seconds),
        "version": version(),
    }


def _digits(whole: Any) -> str:
    return hashlib.sha256(json.dumps(whole, sort_keys=True, default=str).encode()).hexdigest()[:8]


_NOTHING = {"median": None, "low": None, "high": None}


def headline_plain(findings: Findings) -> list[Plain]:
    """Return the headline rows as plain values; medians are None where the run does not cover the row's months."""
    return [{**asdict(row), "simulated": asdict(row.simulated) if row.simulated else _NOTHING} for row in findings.rows]


def parameters(scenario: Scenario) -> Plain:
    """Return every number of the scenario with its unit and basis, by its dotted key."""
    found: Plain = {}
    for name, parts in scenario.parameters.items():
        found |= {f"parameters.{name}.{key}": _quantity(value) for key, value in parts.items()}
    owners: Any = {
        "kinds": scenario.kinds,
        "methods": scenario.methods,
        "outlets": scenario.outlets,
        "groups": scenario.groups,
    }
    for section, items in owners.items():
        for item in items:
            found |= {f"{section}.{item.id}.{key}": _quantity(value) for key, value in item.quantities.items()}
    return found


def timing(replicates: Sequence[Replicate], seconds: float) -> Plain:
    """Return seconds in all, median seconds of the parts of a replicate, and target-days a second."""
    names = sorted({name for replicate in replicates for name in replicate.timing})
    median = {n: float(np.median([r.timing[n] for r in replicates if n in r.timing])) for n in names}
    median.setdefault("target_days_per_second", 0.0)
    profile = profile_rows(replicates)
    return {"wall_seconds": round(seconds, 3), **median, **({"profile": profile} if profile else {})}


def profile_rows(replicates: Sequence[Replicate]) -> list[Plain]:
    """Return where a day's time goes, in the order of a day: seconds a replicate and share of all, pooled.

    Replicates that were not profiled do not count; without any that were, there are no rows.
    """
    profiled = [replicate.profile for replicate in replicates if replicate.profile]
    names = dict.fromkeys(name for profile in profiled for name in profile)
    seconds = {name: sum(profile.get(name, 0.0) for profile in profiled) / len(profiled) for name in names}
    total = sum(seconds.values())
    return [
        {"mechanism": name, "seconds": mean, "share": mean / total, "replicates": len(profiled)}
        for name, mean in seconds.items()
    ]


def _period(scenario: Scenario, replicates: Sequence[Replicate]) -> Plain:
    reached = min(replicate.reached for replicate in replicates)
    return {"start": scenario.start.isoformat(), "end": reached.isoformat(), "months": replicates[0].months}


def _quantity(value: Quantity) -> Plain:
    plain: Plain = {"value": value.value, "unit": value.unit, "source": value.source}
    if value.prior:
        plain["prior"] = asdict(value.prior)
    return plain
