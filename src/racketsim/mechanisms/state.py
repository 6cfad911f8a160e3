"""The state's rules (A10, A13): what happens sets off policies, after a delay and within a budget.

Each rule (`racketsim.policies.Triggered`) adds up, by district, what it looks at over its window. Where the sum reaches
its threshold the rule is set off, unless it is in force, cooling down, out of uses or out of officer-days. The policy
is then in force from `delay` days later for `lasts` days, in the districts that the rule says; `policies` applies it
and counts the officer-days that it takes. A rule that was set off starts counting anew.

Nothing is drawn: the same events set off the same rules on the same days. All memory of a rule is in the variables
below, none in the rule. Records count here as the police get them: silence out of fear of hostility (`backlash`) is not
seen by the state's rules, so that no label can reach what the police do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from racketsim.engine.bound import LATE, bind
from racketsim.engine.cells import CELL_STRIDE
from racketsim.engine.kernel import Int, kernel
from racketsim.engine.log import event_id, stream_bits
from racketsim.engine.mechanism import Array, Mechanism, Variable
from racketsim.engine.streams import Stream
from racketsim.errors import InputError
from racketsim.policies.triggered import WHEN, WHERE, Standing, Triggered, broke, standing

MOST_RULES = 16
NEVER = -1
_LOOKS = {name: row for row, name in enumerate(WHEN)}
_TRIGGER, _PUNISHMENT = int(Stream.TRIGGER), int(Stream.PUNISHMENT)
_OUTBREAK, _THREAT = int(Stream.OUTBREAK), int(Stream.PUBLIC_THREAT_WAIT)
_HARM, _KILLED, _CLASHES, _THREATS = (_LOOKS[name] for name in ("mass_harm", "killed", "clash", "public_threat"))
_PROTEST, _RIOT, _BURNT, _RECORDED = (_LOOKS[name] for name in ("protest", "riot", "burnt", "recorded"))
_, _AROUND, _EVERYWHERE = WHERE


@kernel
def look(
    kinds: Int,
    incidents: Int,
    in_class: Array,
    in_injured: Array,
    in_killed: Array,
    in_public: Array,
    reports: Int,
    re_class: Array,
    re_entered: Array,
    clashes: Array,
    clash_killed: Array,
    avenged: Array,
    protest_size: Array,
    protest_violent: Array,
    burnt_suspect: Array,
    burnt_innocent: Array,
    threats: Array,
    threat_district: Array,
    today: Array,
    worst: Array,
    threatened_by: Array,
) -> None:
    """Add up today by district, `today[W, D]` in the order of `WHEN`.

    Mass harm is the most people hurt in one public incident and `worst[D]` that incident, -1 none.
    """
    for district in range(worst.size):
        worst[district] = -1
        today[_HARM, district] = today[_RECORDED, district] = today[_THREATS, district] = 0
        today[_KILLED, district] = clash_killed[district]
        today[_CLASHES, district] = clashes[district]
        today[_PROTEST, district] = protest_size[district]
        today[_RIOT, district] = protest_size[district] * protest_violent[district]
        today[_BURNT, district] = burnt_suspect[district] + burnt_innocent[district]
    for n in range(incidents):
        district = in_class[n] // kinds
        today[_KILLED, district] += in_killed[n]
        people = in_injured[n] + in_killed[n]
        if in_public[n] and people > today[_HARM, district]:
            today[_HARM, district] = people
            worst[district] = n
    for n in range(reports):
        if re_entered[n] >= 0:
            today[_RECORDED, re_class[n] // kinds] += 1
    for group in range(threats.size):
        for district in range(worst.size):
            today[_KILLED, district] += avenged[group, district]
        if threats[group] != 0:
            today[_THREATS, threat_district[group]] += 1
            threatened_by[threat_district[group]] = group


@kernel
def roll(day: Int, window: Int, today: Array, past: Array, total: Array) -> Int:
    """Move the sum `total[D]` over the last `window` days to today, by `past[W, D]`; return the district with most."""
    row, most = day % window, 0
    for district in range(total.size):
        total[district] += today[district] - past[row, district]
        past[row, district] = today[district]
        if total[district] > total[most]:
            most = district
    return most


class State(Mechanism):
    """Let events set off policies of the state."""

    name = "state"
    elements = ("A10", "A13")
    summary = "what happens sets off policies of the state, after a delay and within a budget"
    reads = (
        "incident_count",
        "incident_class",
        "incident_group",
        "incident_key",
        "incident_injured",
        "incident_killed",
        "incident_public",
        "report_count",
        "report_class",
        "report_entered",
        "clashes",
        "clash_killed",
        "avenged",
        "public_threat",
        "threat_district",
        "threats",
        "protest_size",
        "protest_violent",
        "protest_nth",
        "burnt_true_suspect",
        "burnt_innocent",
        "trigger_spent",
    )
    writes = {
        "trigger_past": Variable(("trigger", "window", "district"), "i4", "1", "what a rule saw on each day"),
        "trigger_seen": Variable(("trigger", "district"), "i8", "1", "the same, added up over its window"),
        "trigger_uses": Variable(("trigger",), "i8", "uses", "how often a rule was set off so far"),
        "trigger_first": Variable(("trigger",), "i4", "day", "first day in force of what it set off last, -1 never"),
        "trigger_last": Variable(("trigger",), "i4", "day", "last day in force, -1 never"),
        "trigger_where": Variable(("trigger", "district"), "u1", "1", "where that is in force"),
        "trigger_group": Variable(("trigger",), "i2", "group", "who set it off, -1 nobody in particular"),
        "trigger_key": Variable(("trigger",), "u8", "event", "the event of setting it off"),
        "threatened_by": Variable(("district",), "i2", "group", "who threatened there in public last, -1 nobody"),
    }
    draws = (Stream.TRIGGER,)
    emits = ("trigger",)

    rules: Sequence[Standing] = ()
    """The rules among the policies of the run."""

    def follow(self, policies: Sequence[Any]) -> None:
        """Take the rules among the policies of a run.

        Raises:
            InputError: there are too many of them.
        """
        self.rules = [one for one in standing(policies, self.city) if one.rule >= 0]
        if len(self.rules) > MOST_RULES:
            raise InputError(f"there are {len(self.rules)} triggered policies; a run has at most {MOST_RULES}")

    def accept(self, parameters: object) -> None:
        """Make room for what is seen on a day."""
        districts = self.city.districts
        self._today = np.zeros((len(WHEN), districts), dtype=np.int64)
        self._worst = np.full(districts, NEVER, dtype=np.int64)

    def prepare(self) -> None:
        """Start with nothing set off."""
        v = self.v
        for none in (v.trigger_first, v.trigger_last, v.trigger_group, v.threatened_by):
            none[:] = NEVER

    def step(self, day: int) -> None:
        """See what happened today, and set off the rules that it calls for."""
        if not self.rules:
            return
        v = self.v
        self._look(int(v.incident_count[0]), int(v.report_count[0]))
        for one in self.rules:
            if not one.stands(self.city, day):
                continue
            number, rule = one.rule, one.policy
            most = self._rolls[number](day)
            if v.trigger_seen[number, most] >= rule.threshold and self._free(day, number, rule):
                self._set_off(day, number, one.place, rule, most)

    @cached_property
    def _look(self) -> Callable[[int, int], None]:
        v = self.v
        return bind(
            look,
            self.city.kinds,
            LATE,
            v.incident_class,
            v.incident_injured,
            v.incident_killed,
            v.incident_public,
            LATE,
            v.report_class,
            v.report_entered,
            v.clashes,
            v.clash_killed,
            v.avenged,
            v.protest_size,
            v.protest_violent,
            v.burnt_true_suspect,
            v.burnt_innocent,
            v.public_threat,
            v.threat_district,
            self._today,
            self._worst,
            v.threatened_by,
        )

    @cached_property
    def _rolls(self) -> list[Callable[..., int]]:
        """The kernel that moves the window of each rule to today."""
        v = self.v
        rules = [one.policy for one in self.rules]
        seen = [(self._today[_LOOKS[rule.when]], v.trigger_past[n], v.trigger_seen[n]) for n, rule in enumerate(rules)]
        return [bind(roll, LATE, int(rule.window), *of_rule) for rule, of_rule in zip(rules, seen, strict=True)]

    def _free(self, day: int, number: int, rule: Triggered) -> bool:
        v = self.v
        rested = v.trigger_last[number] < 0 or day > v.trigger_last[number] + rule.cooldown
        left = rule.uses is None or v.trigger_uses[number] < rule.uses
        return bool(rested and left and not broke(rule, v, number))

    def _set_off(self, day: int, number: int, place: int, rule: Triggered, most: int) -> None:
        v = self.v
        cause, group = self._cause(rule.when, most)
        v.trigger_uses[number] += 1
        v.trigger_first[number] = day + int(rule.delay)
        v.trigger_last[number] = day + int(rule.delay) + int(rule.lasts) - 1
        v.trigger_where[number] = self._places(rule, v.trigger_seen[number] >= rule.threshold)
        v.trigger_group[number] = group
        v.trigger_key[number] = key = event_id(_TRIGGER, number, int(v.trigger_uses[number]))
        v.trigger_past[number] = 0
        v.trigger_seen[number] = 0
        about = {"district": most, "group": group, "count": place}
        self.log.add("trigger", day, 1, event_id=key, caused_by=cause, **about)

    def _places(self, rule: Triggered, reached: Array) -> Array:
        """Return the districts in which the rule puts its policy in force, from those that reached the threshold."""
        districts = self.city.scenario.districts
        if rule.districts:
            return np.isin(districts.name, list(rule.districts))
        if rule.where == _EVERYWHERE:
            return np.ones(len(districts), dtype=bool)
        if rule.where == _AROUND:
            reached = reached | districts.adjacency[reached].any(axis=0)
        return reached

    def _cause(self, when: str, district: int) -> tuple[int, int]:
        """Return the event that set off a rule and the group behind it; 0 and -1 where it is no single one."""
        v = self.v
        if when == "mass_harm" and (worst := int(self._worst[district])) >= 0:
            return int(v.incident_key[worst] | stream_bits(_PUNISHMENT)), int(v.incident_group[worst])
        if when in ("protest", "riot", "burnt") and v.protest_size[district]:
            return int(event_id(_OUTBREAK, district, int(v.protest_nth[district]))), NEVER
        if when == "public_threat" and (group := int(v.threatened_by[district])) >= 0:
            cell = group * CELL_STRIDE + district
            return int(event_id(_THREAT, cell, int(v.threats[group, district]))), group
        return 0, NEVER
