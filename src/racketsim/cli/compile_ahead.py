"""`racketsim compile`: make the machine code of the model now, so that no run has to."""

from __future__ import annotations

import time

from racketsim.cli.console import say
from racketsim.cli.options import DEFAULT_SCENARIO
from racketsim.errors import InputError


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
    from racketsim.ensembles.warm import bind_all, compiling_ahead, is_cold, leave_mark
    from racketsim.mechanisms.registry import DAY
    from racketsim.scenario.load import load_scenario
    from racketsim.simulation import Sim

    began = time.perf_counter()
    city = load_scenario(DEFAULT_SCENARIO)
    say("compiling what is missing for this version and this machine, which takes some seconds")
    with compiling_ahead(city, cores()), watched(1, city.start, city.end) as progress:
        Sim(city).run(progress=lambda day: progress(Progress(0, 1, day)))
        bind_all(city, DAY)  # what this replicate did not come to
    leave_mark()
    if is_cold():
        raise InputError("machine code cannot be kept here; name a folder for it in the variable NUMBA_CACHE_DIR.")
    say(f"compiled in {time.perf_counter() - began:.0f} s")
