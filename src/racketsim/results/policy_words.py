"""Policies in words: what each kind is called on charts and in tables, and what its arguments say, with their units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from racketsim.policies.triggered import WHEN
from racketsim.results.words import number, plural
from racketsim.scenario.model import Scenario

_NAMES = {
    "state_of_emergency": ("state of emergency", "states of emergency"),
    "mega_operation": ("mega-operation", "mega-operations"),
    "cut_affiliation": ("cut affiliation", "cut affiliations"),
}
_WHERE = {"there": "there", "neighbours": "there and around", "city": "in the whole city"}
_SETTLED = ("kind", "start", "end", "districts", "source", "note", "stated_in", "sha256")
_OF_A_RULE = (
    *("when", "policy", "threshold", "window", "delay", "lasts", "cooldown", "uses", "officer_days", "where"),
    "arguments",
)


def policy_name(kind: str, many: bool = False) -> str:
    """Return what a kind of policy is called, or several of it: "mega-operation", "special units"."""
    one = kind.replace("_", " ")
    return _NAMES.get(kind, (one, f"{one}s"))[many]


def title(policy: Mapping[str, Any]) -> str:
    """Return the name of a policy; a rule is named by what it sets off."""
    if "when" in policy:
        return f"rule: {policy_name(str(policy['policy']))}"
    return policy_name(str(policy["kind"]))


def in_words(policy: Mapping[str, Any], scenario: Scenario) -> str:
    """Return what the arguments of a policy say, "" where there are none beside its dates and places."""
    said = [_rule(policy)] if "when" in policy else []
    own = {name: value for name, value in policy.items() if name not in _SETTLED and name not in _OF_A_RULE}
    given = policy.get("arguments")
    own |= given if isinstance(given, Mapping) else {}
    said += [_argument(name, value, scenario) for name, value in own.items() if value not in (None, "", (), [], {})]
    return "; ".join(text for text in said if text)


def _rule(policy: Mapping[str, Any]) -> str:
    """Return when a rule is set off, and what for how long."""
    window, times = policy.get("window") or 1, policy.get("uses")
    within = "a day" if window == 1 else f"{plural(round(window), 'day')}"
    text = f"set off by {WHEN[policy['when']]} ({number(policy['threshold'])} or more in a district within {within})"
    text += f"; begins after {plural(round(policy['delay']), 'day')}, lasts {plural(round(policy['lasts']), 'day')}"
    if not policy.get("districts"):
        text += f", {_WHERE[policy['where']]}"
    if policy.get("cooldown"):
        text += f"; then at rest for {plural(round(policy['cooldown']), 'day')}"
    if times:
        text += f"; {plural(round(times), 'time')} at most"
    return text + (f"; {number(policy['officer_days'])} officer-days at most" if policy.get("officer_days") else "")


def _argument(name: str, value: Any, scenario: Scenario) -> str:
    match name:
        case "officers" | "investigators" | "members":
            return f"{number(value)} {name}"
        case "group":
            return f"against {_group(value, scenario)}"
        case "groups":
            return "between " + ", ".join(_group(one, scenario) for one in value)
        case "leader":
            return "the leader too" if value is True else ""
        case "name":
            return str(value)
        case "mobility":
            return f"street activity at {value:.0%} of normal"
        case "station_access":
            return f"access to police stations at {value:.0%} of normal"
        case "kept":
            return f"{value:.0%} of attacks given up"
        case "remote_capacity":
            return f"capacity of remote operators at {value:.0%} of normal"
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return name.replace("_", " ") if value is True else f"{name.replace('_', ' ')} {text}"


def _group(identity: str, scenario: Scenario) -> str:
    return next((group.name for group in scenario.groups if group.id == identity), identity)
