"""racketsim: agent-based simulation of extortion rackets.

    import racketsim as rs

    sim = rs.Sim("lima-2023", seed=1).run()
    sim.plot()

Every name below is loaded when it is first used, so that `import racketsim` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from racketsim import policies as policies
    from racketsim.ensembles.compare import Comparison as Comparison
    from racketsim.ensembles.compare import compare as compare
    from racketsim.ensembles.replicates import run_replicates as run_replicates
    from racketsim.errors import InputError as InputError
    from racketsim.results.folder import FinishedRun as FinishedRun
    from racketsim.results.folder import open_run as open_run
    from racketsim.scenario.load import load_scenario as load_scenario
    from racketsim.scenario.model import Scenario as Scenario
    from racketsim.simulation import Sim as Sim

__version__ = "0.1.0"

_HOME_OF = {
    "Comparison": "racketsim.ensembles.compare",
    "FinishedRun": "racketsim.results.folder",
    "InputError": "racketsim.errors",
    "Scenario": "racketsim.scenario.model",
    "Sim": "racketsim.simulation",
    "compare": "racketsim.ensembles.compare",
    "load_scenario": "racketsim.scenario.load",
    "open_run": "racketsim.results.folder",
    "policies": "racketsim.policies",
    "run_replicates": "racketsim.ensembles.replicates",
}

__all__ = [
    "Comparison",
    "FinishedRun",
    "InputError",
    "Scenario",
    "Sim",
    "__version__",
    "compare",
    "load_scenario",
    "open_run",
    "policies",
    "run_replicates",
]


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'racketsim' has no attribute {name!r}")
    module = importlib.import_module(home)
    value = module if home == f"racketsim.{name}" else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
