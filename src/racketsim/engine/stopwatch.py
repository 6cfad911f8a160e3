"""Where the time of a day goes: seconds by mechanism, with the time for machine code kept apart."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from numba.core.event import TimingListener, install_listener

Step = Callable[[int], None]

MACHINE_CODE = "machine code"
"""What a kernel costs once, when it is first called in a process: loaded from the cache, or compiled."""

LOOP = "loop over days"
"""What a day costs beside its steps."""


class Stopwatch:
    """Seconds of each step over all days that it has timed, of machine code, and in all."""

    def __init__(self, names: Iterable[str]) -> None:
        self.seconds = dict.fromkeys([*names, MACHINE_CODE, LOOP], 0.0)
        self.days = 0

    @contextmanager
    def timing(self, steps: Mapping[str, Step]) -> Iterator[list[Step]]:
        """Give the same steps, timed as long as the context lasts."""
        begun = time.perf_counter()
        before = sum(self.seconds.values())
        compiling = TimingListener()  # type: ignore[no-untyped-call]
        with install_listener("numba:compiler_lock", compiling):
            yield [self._timed(name, step, compiling) for name, step in steps.items()]
        inside = sum(self.seconds.values()) - before
        self.seconds[LOOP] += time.perf_counter() - begun - inside

    def _timed(self, name: str, step: Step, compiling: TimingListener) -> Step:
        seconds = self.seconds

        def timed(day: int) -> None:
            compiled = _duration(compiling)
            begun = time.perf_counter()
            step(day)
            lasted = time.perf_counter() - begun
            code = _duration(compiling) - compiled
            seconds[name] += lasted - code
            seconds[MACHINE_CODE] += code

        return timed


def _duration(listener: TimingListener) -> float:
    return float(listener.duration) if listener.done else 0.0
