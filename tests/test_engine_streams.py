"""The registry of random decisions is frozen: a number that changes would change every result ever published."""

from __future__ import annotations

from racketsim.engine.streams import Stream
from racketsim.mechanisms.registry import DAY

FROZEN = {
    "FIRST_THRESHOLDS": 1,
    "TERRITORIAL_WAIT": 2,
    "REMOTE_WAIT": 3,
    "SENDER": 4,
    "SIZE": 5,
    "DECISION": 6,
    "REVIEW": 7,
    "INITIAL_RELATION": 8,
    "REOPENING": 9,
    "PUNISHMENT": 10,
    "METHOD": 11,
    "CASUALTIES": 12,
    "LETHALITY": 13,
    "REPORT": 14,
    "INCIDENT_REPORT": 15,
    "RECORD": 16,
    "MONTH_NOISE": 17,
    "CASE_OPENING": 18,
    "CLEARANCE_WAIT": 19,
    "ARREST_SIZE": 20,
    "CUSTODY": 21,
    "SWEEP_WAIT": 22,
    "LEADER": 23,
    "FRAGMENTATION": 24,
    "SUCCESSION": 25,
    "RECRUITMENT_WAIT": 26,
    "LEAVING_WAIT": 27,
    "EXPANSION_WAIT": 28,
    "EXPANSION_PLACE": 29,
    "ADOPTION_WAIT": 30,
    "COVERAGE": 31,
    "ATTRIBUTION": 32,
    "RELATION_TIME": 33,
    "PUBLICITY": 34,
    "CASE_COLD": 35,
    "FOLLOW_UP": 36,
    "TURNOVER": 37,
    "CLASH_WAIT": 40,
    "CLASH": 41,
    "CLASH_ALLY": 42,
    "CLASH_OUTCOME": 43,
    "CLASH_CASUALTIES": 44,
    "YIELDING": 45,
    "CEDED_TARGET": 46,
    "RETALIATION_COUNT": 47,
    "RETALIATION_DELAY": 48,
    "RETALIATION_HARM": 49,
    "AFFILIATE_SUPPLY": 50,
    "AFFILIATE_ARMS": 51,
    "IMPOSTOR_ENTRY": 52,
    "IMPOSTOR_EXIT": 53,
    "UNMASKING": 54,
    "UNMASKING_WAIT": 55,
    "CLAIM": 56,
    "TRAFFICKING_HARM_WAIT": 60,
    "EXPULSION_WAIT": 61,
    "SYNTHETIC_NETWORK": 62,
    "FACTION": 63,
    "TERRITORY_WALK": 70,
    "PALERMO": 71,
    "BOUNDARY_VIOLENCE": 72,
    "OUTBREAK_WAIT": 80,
    "OUTBREAK": 81,
    "CROWD_THRESHOLD": 82,
    "SPONSOR": 83,
    "CROWD_ATTACK": 84,
    "JOINING": 85,
    "ASSOCIATION": 86,
    "VIGILANTE_WAIT": 87,
    "VIGILANTE_ATTACK": 88,
    "CIVIL_VIOLENCE": 89,
    "PUBLIC_THREAT_WAIT": 90,
    "PUBLIC_THREAT": 91,
    "ULTIMATUM": 92,
    "ULTIMATUM_OUTCOME": 93,
    "BACKLASH_WAIT": 94,
    "BACKLASH_HARM": 95,
    "LABELLED_OWNER": 96,
    "WITHHELD_REPORT": 97,
    "TRIGGER": 98,
    "MISCOUNT": 110,
    "SUSPICION": 111,
    "BORROWED_NAME": 112,
    "POLICY": 114,
    "CAPTURE": 113,
    "GENERAL_WAIT": 120,
    "COLLUSION_WAIT": 121,
    "LEAK": 122,
}
"""Add a line for a new stream; never change or remove one."""


def test_every_published_stream_keeps_its_number() -> None:
    assert {stream.name: int(stream) for stream in Stream if stream.name in FROZEN} == FROZEN


def test_every_stream_is_pinned_here() -> None:
    new = {stream.name: int(stream) for stream in Stream if stream.name not in FROZEN}
    assert not new, "a stream is published once it is pinned: add it to FROZEN"


def test_numbers_are_unique_and_fit_the_eight_bits_of_an_event_id() -> None:
    every = [int(stream) for stream in Stream.__members__.values()]
    assert len(set(every)) == len(Stream.__members__) == len(every)
    assert all(0 < number < 256 for number in every)


def test_no_two_mechanisms_draw_from_one_stream() -> None:
    drawn = [stream for mechanism in DAY for stream in mechanism.draws]
    assert len(set(drawn)) == len(drawn)
