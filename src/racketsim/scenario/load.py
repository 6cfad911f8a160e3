"""Reading a scenario: a folder of files becomes one checked `Scenario`, or one `InputError` that says what is wrong.

A stage (evidence, districts, targets, each section of `scenario.toml`, ...) is read to its end before its problems are
told, up to ten in one message; the next stage is read only when there are none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from racketsim.errors import InputError, did_you_mean
from racketsim.scenario import chain, counts, districts, headlines, parameters, policies, sections, sources, triggers
from racketsim.scenario.document import Table
from racketsim.scenario.model import Scenario
from racketsim.scenario.registry import Registry
from racketsim.scenario.sourced import Overrides, Reading

MAIN_FILE = "scenario.toml"
BOUNDARIES_FILE = "boundaries.geojson"
FILES = (MAIN_FILE, districts.FILE, counts.TARGETS_FILE, counts.REPORTS_FILE, sources.FILE, BOUNDARIES_FILE)
OPTIONAL_FILES = (counts.REPORTS_FILE, BOUNDARIES_FILE)
LONGEST_YEARS = 50
_SHIPPED = Path(__file__).resolve().parent.parent / "scenarios"
_THINGS = ("kinds", "methods", "outlets", "groups")
_SECTIONS = ("scenario", *_THINGS, "parameters", "policies", "triggers", "headline", "chain")


def list_scenarios() -> tuple[str, ...]:
    """Return the names of the shipped scenarios."""
    return tuple(sorted(folder.name for folder in _SHIPPED.iterdir() if (folder / MAIN_FILE).is_file()))


def load_scenario(
    name_or_path: str | Path, overrides: Mapping[str, str | float] | None = None, *, registry: Registry | None = None
) -> Scenario:
    """Read and check a scenario.

    `name_or_path` is the name of a shipped scenario or the path of a folder. `overrides` sets numbers of
    `scenario.toml` by their dotted key, e.g. `{"parameters.allocation.rate_per_member": 0.1}`: within what the number's
    declaration allows, but not bound to its prior. `registry` says which parameters and policies there are; the
    installed ones, unless a test gives others. Raises `InputError` where anything cannot be used.
    """
    folder = find_scenario(name_or_path)
    return _Loader(folder, Overrides(overrides or {}), registry or Registry.installed()).load()


def as_scenario(scenario: str | Path | Scenario, overrides: Mapping[str, str | float] | None = None) -> Scenario:
    """Return a scenario that is given by its name, its folder, or loaded.

    Raises `InputError` where it cannot be read, and where `overrides` come with one that is loaded already.
    """
    if not isinstance(scenario, Scenario):
        return load_scenario(scenario, overrides)
    if overrides:
        raise InputError("overrides: give them to load_scenario; this scenario is loaded already.")
    return scenario


def find_scenario(name_or_path: str | Path) -> Path:
    """Return the folder of a scenario; raise `InputError` where there is none."""
    if isinstance(name_or_path, str) and name_or_path in list_scenarios():
        return _SHIPPED / name_or_path
    folder = Path(name_or_path)
    if folder.is_dir():
        return folder
    if folder.exists():
        hint = f" Did you mean '{folder.parent}'?" if folder.name in FILES else ""
        raise InputError(f"{folder}: this is a file; a scenario is a folder with {MAIN_FILE} in it.{hint}")
    shipped = list_scenarios()
    raise InputError(
        f"{folder}: there is no such scenario: neither a folder nor a shipped scenario ({', '.join(shipped)})."
        f"{did_you_mean(str(name_or_path), shipped)}"
    )


class _Loader:
    """The stages of reading one folder, each of which uses what the ones before it have read."""

    def __init__(self, folder: Path, overrides: Overrides, registry: Registry) -> None:
        self.folder = folder
        self.overrides = overrides
        self.registry = registry

    def load(self) -> Scenario:
        self._check_files()
        root = Table.read(self.folder / MAIN_FILE)
        root.only(_SECTIONS, "section")
        head = root.table("scenario")
        head.only(("title", "summary", "currency", "start", "end"))
        title, summary, currency = head.text("title"), head.text("summary"), head.text("currency")
        period = _period(head)
        evidence = sources.read_evidence(self.folder / sources.FILE)
        known = frozenset(item.id for item in evidence)
        reading = Reading(known, self.overrides)
        city = districts.read_districts(self.folder / districts.FILE, known)
        kinds = sections.read_kinds(root, reading)
        kind_ids = [kind.id for kind in kinds]
        methods = sections.read_methods(root, reading)
        outlets = sections.read_outlets(root, reading)
        groups = sections.read_groups(root, city, methods, period, reading)
        targets = counts.read_targets(self.folder / counts.TARGETS_FILE, city, kind_ids, known)
        reports = self.folder / counts.REPORTS_FILE
        records = counts.read_reports(reports, city, *period, known) if reports.exists() else None
        named = policies.Named(city, [group.id for group in groups], kind_ids, *period)
        values = parameters.read_parameters(root, self.registry.parameters, reading)
        happened = policies.read_policies(root, self.registry.policies, named, reading)
        rules = triggers.read_triggers(root, self.registry.policies, named, reading)
        rows = headlines.read_headlines(root, city, records, period, reading)
        dated = [kind for kind, policy in self.registry.policies.items() if getattr(policy, "dated", True)]
        links = chain.read_chain(root, dated, period, reading)
        self.overrides.refuse_unknown()
        return Scenario(
            id=self.folder.resolve().name,
            title=title,
            summary=summary,
            currency=currency,
            start=period[0],
            end=period[1],
            path=self.folder,
            digest=digest(self.folder),
            districts=city,
            kinds=kinds,
            methods=methods,
            outlets=outlets,
            groups=groups,
            targets=targets,
            parameters=values,
            policies=(*happened, *rules),
            records=records,
            headlines=rows,
            chain=links,
            evidence=evidence,
            overrides=dict(self.overrides.given),
            boundaries=self.folder / BOUNDARIES_FILE if (self.folder / BOUNDARIES_FILE).exists() else None,
        )

    def _check_files(self) -> None:
        present = [entry.name for entry in self.folder.iterdir()]
        for name in FILES:
            if name not in present and name not in OPTIONAL_FILES:
                needed = ", ".join(file for file in FILES if file not in OPTIONAL_FILES)
                raise InputError(
                    f"{self.folder}: {name} is missing; a scenario is a folder with {needed} in it."
                    f"{did_you_mean(name, [entry for entry in present if entry not in FILES])}"
                )


def _period(head: Table) -> tuple[date, date]:
    start, end = head.date("start"), head.date("end")
    if end < start:
        raise head.error("end", f"the end, {end}, lies before the start, {start}.")
    if end.year - start.year > LONGEST_YEARS:
        raise head.error("end", f"{start} to {end} is too long; a scenario spans at most {LONGEST_YEARS} years.")
    return start, end


def digest(folder: Path) -> str:
    """Return the SHA-256 of a scenario's files, their names and lengths included."""
    total = hashlib.sha256()
    for name in sorted(FILES):
        path = folder / name
        if path.is_file():
            data = path.read_bytes()
            total.update(f"{name}\0{len(data)}\0".encode())
            total.update(data)
    return total.hexdigest()
