"""The progress of replicates on stderr: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

from racketsim.cli.console import messages, say

if TYPE_CHECKING:
    from racketsim.ensembles.replicates import Progress

SECONDS_BETWEEN_LINES = 10.0
_GRAIN = 1000  # steps of the bar for one replicate


@contextmanager
def watched(replicates: int, first: date, last: date) -> Iterator[Callable[[Progress], None]]:
    """Yield what tells the progress of `replicates` replicates that run from day `first` to `last`."""
    if messages().is_terminal:
        with _bar(replicates, first, last) as tell:
            yield tell
    else:
        yield _lines()


@contextmanager
def _bar(replicates: int, first: date, last: date) -> Iterator[Callable[[Progress], None]]:
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    days = max(1, (last - first).days)
    words = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[count]}"))
    clocks = (TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(elapsed_when_finished=True))
    with Bars(*words, *clocks, console=messages(), transient=True) as bars:
        bar = bars.add_task("compiling and setting up", total=replicates * _GRAIN, count=f"0/{replicates}")

        def tell(progress: Progress) -> None:
            if progress.note:
                bars.console.print(progress.note, markup=False)
            part = (progress.day - first).days / days if progress.day else 0.0
            bars.update(
                bar,
                completed=(progress.done + part) * _GRAIN,
                description=f"{progress.day:%Y-%m-%d}" if progress.day else "replicates",
                count=f"{progress.done}/{progress.replicates}",
            )

        yield tell


def _lines() -> Callable[[Progress], None]:
    told_at = time.monotonic()

    def tell(progress: Progress) -> None:
        nonlocal told_at
        if progress.note:
            say(progress.note)
        if progress.day is None and time.monotonic() - told_at >= SECONDS_BETWEEN_LINES:
            told_at = time.monotonic()
            say(f"{progress.done} of {progress.replicates} replicates")

    return tell
