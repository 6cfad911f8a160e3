"""A policy that a rule sets off: when something happens, the state answers after a delay, within a budget (A10, A13).

The rule holds no memory: whether it has been set off, where and for how long, is in variables of the mechanism
`state`, so that a simulation can be forked, saved and continued. `policies` puts in force what the rule names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, replace
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from racketsim.errors import InputError, did_you_mean
from racketsim.policies.base import Policy
from racketsim.scenario.model import Districts, PolicySpec, Quantity, Scenario

if TYPE_CHECKING:
    from racketsim.city.city import City
    from racketsim.engine.mechanism import Variables
    from racketsim.mechanisms.policies import Levers

WHEN: dict[str, str] = {
    "mass_harm": "people hurt in one public incident",
    "killed": "people killed by groups",
    "clash": "clashes between groups",
    "public_threat": "public threats by groups",
    "protest": "people at a protest",
    "riot": "people at a violent protest",
    "burnt": "vehicles burnt by crowds",
    "recorded": "cases recorded",
}
"""What a rule can look at, by district and day."""

WHERE: tuple[str, ...] = ("there", "neighbours", "city")
"""Where the answer is given: where it happened, there and in the districts around, or everywhere."""

LONGEST_WINDOW = 92
_ALL = 1.0 - 1e-9
"""Of a budget: it is added up day by day, and rounding must not grant one day more."""
_RESPONSES = ("A3", "A10", "A13")


@dataclass(frozen=True)
class Triggered(Policy):
    """Put `policy` (a kind, with its `arguments`) in force when what `when` names reaches `threshold` in a district.

    Args:
        when: what the rule looks at, one of `WHEN`; summed over the last `window` days.
        policy: kind of the policy, e.g. "state_of_emergency".
        threshold: what must be reached in one district.
        window: days over which is summed, at most 92.
        delay: days from then to the first day in force, at least 1.
        lasts: days in force.
        cooldown: days after the last one before the rule can be set off again.
        uses: how often it can be set off; None for any number of times.
        officer_days: officer-days that all its uses together may take; when they are spent, the policy ends.
        where: where the policy is put in force, one of `WHERE`, unless `districts` names the places.
        arguments: other arguments of the policy, e.g. {"officers": 700}; a `group` that is left out is the one that
            set off the rule.
        start, end, days: when the rule itself stands; by default always.
    """

    kind = "triggered"
    dated = False

    when: str
    policy: str
    threshold: float = 1.0
    window: float = 1
    delay: float = 1
    lasts: float = 30
    cooldown: float = 0
    uses: float | None = None
    officer_days: float | None = None
    where: str = "there"
    districts: Sequence[str] = ()
    arguments: Mapping[str, Any] = field(default_factory=dict)
    start: date | str = field(default=date.min, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_word("when", WHEN)
        self._check_word("where", WHERE)
        for name, lowest in (("window", 1), ("delay", 1), ("lasts", 1), ("cooldown", 0), ("uses", 1)):
            value = getattr(self, name)
            if value is not None and (value != int(value) or value < lowest):
                raise InputError(f"triggered: {name} is {value:g}; it must be a whole number, at least {lowest}")
        if self.window > LONGEST_WINDOW:
            raise InputError(f"triggered: window is {self.window:g}; it must be at most {LONGEST_WINDOW} days")
        if not self.threshold > 0.0:
            raise InputError(f"triggered: threshold is {self.threshold:g}; it must be above 0")
        if self.officer_days is not None and not self.officer_days > 0.0:
            raise InputError(f"triggered: officer_days is {self.officer_days:g}; it must be above 0")
        self._check_policy()

    def _check_word(self, name: str, allowed: Mapping[str, str] | Sequence[str]) -> None:
        word = getattr(self, name)
        if word not in allowed:
            raise InputError(
                f"triggered: unknown {name} '{word}'; allowed: {', '.join(allowed)}.{did_you_mean(word, allowed)}"
            )

    def _check_policy(self) -> None:
        taken = answers()
        if self.policy not in taken:
            raise InputError(
                f"triggered: there is no policy '{self.policy}' to set off; allowed: {', '.join(taken)}."
                f"{did_you_mean(self.policy, taken)}"
            )
        allowed = own_arguments(taken[self.policy])
        for name in self.arguments:
            if name not in allowed:
                raise InputError(
                    f"triggered: {self.policy} takes no '{name}'; it takes {', '.join(allowed) or 'nothing more'}."
                    f"{did_you_mean(name, allowed)}"
                )
        for name, needed in allowed.items():
            if needed and name not in self.arguments and name != "group":
                raise InputError(f"triggered: '{name}' is missing, which {self.policy} needs")
        self.answer(date(2000, 1, 1), date(2000, 1, 1), ("anywhere",), "anybody")

    def answer(self, first: date, last: date, places: Sequence[str], group: str | None) -> Policy | None:
        """Return the policy that is set off, from `first` to `last` in `places`.

        None where it needs a group and none set it off; one that can do without a group then acts against all.
        """
        made = answers()[self.policy]
        takes = {f.name for f in fields(made) if f.init}
        given = dict(self.arguments)
        if "group" in takes and "group" not in given:
            if group is not None:
                given["group"] = group
            elif own_arguments(made)["group"]:
                return None
        if "districts" in takes:
            given["districts"] = tuple(places)
        return made(**given, start=first, end=last)

    def check(self, districts: Sequence[str], groups: Sequence[str]) -> None:
        """Refuse, with `InputError`, names that are not among these, in what is handed to the policy too."""
        super().check(districts, groups)
        sets_off = self.answer(date.max, date.max, self.districts or districts[:1], None)
        if sets_off is not None:
            sets_off.check(districts, groups)

    @classmethod
    def from_spec(cls, spec: PolicySpec, districts: Districts) -> Self:
        """Make the rule from its entry in a scenario, where arguments of the policy stand beside those of the rule."""
        own = {f.name for f in fields(cls)}
        given = {name: plain(value) for name, value in spec.arguments.items() if name in own}
        given["arguments"] = {name: plain(value) for name, value in spec.arguments.items() if name not in own}
        if "districts" in given:
            given["districts"] = tuple(districts.name[place] for place in given["districts"])
        return cls(**given)

    def act(self, city: Levers, day: date) -> None:
        """Do nothing: what the rule sets off acts, and not the rule."""

    def describe(self) -> Mapping[str, Any]:
        """Return the rule as plain values; one that always stands has no `start`."""
        described = {**super().describe(), "arguments": dict(self.arguments)}
        if self.start == date.min:
            del described["start"]
        return described


def plain(value: Any) -> Any:
    """Return the value of a sourced number, and anything else as it is."""
    return value.value if isinstance(value, Quantity) else value


def answers() -> dict[str, type[Policy]]:
    """Return the policies that a rule can set off, by kind."""
    from racketsim.policies.registry import POLICIES  # the registry lists the rule too

    return {kind: policy for kind, policy in POLICIES.items() if kind != Triggered.kind}


def own_arguments(policy: type[Policy]) -> dict[str, bool]:
    """Return the arguments that a rule hands to its policy, each with whether the policy needs it."""
    settled = {"start", "end", "days", "districts"}
    own = [f for f in fields(policy) if f.init and f.name not in settled]
    return {f.name: f.default is MISSING and f.default_factory is MISSING for f in own}


class InForce(NamedTuple):
    """A policy in force today: its place among the policies of the run, and the rule that set it off, -1 none."""

    place: int
    policy: Any
    rule: int


class Standing(NamedTuple):
    """A policy of a run: its place, the days within which it can be in force, and its number if it is a rule, else -1.

    `asked` says that the policy itself has to be asked about every day.
    """

    place: int
    policy: Any
    first: int
    last: int
    rule: int
    asked: bool

    def stands(self, city: City, day: int) -> bool:
        """Return whether the policy is in force on `day`; of a rule, whether it can be set off."""
        return self.first <= day <= self.last and (not self.asked or self.policy.active(city.date_of(day)))


def standing(policies: Sequence[Any], city: City) -> list[Standing]:
    """Return the policies of a run with the days of each; functions stand on every day."""
    found: list[Standing] = []
    rules = 0
    for place, policy in enumerate(policies):
        is_rule = isinstance(policy, Triggered)
        asked = hasattr(policy, "active") and getattr(type(policy), "active", None) is not Policy.active
        dated = isinstance(policy, Policy) and not asked
        first, last = policy.period(city.day_of, city.days) if dated else (0, city.days)
        found.append(Standing(place, policy, first, last, rules if is_rule else -1, asked))
        rules += is_rule
    return found


def in_force(policies: Sequence[Standing], v: Variables, city: City, day: int) -> list[InForce]:
    """Return the policies in force on `day`: dated ones, functions, and what rules have set off and can still pay for.

    `v` holds the `trigger_` variables of the mechanism `state`, and `trigger_spent`.
    """
    found = []
    for one in policies:
        rule = one.rule
        if rule >= 0:
            if v.trigger_last[rule] >= day and (answer := _answer(one.policy, rule, v, city, day)) is not None:
                found.append(InForce(one.place, answer, rule))
        elif one.stands(city, day):
            found.append(InForce(one.place, one.policy, -1))
    return found


def _answer(policy: Triggered, rule: int, v: Variables, city: City, day: int) -> Policy | None:
    """Return the policy that a rule has set off and that is in force on `day`, None where there is none."""
    if day < v.trigger_first[rule] or broke(policy, v, rule):
        return None
    places = [city.scenario.districts.name[d] for d in v.trigger_where[rule].nonzero()[0]]
    whose = int(v.trigger_group[rule])
    ids = [group.id for group in city.scenario.groups]
    first, last = city.date_of(int(v.trigger_first[rule])), city.date_of(int(v.trigger_last[rule]))
    return policy.answer(first, last, places, ids[whose] if 0 <= whose < len(ids) else None)


def broke(rule: Triggered, v: Variables, number: int) -> bool:
    """Return whether the uses of a rule have taken all officer-days that they may."""
    return rule.officer_days is not None and bool(v.trigger_spent[number] >= rule.officer_days * _ALL)


def by_rule(scenario: Scenario) -> Scenario:
    """Return the scenario in which the state answers by its rules alone, from the first day.

    Dated responses of the state to crime (captures, special units, operations, emergencies) are left out; what else
    happened stays. The scenario says so (`Scenario.by_rule`).
    """
    from racketsim.policies.registry import POLICIES

    kept = []
    for spec in scenario.policies:
        if spec.kind == Triggered.kind:
            standing = {name: value for name, value in spec.arguments.items() if name not in ("start", "end")}
            kept.append(replace(spec, arguments=standing))
        elif POLICIES[spec.kind].element not in _RESPONSES:
            kept.append(spec)
    return replace(scenario, policies=tuple(kept), by_rule=True)
