"""What several commands take: their options, declared once, and the reading of `--set` pairs."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from racketsim.errors import InputError

if TYPE_CHECKING:
    from racketsim.scenario.model import Scenario

DEFAULT_SCENARIO = "lima-2023"

ScenarioArgument = Annotated[
    str, typer.Argument(metavar="[SCENARIO]", help="Name of a shipped scenario, or a scenario's folder.")
]
SeedOption = Annotated[
    int, typer.Option("--seed", min=0, max=2**63 - 1, help="Seed; replicate r has the seed SEED + r.")
]
ReplicatesOption = Annotated[
    int, typer.Option("--replicates", "-n", min=1, max=1_000_000, help="Number of replicates.")
]
UntilOption = Annotated[
    str | None, typer.Option("--until", metavar="DATE", help="Last day simulated (default: the scenario's end).")
]
PolicyOption = Annotated[
    list[str] | None,
    typer.Option(
        "--policy",
        "-p",
        metavar="POLICY",
        help="Add a policy, `kind:key=value;key=value`, or a TOML file of policies; may be repeated.",
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Set a number of the scenario by its dotted key; may be repeated."),
]
WithoutOption = Annotated[
    list[str] | None,
    typer.Option(
        "--without",
        metavar="ELEMENT",
        help="Switch an element off, e.g. A12 (see `racketsim elements`); may be repeated.",
    ),
]
ByRuleOption = Annotated[
    bool,
    typer.Option(
        "--by-rule", help="Leave out the state's dated responses to crime: it answers by its rules alone, from day one."
    ),
]
WorkersOption = Annotated[
    int | None, typer.Option("--workers", "-w", min=1, max=4096, help="Processes (default: one a core).")
]
ThreadsOption = Annotated[int, typer.Option("--threads", min=1, max=1024, help="Threads of one replicate.")]
FreshOption = Annotated[
    bool, typer.Option("--fresh", help="Start again, whatever an interrupted run of the same command has left.")
]
EventsOption = Annotated[
    Literal["first", "all"],
    typer.Option("--events", help="Whose events and claims to keep: the first replicate's, or all."),
]
ReportOption = Annotated[bool, typer.Option("--report/--no-report", help="Whether to write the page report.html.")]
ProfileOption = Annotated[
    bool, typer.Option("--profile", help="Print where the time of a day goes, mechanism by mechanism.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document for machines.")]


def by_rule_text(city: Scenario) -> str:
    """Return what is said of a run in which the state answers by rules alone."""
    rules = sum(spec.kind == "triggered" for spec in city.policies)
    return f"the state answers by its rules alone ({rules}); its dated responses to crime are left out"


def read_elements(texts: Iterable[str] | None) -> tuple[str, ...]:
    """Return the elements of every `--without`, each of which may name several, separated by commas.

    Raises:
        InputError: there is no such element, or it cannot be switched off.
    """
    from racketsim.elements import read_without

    return read_without([name.strip().upper() for text in texts or () for name in text.split(",")])


def read_settings(pairs: Iterable[str] | None) -> dict[str, str | float]:
    """Return `key -> number` of every `--set KEY=VALUE`; the loader checks that the scenario has such a key."""
    settings: dict[str, str | float] = {}
    for pair in pairs or ():
        key, equals, value = (part.strip() for part in pair.partition("="))
        if not equals or not key or not value:
            raise InputError(f"--set: '{pair}' is not KEY=VALUE, e.g. parameters.allocation.rate_per_member=0.1.")
        if key in settings:
            raise InputError(f"--set: '{key}' is given twice.")
        settings[key] = _number(value, key)
    return settings


def _number(text: str, key: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise InputError(f"--set: {key}: '{text}' is not a number.") from None
    if not math.isfinite(number):
        raise InputError(f"--set: {key}: '{text}' is not a finite number.")
    return number
