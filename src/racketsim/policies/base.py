"""What the shipped policies share: a period, places, and checks of both."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from operator import index
from typing import TYPE_CHECKING, Any, ClassVar, Self, SupportsIndex

from racketsim.errors import InputError, did_you_mean
from racketsim.scenario.model import Districts, PolicySpec, Quantity, Scenario

if TYPE_CHECKING:
    from racketsim.mechanisms.policies import Levers


def as_date(value: date | str, what: str) -> date:
    """Return a date from a date or from "YYYY-MM-DD"; raise InputError otherwise."""
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise InputError(f"{what}: '{value}' is not a date; write YYYY-MM-DD, for instance 2023-09-20") from None


def as_whole(value: object, what: str, lowest: int, highest: int) -> int:
    """Return a whole number from `lowest` to `highest`; raise InputError for anything else, true and false included."""
    if isinstance(value, bool) or not isinstance(value, SupportsIndex) or not lowest <= index(value) <= highest:
        raise InputError(f"{what} is {value!r}; it must be a whole number from {lowest} to {highest}")
    return index(value)


def check_policies(policies: Sequence[Any], scenario: Scenario) -> None:
    """Refuse, with `InputError`, what is no policy, and policies that name what the scenario does not have."""
    for policy in policies:
        if not callable(policy):
            raise InputError(
                f"{policy!r} is not a policy: give an object of racketsim.policies or a function (city, day)"
            )
        if isinstance(policy, Policy):
            policy.check(scenario.districts.name, [group.id for group in scenario.groups])


@dataclass(frozen=True)
class Policy(ABC):
    """A policy in force from `start` to `end`, both inclusive.

    Give `end` or `days`, not both; with neither the policy stays in force to the end of the run.
    """

    kind: ClassVar[str]
    element: ClassVar[str | None] = None
    """Element of the article that the policy is, if any: a run without that element leaves the policy out."""

    start: date | str = field(kw_only=True)
    end: date | str | None = field(default=None, kw_only=True)
    days: int | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        start = as_date(self.start, f"start of {self.kind}")
        object.__setattr__(self, "start", start)
        if self.end is not None and self.days is not None:
            raise InputError(f"{self.kind}: give 'end' or 'days', not both")
        if self.days is not None:
            if self.days < 1:
                raise InputError(f"{self.kind}: days is {self.days}; a policy lasts at least one day")
            object.__setattr__(self, "end", start + timedelta(days=self.days - 1))
        elif self.end is not None:
            object.__setattr__(self, "end", as_date(self.end, f"end of {self.kind}"))
        if self.end is not None and as_date(self.end, "end") < start:
            raise InputError(f"{self.kind}: ends on {self.end}, before its start on {start}")
        for name in {"districts", "groups"} & {f.name for f in fields(self)}:
            object.__setattr__(self, name, self._listed(name))

    def _listed(self, name: str) -> tuple[str, ...]:
        """Return what a list of names holds; a bare text would be read letter by letter, and is refused."""
        given: object = getattr(self, name)
        if isinstance(given, str):
            raise InputError(f"{self.kind}: {name} is the text {given!r}; give a list, [{given!r}]")
        listed = tuple(given) if isinstance(given, Iterable) else (None,)
        if not all(isinstance(word, str) for word in listed):
            raise InputError(f"{self.kind}: {name} is {given!r}; give a list of texts")
        return listed

    @classmethod
    def from_spec(cls, spec: PolicySpec, districts: Districts) -> Self:
        """Make the policy from its entry in a scenario: indices become names, sourced numbers their values."""
        allowed = {f.name for f in fields(cls) if f.init}
        arguments: dict[str, Any] = {}
        for name, value in spec.arguments.items():
            if name not in allowed:
                continue
            if name == "districts":
                arguments[name] = tuple(districts.name[place] for place in value)
            else:
                arguments[name] = value.value if isinstance(value, Quantity) else value
        return cls(**arguments)

    @staticmethod
    def from_description(plain: Mapping[str, Any]) -> Policy:
        """Make a policy from what `describe` returned."""
        from racketsim.policies.registry import POLICIES  # the registry lists the classes that derive from this one

        return POLICIES[plain["kind"]](**{name: value for name, value in plain.items() if name != "kind"})

    def active(self, day: date) -> bool:
        """Whether the policy is in force on `day`."""
        return self.start <= day and (self.end is None or day <= self.end)  # type: ignore[operator]

    def period(self, day_of: Callable[[date], int], days: int) -> tuple[int, int]:
        """Return the first and last day in force of a run of `days` days; `day_of` counts from its start."""
        assert isinstance(self.start, date)
        return day_of(self.start), days if self.end is None else day_of(as_date(self.end, "end"))

    def places(self, names: Sequence[str]) -> list[int]:
        """Return the indices of the districts that the policy names, [-1] where it covers the whole city.

        Raises:
            InputError: there is no such district.
        """
        chosen: Sequence[str] = getattr(self, "districts", ())
        self._refuse_unknown("district", chosen, names)
        return [list(names).index(name) for name in chosen] or [-1]

    def check(self, districts: Sequence[str], groups: Sequence[str]) -> None:
        """Refuse, with `InputError`, names of districts and ids of groups that are not among these."""
        self.places(districts)
        group = getattr(self, "group", None)
        self._refuse_unknown("group", (*getattr(self, "groups", ()), *(() if group is None else (group,))), groups)

    def _refuse_unknown(self, what: str, named: Iterable[str], allowed: Sequence[str]) -> None:
        for name in named:
            if name not in allowed:
                hint = did_you_mean(name, allowed) or f" Allowed: {', '.join(allowed)}."
                raise InputError(f"{self.kind}: unknown {what} '{name}'.{hint}")

    def __call__(self, city: Levers, day: date) -> None:
        """Pull the levers of `day` where the policy is in force."""
        if self.active(day):
            self.act(city, day)

    @abstractmethod
    def act(self, city: Levers, day: date) -> None:
        """Pull the levers for one day in force."""

    def describe(self) -> Mapping[str, Any]:
        """Return the policy as plain values, for manifests and labels."""
        given = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "days"}
        plain = {k: v.isoformat() if isinstance(v, date) else v for k, v in given.items()}
        return {"kind": self.kind, **{k: list(v) if isinstance(v, tuple) else v for k, v in plain.items()}}
