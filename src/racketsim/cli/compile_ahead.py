"""`racketsim compile`: make the machine code of the model now, so that no run has to."""

from __future__ import annotations

import time

from racketsim.cli.console import say
from racketsim.cli.options import DEFAULT_SCENARIO


def compile_ahead() -> None:
    """Compile the model for this machine, as installing with make does, so that the first run starts at once.

    One replicate of Lima is simulated and thrown away, since what it calls is what has to be compiled; machine code is
    that of all scenarios. Without this the first run compiles as it goes, and so does one after a change of the code.
    Use it where a machine is set up: in the image of a container, or before jobs of a cluster that share a folder.

    Examples:

    \b
        racketsim compile
        NUMBA_CACHE_DIR=/shared/racketsim racketsim compile
    """
    from racketsim.cli.progress import watched
    from racketsim.ensembles.processes import cores
    from racketsim.ensembles.replicates import Progress
    from racketsim.ensembles.warm import bind_all, check_place, compiling_ahead, is_cold, leave_mark
    from racketsim.mechanisms.registry import DAY
    from racketsim.scenario.load import load_scenario
    from racketsim.simulation import Sim

    began = time.perf_counter()
    city = load_scenario(DEFAULT_SCENARIO)
    check_place()
    say(
        "compiling for this version and this machine, which takes about half a minute"
        if is_cold()
        else "looking whether anything is left to compile"
    )
    with compiling_ahead(city, cores()), watched(1, city.start, city.end) as progress:
        Sim(city).run(progress=lambda day: progress(Progress(0, 1, day)))
        bind_all(city, DAY)  # what this replicate did not come to
    leave_mark()
    say(f"everything is compiled, after {time.perf_counter() - began:.0f} s")
