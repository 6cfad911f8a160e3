"""What a scenario holds, in a few lines: the answer of `racketsim check` once everything in it can be used."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from racketsim.scenario.evidence import quantities
from racketsim.scenario.load import load_scenario
from racketsim.scenario.model import Scenario
from racketsim.scenario.registry import Registry


@dataclass(frozen=True, slots=True)
class Summary:
    """The contents of a checked scenario; `str()` of it is for people, `as_dict()` for machines."""

    id: str
    title: str
    path: str
    period: tuple[str, str]
    districts: int
    regions: tuple[str, ...]
    targets: int
    targets_by_kind: dict[str, int]
    methods: int
    outlets: int
    groups_by_role: dict[str, int]
    policies_by_kind: dict[str, int]
    parameters: int
    numbers: dict[str, int]
    evidence: int
    recorded_cases: int | None
    recorded_months: tuple[str, str] | None
    headlines: int
    mean_exposure: float
    digest: str

    def as_dict(self) -> dict[str, Any]:
        """Return the summary as plain values."""
        return asdict(self)

    def __str__(self) -> str:
        kinds = ", ".join(f"{kind} {count:,}" for kind, count in self.targets_by_kind.items())
        groups = ", ".join(f"{role} {count}" for role, count in self.groups_by_role.items())
        policies = ", ".join(f"{kind} {count}" for kind, count in self.policies_by_kind.items()) or "none"
        numbers = ", ".join(f"{basis} {count}" for basis, count in self.numbers.items())
        lines = {
            "scenario": f"{self.id}: {self.title}",
            "folder": self.path,
            "period": " to ".join(self.period),
            "districts": f"{self.districts} in {', '.join(self.regions)}",
            "targets": f"{self.targets:,} ({kinds}), mean exposure {self.mean_exposure:.3f}",
            "groups": groups,
            "methods, outlets": f"{self.methods}, {self.outlets}",
            "policies": policies,
            "parameters": str(self.parameters),
            "numbers": f"{sum(self.numbers.values())} in scenario.toml ({numbers}); {self.evidence} rows of evidence",
            "recorded": self._recorded(),
            "headline": f"{self.headlines} rows",
            "digest": self.digest[:16],
        }
        width = max(map(len, lines))
        return "\n".join(f"{name:<{width}}  {text}" for name, text in lines.items())

    def _recorded(self) -> str:
        if self.recorded_cases is None or self.recorded_months is None:
            return "nothing (no reports.csv)"
        return f"{self.recorded_cases:,} cases, {' to '.join(self.recorded_months)}"


def check(name_or_path: str | Path, *, registry: Registry | None = None) -> Summary:
    """Read a scenario and summarise it; raise `InputError` where anything in it cannot be used."""
    return summarise(load_scenario(name_or_path, registry=registry))


def summarise(scenario: Scenario) -> Summary:
    """Return the summary of a scenario that has been read."""
    by_district = scenario.targets.sum(axis=1)
    total = int(by_district.sum())
    records = scenario.records
    bases = Counter(_basis(quantity.source, quantity.prior) for _, quantity in quantities(scenario))
    return Summary(
        id=scenario.id,
        title=scenario.title,
        path=str(scenario.path),
        period=(str(scenario.start), str(scenario.end)),
        districts=len(scenario.districts),
        regions=tuple(dict.fromkeys(scenario.districts.region)),
        targets=total,
        targets_by_kind={kind.id: int(scenario.targets[:, k].sum()) for k, kind in enumerate(scenario.kinds)},
        methods=len(scenario.methods),
        outlets=len(scenario.outlets),
        groups_by_role=dict(Counter[str](group.role for group in scenario.groups)),
        policies_by_kind=dict(Counter(policy.kind for policy in scenario.policies)),
        parameters=sum(map(len, scenario.parameters.values())),
        numbers={basis: bases[basis] for basis in ("source", "prior", "both")},
        evidence=len(scenario.evidence),
        recorded_cases=None if records is None else int(records.counts[records.counts >= 0].sum()),
        recorded_months=None if records is None else (f"{records.months[0]:%Y-%m}", f"{records.months[-1]:%Y-%m}"),
        headlines=len(scenario.headlines),
        mean_exposure=float((by_district * scenario.districts.exposure).sum() / total),
        digest=scenario.digest,
    )


def _basis(source: str | None, prior: object) -> str:
    if source and prior:
        return "both"
    return "source" if source else "prior"
