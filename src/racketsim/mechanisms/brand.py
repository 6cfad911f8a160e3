"""Brands: parent and affiliates, shared credibility, signature weapons (A2, A19).

Groups of one brand share a place in `brand_of`; a group without a brand is its own. What is seen of any of them, here
and at a weight elsewhere, forms the prior belief in each of them (`brand_credit`).

An affiliate is linked to a parent outside the city until a policy cuts the link. While linked it receives members from
the parent, as a Poisson process, in its strongest cell, and is armed faster. A group keeps a stock of arms for its
signature method and can use the signature only while it lasts. Once cut off it keeps a share of the brand's credit.
Each visible use of the signature raises the priority that police give to the brand, priority = min(step * A, most),
with A the uses remembered.

States: `brand_of`, `affiliate`, `arms`, and two memories of signature uses. Draws: AFFILIATE_SUPPLY, AFFILIATE_ARMS. A
group that breaks away keeps brand and link, and takes half of the arms. Franchises of protection: Gambetta (1993, The
Sicilian Mafia); Varese (2011, doi:10.1515/9781400836116).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

import numpy as np

from racketsim.engine.bound import LATE, bind
from racketsim.engine.cells import draw_thresholds, fire_cells
from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.mechanism import Array, Mechanism, Switch, Variable
from racketsim.engine.streams import Stream
from racketsim.mechanisms.brand_credit import share_evidence, use_signature
from racketsim.mechanisms.parameters import Parameters, parameter
from racketsim.scenario.model import Group

_SUPPLY, _ARMS = int(Stream.AFFILIATE_SUPPLY), int(Stream.AFFILIATE_ARMS)


class BrandParameters(Parameters):
    """What a brand is worth to its groups."""

    city_weight: float = parameter("1", "weight of what the brand is seen to do in other districts", ge=0.0, le=1.0)
    signature_weight: float = parameter(
        "punishments", "what a visible use of the signature adds to the punishment that it is", ge=0.0, le=1e3
    )
    memory: float = parameter("days", "half-life of the memory of signature uses", gt=0.0, le=1e5)
    kept_credit: float = parameter(
        "share", "share of the brand's credit that a group keeps once cut off", ge=0.0, le=1.0
    )
    supply: float = parameter("members/day", "members that an affiliate receives from its parent", ge=0.0, le=10.0)
    arms_stock: float = parameter("uses", "uses of the signature that a group keeps in store", ge=0.0, le=1e6)
    arms_parent: float = parameter("uses/day", "arms that an affiliate receives from its parent", ge=0.0, le=1e3)
    arms_local: float = parameter("uses/day", "arms that a group finds by itself", ge=0.0, le=1e3)
    priority_step: float = parameter("1", "priority of policing added by a visible use of the signature", ge=0.0, le=10)
    priority_most: float = parameter("1", "most that priority can add", ge=0.0, le=100.0)
    priority_half_life: float = parameter("days", "half-life of the attention of police", gt=0.0, le=1e5)


def brands(names: list[str]) -> list[int]:
    """Return for each group the first group of its brand; a group with no brand ("") is its own."""
    return [names.index(name) if name else place for place, name in enumerate(names)]


def is_affiliate(group: Group) -> bool:
    """Whether a group belongs to a parent brand: one that does not bear the group's own name."""
    return group.brand not in ("", group.name)


@kernel
def supply_hazards(
    members: Array,
    affiliate: Array,
    link_cut: Array,
    signature: Array,
    arms: Array,
    stock: Int,
    settings: tuple[Real, Real, Real],
    linked: Array,
    of_members: Array,
    of_arms: Array,
) -> None:
    """Set `linked[G]` and the hazards `[G, 1]` of a member from the parent and of a use added to the store.

    `settings` are the rates of members and arms from the parent and of arms found locally. A group without members
    receives nothing; nothing is added to a full store.
    """
    supply, arms_parent, arms_local = settings
    for group in range(linked.size):
        linked[group] = affiliate[group] * (1 - link_cut[group])
        of_members[group, 0] = 0.0
        of_arms[group, 0] = 0.0
        wanting = signature[group] >= 0 and arms[group] < stock
        if not (linked[group] or wanting):
            continue
        present = 0
        for district in range(members.shape[1]):
            present += members[group, district]
        if present == 0:
            continue
        of_members[group, 0] = supply * linked[group]
        if wanting:
            of_arms[group, 0] = arms_local + arms_parent * linked[group]


@kernel
def receive(
    seed: Int,
    members: Array,
    affiliate: Array,
    link_cut: Array,
    signature: Array,
    arms: Array,
    stock: Int,
    settings: tuple[Real, Real, Real],
    linked: Array,
    of_members: Array,
    of_arms: Array,
    supply_threshold: Array,
    supplied_so_far: Array,
    sent: Array,
    arms_threshold: Array,
    armed_so_far: Array,
    armed: Array,
    supplied: Array,
    disarmed: Array,
) -> Int:
    """Let parents send members, `sent[G, 1]`, and fill the stores of arms; return how many members are sent.

    `supplied[G, D]` is cleared, and `disarmed[G]` says whose store is empty.
    """
    supplied[:] = 0
    supply_hazards(members, affiliate, link_cut, signature, arms, stock, settings, linked, of_members, of_arms)
    count = fire_cells(seed, _SUPPLY, of_members, supply_threshold, supplied_so_far, sent)
    fire_cells(seed, _ARMS, of_arms, arms_threshold, armed_so_far, armed)
    for group in range(arms.size):
        if armed[group, 0] > 0:
            arms[group] = min(arms[group] + armed[group, 0], stock)
        disarmed[group] = 1 if signature[group] >= 0 and arms[group] <= 0 else 0
    return count


@kernel
def newcomers(alive: Array, brand_of: Array) -> Int:
    """Return how many groups are there that have no place in a brand yet."""
    count = 0
    for group in range(alive.size):
        if alive[group] == 1 and brand_of[group] < 0:
            count += 1
    return count


@kernel
def fade(keep: Real, attention_kept: Real, seen: Array, attention: Array) -> None:
    """Let the memories `[G]` of signature uses fade."""
    for group in range(seen.size):
        seen[group] *= keep
        attention[group] *= attention_kept


@kernel
def attend(
    brand_of: Array,
    affiliate: Array,
    linked: Array,
    kept_credit: Real,
    attention: Array,
    step: Real,
    most: Real,
    priority: Array,
    credit: Array,
) -> None:
    """Set the priority that police give to each group, and the share of its brand's credit that it has."""
    for group in range(brand_of.size):
        brand = brand_of[group]
        priority[group] = min(step * attention[brand], most) if brand >= 0 else 0.0
        credit[group] = kept_credit if affiliate[group] and not linked[group] else 1.0


class Affiliation(NamedTuple):
    """One row of the table of affiliation."""

    group: int
    brand: str
    affiliated: bool
    linked: bool
    arms: int
    supplied: int


class Brand(Mechanism):
    """Share what a brand is known for; supply affiliates."""

    name = "brand"
    elements = ("A2", "A19")
    summary = "groups of a brand share its credibility; affiliates get members and arms from the parent"
    reads = (
        "members",
        "alive",
        "parent",
        "signature",
        "link_cut",
        "refused_seen",
        "punished_seen",
        "incident_count",
        "incident_group",
        "incident_method",
        "incident_public",
    )
    writes = {
        "brand_of": Variable(("group",), "i8", "group", "first group of the brand of a group, -1 for an empty place"),
        "affiliate": Variable(("group",), "u1", "1", "whether the group belongs to a parent brand"),
        "linked": Variable(("group",), "u1", "1", "whether the link to the parent brand holds today"),
        "arms": Variable(("group",), "i8", "uses", "uses of the signature method in store"),
        "disarmed": Variable(("group",), "u1", "1", "whether a group has run out of arms for its signature"),
        "supplied": Variable(("group", "district"), "i8", "members", "received from the parent brand today"),
        "supplied_so_far": Variable(("group", "one"), "i8", "members", "received from the parent brand so far"),
        "supply_threshold": Variable(("group", "one"), "f8", "1", "hazard until the next member from the parent"),
        "armed_so_far": Variable(("group", "one"), "i8", "uses", "uses that were added to the store so far"),
        "arms_threshold": Variable(("group", "one"), "f8", "1", "hazard until the next use is added"),
        "signature_seen": Variable(("group",), "f8", "uses", "visible uses of a brand's signature, remembered"),
        "attention": Variable(("group",), "f8", "uses", "visible uses of a brand's signature, as police remember"),
        "priority": Variable(("group",), "f8", "1", "added to the weight of cases against a group"),
        "brand_refused": Variable(("district", "group"), "f8", "refusals", "what the brand makes of a prior belief"),
        "brand_punished": Variable(
            ("district", "group"), "f8", "punishments", "what the brand makes of a prior belief"
        ),
    }
    draws = (Stream.AFFILIATE_SUPPLY, Stream.AFFILIATE_ARMS)
    emits = ("supply",)
    switches = {
        "A2": Switch(
            "no group has a parent: nothing is received, and each group is known for itself alone", rests=False
        ),
        "A19": Switch("no group has a signature weapon", rests=False),
    }
    Parameters = BrandParameters

    def accept(self, parameters: BrandParameters) -> None:
        """Keep the parameters, and the brands that this run knows."""
        self.p = parameters
        groups, known = self.city.scenario.groups, "A2" not in self.off
        self._brands = [group.brand if known else "" for group in groups]
        self._affiliates = [known and is_affiliate(group) for group in groups]
        self._keep = 0.5 ** (1.0 / parameters.memory)
        self._attention_kept = 0.5 ** (1.0 / parameters.priority_half_life)
        self._stock = 0 if "A19" in self.off else round(parameters.arms_stock)
        self._hazard, self._credit = np.zeros((2, self.city.groups, 1)), np.zeros(self.city.groups)
        self._sent, self._armed = np.zeros((2, self.city.groups, 1), dtype=np.int64)

    def prepare(self) -> None:
        """Read brands and links from the scenario, fill the stores and draw the first thresholds."""
        v, known = self.v, len(self._brands)
        v.brand_of[:] = -1
        v.brand_of[:known] = brands(self._brands)
        v.affiliate[:known] = self._affiliates
        v.linked[:] = v.affiliate
        v.arms[:known] = np.where(v.signature[:known] >= 0, self._stock, 0)
        np.logical_and(v.signature >= 0, v.arms <= 0, out=v.disarmed, casting="unsafe")
        draw_thresholds(self.seed, _SUPPLY, v.supply_threshold)
        draw_thresholds(self.seed, _ARMS, v.arms_threshold)
        self._adopt()

    def step(self, day: int) -> None:
        """Count signature uses, supply affiliates, and share what is known of each brand."""
        self._adopt()
        self._fade()
        count = int(self.v.incident_count[0])
        if count and "A19" not in self.off:
            self._use_signature(count)
        self._supply(day)
        self._attend()
        self._share_evidence()

    @cached_property
    def _fade(self) -> Callable[..., None]:
        return bind(fade, self._keep, self._attention_kept, self.v.signature_seen, self.v.attention)

    @cached_property
    def _use_signature(self) -> Callable[..., None]:
        v = self.v
        return bind(
            use_signature,
            LATE,
            v.incident_group,
            v.incident_method,
            v.incident_public,
            v.signature,
            v.brand_of,
            v.arms,
            v.signature_seen,
            v.attention,
        )

    @cached_property
    def _attend(self) -> Callable[..., None]:
        v, p = self.v, self.p
        return bind(
            attend,
            v.brand_of,
            v.affiliate,
            v.linked,
            p.kept_credit,
            v.attention,
            p.priority_step,
            p.priority_most,
            v.priority,
            self._credit,
        )

    @cached_property
    def _share_evidence(self) -> Callable[..., None]:
        v, p = self.v, self.p
        return bind(
            share_evidence,
            v.brand_of,
            self._credit,
            p.city_weight,
            p.signature_weight,
            v.signature_seen,
            v.refused_seen,
            v.punished_seen,
            v.brand_refused,
            v.brand_punished,
        )

    @cached_property
    def _newcomers(self) -> Callable[..., int]:
        return bind(newcomers, self.v.alive, self.v.brand_of)

    def _adopt(self) -> None:
        """Give a group that is new in its place the brand and link of its parent, and half of the arms."""
        v = self.v
        if not self._newcomers():
            return
        for group in np.flatnonzero((v.alive == 1) & (v.brand_of < 0)).tolist():
            parent = int(v.parent[group])
            v.brand_of[group] = v.brand_of[parent] if parent >= 0 else group
            if parent >= 0:
                v.affiliate[group] = v.affiliate[parent]
                v.arms[group] = v.arms[parent] // 2 if v.signature[group] >= 0 else 0
                v.arms[parent] -= v.arms[group]

    def _supply(self, day: int) -> None:
        """Send members to the strongest cell of linked affiliates, and arms to those with room in store."""
        v = self.v
        if self._receive():
            for group in np.flatnonzero(self._sent[:, 0]).tolist():
                district, count = int(v.members[group].argmax()), int(self._sent[group, 0])
                v.supplied[group, district] = count
                self.log.add("supply", day, 1, group=group, district=district, count=count)

    @cached_property
    def _receive(self) -> Callable[..., int]:
        v, p = self.v, self.p
        return bind(
            receive,
            self.seed,
            v.members,
            v.affiliate,
            v.link_cut,
            v.signature,
            v.arms,
            self._stock,
            (p.supply, p.arms_parent, p.arms_local),
            v.linked,
            self._hazard[0],
            self._hazard[1],
            v.supply_threshold,
            v.supplied_so_far,
            self._sent,
            v.arms_threshold,
            v.armed_so_far,
            self._armed,
            v.supplied,
            v.disarmed,
        )

    def affiliations(self) -> list[Affiliation]:
        """Return the table of affiliation as it stands: one row for each group that belongs to a parent brand."""
        v = self.v
        return [
            Affiliation(
                group,
                self._brands[int(v.brand_of[group])],
                bool(v.affiliate[group]),
                bool(v.linked[group]),
                int(v.arms[group]),
                int(v.supplied_so_far[group, 0]),
            )
            for group in np.flatnonzero(v.affiliate).tolist()
        ]
