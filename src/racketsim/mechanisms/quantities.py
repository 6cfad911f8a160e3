"""The quantities that every kind of target, method, outlet and group of a scenario must state.

Each entry is (unit, meaning, lowest allowed, highest allowed); the loader checks them and the mechanisms read them.
"""

from __future__ import annotations

from typing import NamedTuple

from racketsim.scenario.model import Role


class Declared(NamedTuple):
    """A declared quantity: its unit, what it means, and the closed range of allowed values."""

    unit: str
    meaning: str
    lowest: float
    highest: float


KIND_QUANTITIES: dict[str, Declared] = {
    "size_median": Declared("PEN/day", "median profit of a target of this kind", 0.01, 1e6),
    "size_sigma": Declared("log units", "standard deviation of the logarithm of profit", 0.0, 4.0),
    "tribute_scale": Declared("PEN/day", "tribute asked in person of a target of median size", 0.0, 1e6),
    "tribute_exponent": Declared("1", "exponent b of the concave tribute a * (size / median) ** b", 0.0, 1.0),
    "remote_scale": Declared("PEN", "one-off sum asked by the remote channel of a target of median size", 0.0, 1e8),
    "territorial_attraction": Declared("1", "relative chance that a member in person picks such a target", 0.0, 1e3),
    "remote_attraction": Declared("1", "relative chance that a remote operator picks such a target", 0.0, 1e3),
    "closing_cost": Declared("days of profit", "what closing down costs such a target", 0.0, 1e5),
    "assembly": Declared("people", "who stand together where such targets work: the stalls of a market", 0.0, 1e4),
}

METHOD_QUANTITIES: dict[str, Declared] = {
    "share": Declared("1", "relative frequency of the method at a first punishment", 0.0, 1e3),
    "casualty_probability": Declared("probability", "that one use of the method hurts anybody", 0.0, 1.0),
    "victims_tail": Declared("1", "tail exponent of the number hurt, given that anybody is (Pareto)", 0.2, 20.0),
    "victims_most": Declared("people", "largest number that one use can hurt", 1.0, 1e4),
    "lethality": Declared("probability", "that a person who is hurt dies", 0.0, 1.0),
    "publicity": Declared("probability", "that one use of the method becomes publicly known", 0.0, 1.0),
}

OUTLET_QUANTITIES: dict[str, Declared] = {
    "coverage": Declared("probability", "that the outlet carries a public event in which nobody is hurt", 0.0, 1.0),
    "severity_bias": Declared(
        "log odds", "added to the log odds of coverage for each doubling of the people hurt", 0.0, 10.0
    ),
    "delay_mean": Declared("days", "mean delay from event to claim", 0.0, 365.0),
    "attribution": Declared("probability", "that a claim names a group", 0.0, 1.0),
    "attribution_error": Declared("probability", "that a named group is not the true one", 0.0, 1.0),
    "count_error": Declared("probability", "that a claim misstates the number hurt", 0.0, 1.0),
}

_EVERY_GROUP = {
    "violence": Declared("1", "chance of punishing a refusal, relative to the parameter", 0.0, 100.0),
    "signature_share": Declared("probability", "that a punishment uses the group's signature method", 0.0, 1.0),
}

GROUP_QUANTITIES: dict[Role, dict[str, Declared]] = {
    "incumbent": {"members": Declared("members", "members at the start", 0.0, 1e6), **_EVERY_GROUP},
    "entrant": {"members": Declared("members", "members on arrival", 0.0, 1e6), **_EVERY_GROUP},
    "remote": {
        "members": Declared("operators", "operators on the day the technique arrives", 0.0, 1e6),
        "potential": Declared("operators", "operators that the technique can reach in the end", 0.0, 1e7),
        **_EVERY_GROUP,
    },
    "impostor": {},
}
"""A scenario cannot declare a group of role "impostor": its place is there in every run."""
