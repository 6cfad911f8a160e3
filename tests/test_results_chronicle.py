"""The chronicle: what the press carried, contradictions side by side, and the truth on request."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from racketsim.results.chronicle import Item, chronicle
from tests.mechanism_city import whole_lima
from tests.test_results_story import DISTRICT, LIFE, SIM, SMALL, log

NO_CLAIMS: dict[str, Any] = {name: values[:0] for name, values in SIM.claims.items()}
BROADSHEET, TABLOID = 0, 1
OLD, NEW = 1, 3
"""La Vieja Guardia and Los Nuevos."""


def said(*claims: dict[str, int]) -> dict[str, Any]:
    """Claims of outlets; who is not named is nobody."""
    rows = [{"claim_id": n, "group": -1, "sponsor": -1, **claim} for n, claim in enumerate(claims, start=1)]
    return {
        name: np.array([row.get(name, 0) for row in rows], dtype=values.dtype) for name, values in SIM.claims.items()
    }


def told(events: dict[str, Any], claims: dict[str, Any], **options: Any) -> list[Item]:
    return chronicle(events, claims, SMALL, SIM.groups, policies=options.pop("policies", ()), **options)


def test_contradictory_claims_stand_side_by_side_and_truth_only_on_request() -> None:
    claims = said(
        {"event_id": 4, "day": 11, "outlet": TABLOID, "injured": 2, "killed": 1},
        {"event_id": 4, "day": 10, "outlet": BROADSHEET, "injured": 5, "group": OLD},
    )
    (item,) = told(LIFE, claims)
    assert str(item).splitlines() == [
        f"11 January 2018: Arson: attack on a mototaxi in {DISTRICT}.",
        "    the broadsheet, 11 January 2018: 5 people injured; blames La Vieja Guardia",
        "    the tabloid, 12 January 2018: 1 person killed and 2 people injured; names nobody",
        "    They differ on killed: 0 (the broadsheet) or 1 (the tabloid)",
        "    They differ on injured: 2 (the tabloid) or 5 (the broadsheet)",
    ]
    assert "Los Nuevos" not in str(item)
    with_truth = told(LIFE, claims, truth=True)[0]
    assert with_truth.claims == item.claims
    assert with_truth.truth == "1 person killed and 2 people injured; by Los Nuevos, on 10 January 2018."


def test_what_no_outlet_carried_is_told_with_its_place_and_the_truth_alone() -> None:
    assert told(LIFE, NO_CLAIMS) == []
    untold = told(LIFE, NO_CLAIMS, truth=True)
    assert [str(item).splitlines() for item in untold] == [
        [
            f"10 January 2018: Arson: attack on a mototaxi in {DISTRICT} (in no newspaper).",
            "    What happened: 1 person killed and 2 people injured; by Los Nuevos, on 10 January 2018.",
        ],
        [
            f"10 February 2018: Arrests in {DISTRICT} (in no newspaper).",
            "    What happened: 4 members of Los Nuevos arrested, on 10 February 2018.",
        ],
    ]


STREET = log(
    {"type": "riot", "day": 3, "district": 0, "count": 700},
    {"type": "vehicle_burnt", "day": 3, "district": 0, "group": NEW, "count": 1, "caused_by": 1},
    {"type": "vehicle_burnt", "day": 3, "district": 0, "count": 1, "caused_by": 1},
    {"type": "person_beaten", "day": 3, "district": 0, "group": NEW, "injured": 1, "caused_by": 1},
    {"type": "protest", "day": 0, "district": 0, "count": 90, "group": OLD},
    {"type": "public_threat", "day": 5, "district": 0, "group": NEW, "caused_by": 1},
    {"type": "ultimatum", "day": 6, "district": 0, "rival": NEW, "count": 3, "caused_by": 1},
    {"type": "ultimatum_outcome", "day": 9, "district": 0, "rival": NEW, "count": 1, "caused_by": 7},
    {"type": "backlash_incident", "day": 7, "district": 0, "injured": 2, "caused_by": 1},
    {"type": "vigilante_attack", "day": 8, "district": 0, "injured": 1},
    {"type": "clash", "day": 9, "district": 0, "group": NEW, "rival": OLD, "killed": 2, "count": 1},
    {"type": "arrest", "day": 9, "district": 0, "group": NEW, "count": 1},
    {"type": "arrest", "day": 9, "district": 0, "group": NEW, "count": 3},
)


def _street(event: int, *claims: dict[str, int]) -> Item:
    given = [{"event_id": event, "day": 10, "outlet": n, **claim} for n, claim in enumerate(claims)]
    carried = [item for item in told(STREET, said(*given), truth=True) if item.claims]
    assert len(carried) == 1
    return carried[0]


def test_owners_of_burnt_vehicles_and_who_is_behind_a_riot_are_disputed() -> None:
    item = _street(1, {"people": 300, "vehicles": 1, "group": NEW}, {"people": 900, "vehicles": 2, "sponsor": OLD})
    assert item.text == f"Riot in {DISTRICT}."
    assert item.claims == (
        "the broadsheet, 11 January 2018: 300 people and 1 vehicle burnt; says that vehicles were of Los Nuevos",
        (
            "the tabloid, 11 January 2018: 900 people and 2 vehicles burnt; does not say whose vehicles; "
            "says that La Vieja Guardia is behind it"
        ),
    )
    assert item.differ == (
        "vehicles: 1 (the broadsheet) or 2 (the tabloid)",
        "people: 300 (the broadsheet) or 900 (the tabloid)",
    )
    assert item.truth == (
        "700 people; vehicles burnt: 1 of Los Nuevos, 1 of people with no part in extortion; beaten: 1 of Los Nuevos; "
        "nobody had paid for it, on 4 January 2018."
    )


def test_names_differ_where_two_are_named_and_silence_contradicts_nobody() -> None:
    assert _street(6, {"group": NEW}, {}).differ == ()
    item = _street(6, {"group": NEW}, {"group": OLD})
    assert item.differ == ("who it was: La Vieja Guardia (the tabloid) or Los Nuevos (the broadsheet)",)
    assert item.text == f"Threat in public in {DISTRICT}."
    assert item.truth == "threat by Los Nuevos, on 6 January 2018."


@pytest.mark.parametrize(
    ("event", "claim", "text", "headline", "truth"),
    [
        (5, {"people": 90}, "March against extortion", "90 people; names nobody behind it",
         "90 people; La Vieja Guardia had paid people to come, on 1 January 2018."),
        (7, {}, "Ultimatum of 3 days", "names nobody",
         "set by a crowd, to Los Nuevos; it was carried out, on 7 January 2018."),
        (9, {"injured": 2}, "Attack on people taken for outsiders", "2 people injured",
         "2 people injured, all of them innocent, on 8 January 2018."),
        (10, {"group": NEW}, "Suspect beaten by neighbours", "nobody hurt; blames Los Nuevos",
         "1 person injured; the victim was of people with no part in extortion, on 9 January 2018."),
        (11, {"killed": 2, "injured": 1, "group": OLD}, "Shots between gangs",
         "2 people killed and 1 person injured; blames La Vieja Guardia",
         "Los Nuevos attacked La Vieja Guardia: 2 people killed, on 10 January 2018."),
        (13, {"people": 4, "group": NEW}, "Arrests", "4 people arrested; said to belong to Los Nuevos",
         "4 members of Los Nuevos arrested, on 10 January 2018."),
    ],
)  # fmt: skip
def test_every_sort_of_event_has_its_headline_and_its_truth(
    event: int, claim: dict[str, int], text: str, headline: str, truth: str
) -> None:
    item = _street(event, claim)
    assert item.text == f"{text} in {DISTRICT}."
    assert item.claims == (f"the broadsheet, 11 January 2018: {headline}",)
    assert item.truth == truth


POLICIES = [
    {"kind": "mega_operation", "start": "2018-01-20", "end": "2018-01-25", "districts": [DISTRICT], "officers": 700},
    {"kind": "triggered", "policy": "mega_operation", "arguments": {"officers": 50}},
    {"kind": "capture", "start": "2018-01-20", "end": "2018-01-20", "group": "entrant"},
    {"kind": "lockdown", "start": "2030-01-20"},
]
STATE = log(
    {"type": "policy_start", "day": 19, "district": 0, "count": 0},
    {"type": "policy_end", "day": 24, "district": 0, "count": 0},
    {"type": "policy_start", "day": 40, "district": 0, "count": 1},
    {"type": "policy_start", "day": 40, "district": 1, "count": 1},
    {"type": "policy_end", "day": 50, "district": 0, "count": 1},
)


def test_policies_are_announced_dated_or_by_rule_with_what_the_press_makes_of_them() -> None:
    claims = said(
        {"event_id": 1, "day": 20, "outlet": BROADSHEET, "people": 400},
        {"event_id": 1, "day": 20, "outlet": TABLOID, "people": 2000},
    )
    items = told(STATE, claims, policies=POLICIES, truth=True)
    both = f"{DISTRICT}, {SMALL.districts.name[1]}"
    assert [(item.date.isoformat(), item.text) for item in items] == [
        ("2018-01-20", "Policy: capture of members of Los Nuevos in the whole city."),
        ("2018-01-20", f"Policy: mega operation begins in {DISTRICT}."),
        ("2018-01-25", f"Policy: mega operation ends in {DISTRICT}."),
        ("2018-02-10", f"Policy: mega operation begins in {both}."),
        ("2018-02-20", f"Policy: mega operation ends in {DISTRICT}."),
    ]
    operation = items[1]
    assert operation.claims == (
        "the broadsheet, 21 January 2018: 400 officers",
        "the tabloid, 21 January 2018: 2,000 officers",
    )
    assert operation.differ == ("people: 400 (the broadsheet) or 2,000 (the tabloid)",)
    assert operation.truth == "700 officers added, on 20 January 2018."
    by_rule = told(STATE, said({"event_id": 3, "day": 40}), policies=POLICIES, truth=True)[3]
    assert by_rule.truth == "50 officers added by a rule of the state, on 10 February 2018."


def test_the_most_severe_by_what_is_claimed_are_told_and_every_policy() -> None:
    items = chronicle(SIM.log, SIM.claims, SMALL, SIM.groups, most_a_year=3)
    assert [item.date for item in items] == sorted(item.date for item in items)
    news = [item for item in items if not item.text.startswith("Policy")]
    assert news
    for year in {item.date.year for item in news}:
        assert sum(item.date.year == year for item in news) <= 3
    more = [one for one in chronicle(SIM.log, SIM.claims, SMALL, SIM.groups, most_a_year=10**6) if one.claims]
    assert len(more) == len(np.unique(SIM.claims["event_id"]))
    for item in news:
        rivals = [one.severity for one in more if one.date.year == item.date.year and one not in news]
        assert item.severity >= max(rivals, default=0.0)
    texts = [item.text for item in items]
    assert "Policy: lockdown begins in the whole city." in texts
    assert f"Policy: state of emergency ends in {DISTRICT}." in texts


def test_empty_log_has_an_empty_chronicle() -> None:
    assert told(log(), NO_CLAIMS) == []
    assert told(log(), NO_CLAIMS, truth=True) == []


REVENGE = log({"type": "retaliation", "day": 1, "district": 0, "group": NEW, "rival": OLD, "killed": 1})


def test_every_event_that_no_outlet_carried_is_told_with_its_kind_and_place() -> None:
    untold = [item.text for item in told(STREET, NO_CLAIMS, truth=True)]
    untold += [item.text for item in told(REVENGE, NO_CLAIMS, truth=True)]
    assert untold[-1] == f"Attack on a gang in {DISTRICT} (in no newspaper)."
    assert len(untold) == len(set(untold)) + 1, "two groups of arrests on one day"
    assert all(re.fullmatch(rf"[A-Z].* in {DISTRICT} \(in no newspaper\)\.", text) for text in untold), untold


def test_the_chronicle_of_lima_tells_each_claim_once_and_nothing_true_unasked() -> None:
    sim = whole_lima()
    items = sim.chronicle(10**6)
    claims = sum(len(item.claims) for item in items)
    assert claims == sim.claims["day"].size
    assert all(item.truth is None for item in items)
    assert any(item.differ for item in items)
    first = sim.scenario.start + timedelta(days=int(sim.claims["day"].min()))
    assert min(item.date for item in items if item.claims) == first
    assert all(item.truth for item in sim.chronicle(5, truth=True) if item.claims)
    emergency = next(item for item in sim.chronicle(1, truth=True) if "emergency begins" in item.text and item.claims)
    assert "officers added" in str(emergency.truth)
