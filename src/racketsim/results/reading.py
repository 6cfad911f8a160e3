"""What one reads of a simulation in Python: tables, figures, stories. `Sim` inherits these methods.

Heavy libraries are loaded by the method that needs them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa
    import xarray as xr
    from matplotlib.figure import Figure

    from racketsim.results.chronicle import Item
    from racketsim.results.findings import Findings
    from racketsim.results.headline import Row
    from racketsim.results.records import Records
    from racketsim.results.replicate import Columns, GroupLike
    from racketsim.results.story import Story
    from racketsim.scenario.model import Scenario


class Readable:
    """Reading methods of whatever has a scenario, records, events, claims and groups."""

    if TYPE_CHECKING:
        scenario: Scenario
        seed: int
        policies: tuple[Any, ...]

        @property
        def day(self) -> date:
            """The last day that was simulated."""

        @property
        def records(self) -> Records:
            """Monthly arrays by name."""

        @property
        def log(self) -> Columns:
            """Columns of the events."""

        @property
        def claims(self) -> Columns:
            """Columns of the claims."""

        @property
        def groups(self) -> Sequence[GroupLike]:
            """Groups in the order of the group axis."""

        @property
        def timing(self) -> Mapping[str, float]:
            """Seconds by part, and target-days a second."""

        @property
        def profile(self) -> Mapping[str, float]:
            """Seconds by mechanism; empty without `run_profiled`."""

    @property
    def series(self) -> xr.Dataset:
        """Monthly results with labels: (replicate, time, district, group, kind, ...), units and descriptions."""
        from racketsim.results.replicate import replicate_of
        from racketsim.results.series import dataset

        return dataset(self.scenario, [replicate_of(self)])

    @property
    def events(self) -> pa.Table:
        """Every event with its date, place, people and cause. Empty where `keep_events` was False."""
        from racketsim.results.tables import events_table

        return events_table(self.log, self.scenario, self.groups)

    def findings(self) -> Findings:
        """Return what the page and the figures say about this run, computed once."""
        from racketsim.results.findings import gather
        from racketsim.results.replicate import replicate_of

        added = [policy.describe() for policy in self.policies if hasattr(policy, "describe")]
        return gather(self.scenario, [replicate_of(self)], added)

    def headline(self) -> list[Row]:
        """Return the headline rows: what this run gives, beside what was recorded and its source."""
        return self.findings().rows

    def plot(self) -> Figure:
        """Draw recorded against simulated cases, the map of control and cases, and incidents by method.

        Returns a matplotlib figure; a notebook shows it, `figure.savefig("run.png")` keeps it.
        """
        from racketsim.results.figures import overview

        return overview(self.findings())

    def story(self, *, target: int | None = None, group: str | None = None, most_a_year: int = 4) -> Story:
        """Tell what happened to one target (its number) or one group (its name), in dated sentences.

        Of a group at most `most_a_year` events of each sort and year are told; `selection` says of how many.
        Raises InputError where neither or both are given, or where there is no such target or group.
        """
        from racketsim.errors import InputError
        from racketsim.results.story import story_of_group, story_of_target

        if target is not None and group is None:
            return story_of_target(self.log, self.scenario, self.groups, target)
        if group is not None and target is None:
            return story_of_group(self.log, self.scenario, self.groups, group, most_a_year)
        raise InputError("story: give either target=NUMBER or group='NAME'.")

    def chronicle(self, most_a_year: int = 20, truth: bool = False) -> list[Item]:
        """Return the run as the press saw it, by date; with `truth`, what really happened beside it."""
        from racketsim.results.chronicle import chronicle

        return chronicle(self.log, self.claims, self.scenario, self.groups, most_a_year=most_a_year, truth=truth)
