"""The words that every result is written in: the types of events and the channels of extortion.

Codes in the event log are positions in these tuples, so entries are only ever added at the end.
"""

from __future__ import annotations

EVENT_TYPES: tuple[str, ...] = (
    "demand",
    "payment_agreed",
    "refusal",
    "closure",
    "switch",
    "incident",
    "report",
    "record",
    "case_opened",
    "case_cleared",
    "arrest",
    "release",
    "leader_removed",
    "fragmentation",
    "arrival",
    "expansion",
    "withdrawal",
    "policy_start",
    "policy_end",
    "relation_end",
    "reopening",
    "dismissal",
    "clash",
    "expulsion",
    "submission",
    "inter_group_threat",
    "retaliation",
    "takeover",
    "supply",
    "impostor_entry",
    "impostor_exit",
    "impostor_unmasked",
    "collusion",
    "protest",
    "riot",
    "protest_answered",
    "protest_unanswered",
    "collective_refusal",
    "vehicle_burnt",
    "person_beaten",
    "vigilante_attack",
    "owner_reported",
    "public_threat",
    "ultimatum",
    "ultimatum_outcome",
    "backlash_incident",
    "report_withheld",
    "trigger",
    "double_payment",
)
"""What can happen; the code of a type in the log is its place here."""

EVENT_CODE: dict[str, int] = {name: code for code, name in enumerate(EVENT_TYPES)}

ACTIVITIES: tuple[str, ...] = ("extortion", "remote extortion", "loans", "drugs", "trafficking")
"""What members of groups do for money."""

CHANNELS: tuple[str, ...] = ("territorial", "remote")
"""How a demand reaches its target: in person by a group that holds the place, or by phone and message."""
