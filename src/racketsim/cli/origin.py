"""What a story or a chronicle says first: that it is simulated, and by which run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from racketsim.results.folder import FinishedRun


@dataclass(frozen=True, slots=True)
class Origin:
    """The replicate that is told; `policies` names those added to the scenario's own. Printing it gives one line."""

    scenario: str
    seed: int
    start: date
    end: date
    replicate: int = 0
    replicates: int = 1
    overrides: Mapping[str, str | float] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    by_rule: bool = False
    policies: tuple[str, ...] = ()

    @classmethod
    def of(cls, run: FinishedRun) -> Origin:
        """Return the origin of what is told of the first replicate of a run directory."""
        from racketsim.results.policy_words import title

        about, first = run.manifest, run.replicates[0]
        return cls(
            scenario=about["scenario"]["id"],
            seed=first.seed,
            start=date.fromisoformat(about["period"]["start"]),
            end=date.fromisoformat(about["period"]["end"]),
            replicate=first.index,
            replicates=len(run.replicates),
            overrides=about["overrides"],
            without=tuple(about["without"]),
            by_rule=bool(about.get("by_rule")),
            policies=tuple(title(policy) for policy in about["policies"] if policy.get("stated_in") == "command"),
        )

    def __str__(self) -> str:
        from racketsim.results.words import long_date

        parts = [
            f"{self.scenario}, {long_date(self.start)} to {long_date(self.end)}, seed {self.seed}",
            f"replicate {self.replicate} of {self.replicates}",
            *(f"{key} = {value}" for key, value in self.overrides.items()),
            *([f"without {', '.join(self.without)}"] if self.without else []),
            *(["the state by its rules alone"] if self.by_rule else []),
            *(f"added: {policy}" for policy in self.policies),
        ]
        return f"Simulated, not a record of what happened: {'; '.join(parts)}."

    def plain(self) -> dict[str, Any]:
        """Return the line and its parts as plain values, dates in ISO format."""
        dates = {"start": self.start.isoformat(), "end": self.end.isoformat()}
        return {"simulated": True, "note": str(self), **asdict(self), **dates}
