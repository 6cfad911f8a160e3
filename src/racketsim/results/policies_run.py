"""The policies that ran, as plain values: for manifests, for the page, and as spans on time axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from racketsim.scenario.model import PolicySpec, Quantity, Scenario

Plain = dict[str, Any]


class Span(NamedTuple):
    """A policy on a time axis: its kind, and its first and last day (None: to the end)."""

    kind: str
    start: date
    end: date | None


def described_policies(scenario: Scenario, added: Sequence[Mapping[str, Any]]) -> list[Plain]:
    """Return the policies that ran, those of the scenario first, as plain values with names and ISO dates."""
    own = [{**_policy(spec, scenario), "stated_in": "scenario"} for spec in scenario.policies]
    return own + [{**_plain(policy), "stated_in": "command"} for policy in added]


def spans(policies: Sequence[Mapping[str, Any]]) -> list[Span]:
    """Return the policies that have a start date, by date; a rule is none: that it stands puts nothing in force."""
    dated = [policy for policy in policies if policy.get("start") and policy["kind"] != "triggered"]
    found = [
        Span(
            str(policy["kind"]),
            date.fromisoformat(str(policy["start"])),
            date.fromisoformat(str(policy["end"])) if policy.get("end") else None,
        )
        for policy in dated
    ]
    return sorted(found, key=lambda span: span.start)


def _policy(spec: PolicySpec, scenario: Scenario) -> Plain:
    from racketsim.policies.registry import POLICIES

    if spec.kind in POLICIES:  # knows defaults that the scenario leaves out, such as the one day of a capture
        described = dict(POLICIES[spec.kind].from_spec(spec, scenario.districts).describe())
    else:
        named = {name: value.value if isinstance(value, Quantity) else value for name, value in spec.arguments.items()}
        described = {"kind": spec.kind, **named}
    return {**_plain(described), "source": spec.source, "note": spec.note}


def _plain(values: Mapping[str, Any]) -> Plain:
    plain: Plain = {}
    for name, value in values.items():
        if isinstance(value, date):
            plain[name] = value.isoformat()
        elif isinstance(value, tuple | list):
            plain[name] = [str(item) for item in value]
        elif isinstance(value, Mapping):
            plain[name] = _plain(value)
        elif value is None or isinstance(value, str | int | float | bool):
            plain[name] = value
        else:
            plain[name] = str(value)
    return plain
