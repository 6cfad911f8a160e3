"""A run that wastes work, for the guard to notice."""

from __future__ import annotations

from typing import Any

from benchmarks import work


def with_twice_the_work(scenario: str, seed: int, until: str) -> dict[str, int]:
    """Count a run that counts the relations of every cell 400 times a day, and asks for a date 200 times."""
    work.instrument_kernels()
    from racketsim.engine.kernel import kernel
    from racketsim.mechanisms.records import Records

    @kernel
    def look_at_all(cells: Any, times: Any) -> Any:
        paying = 0
        for _ in range(times):
            for cell in range(cells.size):
                if cells[cell] > 0:
                    paying += 1
        return paying

    plain = Records.step

    def step(mechanism: Any, day: int) -> None:
        look_at_all(mechanism.v.relations_group.reshape(-1), 400)
        for _ in range(200):
            mechanism.city.day_of(mechanism.city.scenario.start)
        plain(mechanism, day)

    Records.step = step  # type: ignore[assignment, method-assign]
    return work.of_a_run(scenario, seed, until)
