"""Write the golden baselines anew: `python -m tests.refresh_golden`.

Do so only when results are meant to change (a mechanism, a parameter of lima-2023, a draw), and look at the difference
before committing it: it says what the change did to a run.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from racketsim import Sim
from racketsim.results.vocabulary import EVENT_TYPES
from racketsim.scenario.scaffold import scaffold

FOLDER = Path(__file__).parent / "golden"
RUNS: dict[str, dict[str, Any]] = {
    "small_city": {"seed": 1, "until": None, "overrides": {}},
    "small_city_busy": {
        "seed": 2,
        "until": None,
        "overrides": {
            "parameters.allocation.rate_per_member": 0.2,
            "parameters.policing.clearance": 0.003,
            "parameters.leadership.fragmentation": 1.0,
            "parameters.leadership.visibility": 10.0,
            "parameters.crowd.outbreak_rate": 0.003,
            "parameters.crowd.violent_first": 0.2,
            "parameters.signals.rate": 0.1,
            "parameters.backlash.rate": 4e-6,
        },
    },
    "lima": {"seed": 1, "until": "2018-03-31", "overrides": {}},
}
"""What each baseline runs: the city of `racketsim new`, quiet and busy, and three months of lima-2023."""
STOCKS = ("relations", "relations_by_group", "members", "operators", "held")


def totals(name: str, small_city: Path) -> dict[str, Any]:
    """Run a baseline and return its totals by year (stocks: at the year's end) and its events by type."""
    run = RUNS[name]
    scenario: str | Path = "lima-2023" if name == "lima" else small_city
    sim = Sim(scenario, seed=run["seed"], overrides=run["overrides"]).run(until=run["until"])
    years: dict[str, dict[str, int]] = {}
    for key, table in sim.records.items():
        if np.issubdtype(table.dtype, np.integer):
            for year in range(0, len(table), 12):
                of_year = table[year : year + 12]
                label = str(sim.scenario.start.year + year // 12)
                years.setdefault(label, {})[key] = int((of_year[-1] if key in STOCKS else of_year).sum())
    counts = np.bincount(sim.log["type"], minlength=len(EVENT_TYPES))
    return {
        "groups": [group.id for group in sim.groups],
        "years": years,
        "events": dict(zip(EVENT_TYPES, counts.tolist(), strict=True)),
        "claims": len(sim.claims["day"]),
    }


def main() -> None:
    """Write every baseline."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        small_city = scaffold(Path(place) / "small-city")
        for name in RUNS:
            file = FOLDER / f"{name}.json"
            file.write_text(json.dumps(totals(name, small_city), indent=1) + "\n", encoding="utf-8")
            print(f"wrote {file}")


if __name__ == "__main__":
    main()
