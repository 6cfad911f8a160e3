"""The press: claims of outlets about public events, with delay, coverage bias and error (A26).

An outlet carries a public event with log odds logit(coverage) + severity_bias * log2(1 + notice), after an exponential
delay; notice is the number of people hurt, and what else about an event is news, in people hurt. Its claim names a
group with chance `attribution`. What it knows is what police and public know: the name that was used, which for
impostors is borrowed until they are unmasked; remote operators have none. A named group is wrong with chance
`attribution_error`, and then it is another one, drawn in proportion to fame. All numbers of a claim are misstated with
chance `count_error`, by one factor between 1 / `misstatement` and `misstatement`, log-uniform. Claims about one event
are kept side by side: they may contradict each other and the truth.

Fame is the number of published claims that name a group, forgotten with a half-life: f <- f 2^(-1/h) + named. So fame
attracts blame, but who is in the news for nothing else than errors (a share w of names) fades at the rate (1 - w) / h.

Selection and description bias: Earl, Martin, McCarthy and Soule (2004, doi:10.1146/annurev.soc.30.012703.110603).
Draws: coverage and delay, names, whose name impostors had used, numbers (`press_claims`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from racketsim.engine.bound import LATE, bind
from racketsim.engine.mechanism import Mechanism, Switch, Variable
from racketsim.engine.streams import Stream
from racketsim.mechanisms.press_claims import NOBODY, Said, carry, forget
from racketsim.mechanisms.press_news import ARRESTS, BACKLASH, THREATS, ULTIMATUMS, News, PressParameters, what_else
from racketsim.mechanisms.quantities import OUTLET_QUANTITIES

_ROOM = 256
"""Public events of a day besides incidents."""
_COLUMNS = tuple(row.name.lower() for row in Said)
"""The columns of the claims log that `Said` holds, in its order."""


class Press(Mechanism):
    """Let outlets claim what happened."""

    name = "press"
    elements = ("A26",)
    summary = "outlets claim what happened, with delay, bias and error; names in the news are forgotten"
    reads = (
        "incident_count",
        "incident_class",
        "incident_group",
        "incident_method",
        "incident_injured",
        "incident_killed",
        "incident_public",
        "incident_key",
        "clash_count",
        "clash_attacker",
        "clash_district",
        "clash_ordinal",
        "clash_wounded",
        "clash_dead",
        "reprisal_count",
        "reprisal_attacker",
        "reprisal_district",
        "reprisal_key",
        "reprisal_wounded",
        "reprisal_dead",
        "arrested",
        "arrest_key",
        "captures",
        "claim_running",
        "crowd_acted",
        "protest_size",
        "protest_violent",
        "protest_nth",
        "protest_sponsor",
        "crowd_hit",
        "burnt_true_suspect",
        "burnt_innocent",
        "burnt_by_group",
        "burnt_reported_innocent",
        "burnt_reported_by_group",
        "crowd_injured",
        "crowd_killed",
        "vigilante_attacks",
        "vigilante_suspect",
        "vigilante_innocent",
        "public_threat",
        "threat_district",
        "threats",
        "ultimatums",
        "ultimatum_who",
        "ultimatum_deadline",
        "ultimatum_day",
        "backlash_count",
        "backlash_incidents",
        "backlash_injured",
        "backlash_killed",
        "begun_count",
        "begun_key",
        "begun_district",
        "begun_officers",
    )
    writes = {
        "fame": Variable(("group",), "f8", "claims", "published claims that name a group, remembered"),
        "named": Variable(("group",), "i8", "claims", "published today that name a group"),
        "naming_due": Variable(("day", "group"), "i2", "claims", "that name a group, by day of publication"),
    }
    draws = (Stream.COVERAGE, Stream.ATTRIBUTION, Stream.MISCOUNT, Stream.SUSPICION, Stream.BORROWED_NAME)
    switches = {"A26": Switch("the press claims nothing")}
    Parameters = PressParameters

    def accept(self, parameters: PressParameters) -> None:
        """Keep the parameters and the quantities of the outlets, and make room for a day's events and claims."""
        self.p = p = parameters
        outlets = self.city.scenario.outlets
        self._outlets = np.array([[outlet[name] for outlet in outlets] for name in OUTLET_QUANTITIES])
        self._keep = 0.5 ** (1.0 / p.fame_half_life)
        name_of = np.arange(self.city.groups)
        name_of[self.city.impostor] = NOBODY
        for place, group in enumerate(self.city.scenario.groups):
            if group.role == "remote":
                name_of[place] = NOBODY
        room = self.city.sizes["today"] + _ROOM
        self._news = News(p, name_of, self.city.impostor, self.seed, room)
        claims = room * self._outlets.shape[1]
        self._said = np.zeros((len(Said), claims), dtype=np.int64)
        self._about, self._claim_ids = np.zeros((2, claims), dtype=np.uint64)

    @cached_property
    def _copy_incidents(self) -> Callable[[int], int]:
        return self._news.incidents(self.v, self.city.kinds)

    @cached_property
    def _what_else(self) -> Callable[[], int]:
        v = self.v
        return bind(what_else, v.arrested, v.public_threat, v.ultimatum_deadline, v.backlash_count)

    @cached_property
    def _carry(self) -> Callable[[int, int], int]:
        v, news, p = self.v, self._news, self.p
        return bind(
            carry,
            self.seed,
            LATE,
            LATE,
            news.ids,
            news.notice,
            news.facts,
            self._outlets,
            p.suspicion,
            p.misstatement,
            v.fame,
            v.naming_due,
            self._said,
            self._about,
            self._claim_ids,
        )

    @cached_property
    def _forget(self) -> Callable[[int], None]:
        v = self.v
        return bind(forget, LATE, self._keep, v.naming_due, v.named, v.fame)

    def step(self, day: int) -> None:
        """List what is public of today, let outlets claim it, and publish what is due."""
        v, news = self.v, self._news
        news.rows = self._copy_incidents(int(v.incident_count[0]))
        if v.clash_count[0] or v.reprisal_count[0]:
            news.fights(v)
        else_ = self._what_else()
        if else_ & ARRESTS:
            news.arrests(v)
        if v.crowd_acted[0]:
            news.protests(v)
        if v.crowd_hit[0]:
            news.vigilantes(v)
        if else_ & THREATS:
            news.threats(v)
        if else_ & ULTIMATUMS:
            news.ultimatums(v, day)
        if else_ & BACKLASH:
            news.backlash(v)
        if v.begun_count[0]:
            news.answers(v)
        if news.rows and (claims := self._carry(day, news.rows)):
            self.log.claim(_COLUMNS, self._claim_ids[:claims], self._about[:claims], self._said[:, :claims])
        self._forget(day)
