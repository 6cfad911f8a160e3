"""Stories: dated sentences in plain English, causes followed, helpful errors."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from racketsim.errors import InputError
from racketsim.results.log import CAUSES, EventLog
from racketsim.results.replicate import GroupLabel
from racketsim.results.story import story_of_group, story_of_target, suggest_targets
from racketsim.results.vocabulary import EVENT_CODE, EVENT_TYPES
from tests import synthetic_results as synthetic

SMALL = synthetic.scenario()
SIM = synthetic.sim(SMALL, 3)
DISTRICT = SMALL.districts.name[0]


def log(*events: dict[str, int | str]) -> dict[str, Any]:
    """A log of the given events, with ids from 1 and everything that is not said absent."""
    absent = dict.fromkeys(("district", "kind", "group", "rival", "claimed", "target", "channel", "method"), -1)
    columns: dict[str, list[int]] = {name: [] for name in SIM.log}
    for ident, event in enumerate(events, start=1):
        code = EVENT_CODE[str(event["type"])]
        whole = {**dict.fromkeys(columns, 0), **absent, **event, "event_id": ident, "type": code}
        for name, values in columns.items():
            values.append(int(whole[name]))
    return {name: np.array(values, dtype=SIM.log[name].dtype) for name, values in columns.items()}


PLACE: dict[str, int | str] = {"district": 0, "kind": 3, "group": 3, "target": 7, "channel": 0}
LIFE = log(
    {"type": "demand", "day": 0, "amount": 3500, **PLACE},
    {"type": "refusal", "day": 3, "caused_by": 1, **PLACE},
    {"type": "demand", "day": 5, "amount": 80_000, **PLACE, "target": 8, "channel": 1, "group": 4},
    {"type": "incident", "day": 9, "method": 2, "injured": 2, "killed": 1, "caused_by": 2, **PLACE},
    {"type": "report", "day": 10, "caused_by": 4, **PLACE},
    {"type": "case_opened", "day": 12, "district": 0, "caused_by": 5},
    {"type": "arrest", "day": 40, "district": 0, "group": 3, "count": 4, "caused_by": 6},
    {"type": "payment_agreed", "day": 50, "amount": 350, "caused_by": 1, **PLACE},
)


def test_story_of_a_target_tells_its_life_in_dated_sentences() -> None:
    assert str(story_of_target(LIFE, SMALL, SIM.groups, 7)).splitlines() == [
        f"Target 7: a mototaxi in {DISTRICT}",
        "  1 January 2018: Los Nuevos demanded 35 soles a day, in person.",
        "  4 January 2018: The target refused.",
        "  10 January 2018: Los Nuevos attacked the target (arson): 1 person killed and 2 people injured.",
        "  11 January 2018: The target reported it to the police.",
        "  13 January 2018: The police opened an investigation.",
        f"  10 February 2018: The police arrested 4 members of Los Nuevos in {DISTRICT}.",
        "  20 February 2018: The target agreed to pay Los Nuevos 3.50 soles a day, after the demand of 1 January 2018.",
    ]


SILENT = log(
    {"type": "demand", "day": 0, "amount": 3500, **PLACE},
    {"type": "refusal", "day": 0, "caused_by": 1, **PLACE},
    {"type": "report", "day": 4, "caused_by": 1, **PLACE},
    {"type": "record", "day": 4, "caused_by": 3, **PLACE},
    {"type": "report_withheld", "day": 4, "caused_by": 3, **PLACE},
    {"type": "demand", "day": 9, "amount": 3500, **PLACE},
    {"type": "report", "day": 10, "caused_by": 6, **PLACE},
    {"type": "record", "day": 10, "caused_by": 7, **PLACE},
)


def test_a_report_that_fear_withheld_is_told_as_withheld_and_never_as_made() -> None:
    told = [sentence.text for sentence in story_of_target(SILENT, SMALL, SIM.groups, 7)]
    assert told[2] == (
        "Out of fear of hostility the target, who shares a label with those blamed, did not report after all."
    )
    assert [text for text in told if "reported it" in text or "recorded" in text] == told[-2:]
    reader = EventLog(SILENT, SMALL, SIM.groups)
    assert [len(reader.rows_of([name])) for name in ("report", "record", "report_withheld")] == [1, 1, 1]


def test_remote_demand_is_a_sum_by_phone() -> None:
    (sentence,) = story_of_target(LIFE, SMALL, SIM.groups, 8)
    assert sentence.text == "Remote operators demanded 800 soles, by phone or message."
    assert sentence.date == date(2018, 1, 6)


def test_target_that_does_not_exist_or_has_no_story_gets_a_hint() -> None:
    with pytest.raises(InputError, match=r"out of range; ids go from 0 to .* most events: 7, 8"):
        story_of_target(LIFE, SMALL, SIM.groups, 10**9)
    with pytest.raises(InputError, match="nothing happened to target 9 in this run"):
        story_of_target(LIFE, SMALL, SIM.groups, 9)


def test_suggested_targets_have_the_most_events() -> None:
    assert suggest_targets(LIFE) == [7, 8]
    assert suggest_targets(log()) == []


def test_story_of_a_group_follows_causes_and_sums_up_each_year() -> None:
    text = str(story_of_group(LIFE, SMALL, SIM.groups, "los nuevos"))
    assert text.startswith("Los Nuevos (entrant, brand La Marca)")
    assert (
        f"10 January 2018: Attack on a mototaxi in {DISTRICT} (arson): 1 person killed and 2 people injured, "
        "after the refusal of 4 January 2018, which followed the demand of 1 January 2018." in text
    )
    assert "which followed the report to the police of 11 January 2018" in text
    assert f"The year 2018 in figures: 1 demand in 1 district (100% of them in {DISTRICT}); 1 target" in text


def test_story_of_a_group_is_in_order_and_readable() -> None:
    story = story_of_group(SIM.log, SMALL, SIM.groups, "entrant", most_a_year=2)
    dates = [sentence.date for sentence in story]
    assert dates == sorted(dates)
    assert len(story) < 60
    assert any(sentence.text.startswith("Arrived in") for sentence in story)
    assert any("after the loss of the leader" in sentence.text for sentence in story)


WAR = log(
    {"type": "inter_group_threat", "day": 1, "group": 3, "rival": 1, "district": 0},
    {"type": "clash", "day": 9, "group": 3, "rival": 1, "district": 0, "killed": 2, "injured": 1, "count": 2},
    {"type": "expulsion", "day": 9, "group": 1, "rival": 3, "district": 0, "count": 14, "caused_by": 2},
    {"type": "takeover", "day": 20, "group": 3, "district": 0, "count": 40},
    {"type": "retaliation", "day": 60, "group": 1, "rival": 3, "district": 0, "killed": 1, "count": 1, "caused_by": 2},
    {"type": "retaliation", "day": 90, "group": 3, "rival": 1, "district": 0, "injured": 1, "caused_by": 5},
    {"type": "submission", "day": 99, "group": 1, "rival": 3, "district": 1, "count": 5, "caused_by": 6},
    {"type": "dismissal", "day": 120, "group": 1, "district": 1, "count": 3},
)


def test_story_of_a_group_at_war_follows_what_rivals_did_to_each_other() -> None:
    first = "the clash of 10 January 2018"
    answer = f"the retaliation of 2 March 2018, which followed {first}"
    assert [str(sentence) for sentence in story_of_group(WAR, SMALL, SIM.groups, "Los Nuevos")] == [
        f"2 January 2018: Threatened La Vieja Guardia in {DISTRICT}.",
        f"10 January 2018: Attacked La Vieja Guardia in {DISTRICT}: 2 people killed and 1 person injured.",
        f"10 January 2018: Drove La Vieja Guardia out of {DISTRICT}, 14 members, after the clash of the same day.",
        f"21 January 2018: Took control of {DISTRICT} with 40 members.",
        f"2 March 2018: La Vieja Guardia took revenge in {DISTRICT}: 1 person killed, after {first}.",
        f"1 April 2018: Took revenge on La Vieja Guardia in {DISTRICT}: 1 person injured, after {answer}.",
        (
            f"10 April 2018: La Vieja Guardia submitted in {SMALL.districts.name[1]}, 5 members, "
            f"after the retaliation of 1 April 2018, which followed {answer}."
        ),
    ]


ARREST: dict[str, int | str] = {"type": "arrest", "district": 0, "group": 3}
RAIDS = log(
    *(ARREST | {"day": day, "count": 1 + day} for day in range(6)),
    {"type": "arrival", "day": 7, "district": 0, "group": 3, "count": 5},
    {"type": "incident", "day": 9, "method": 2, **PLACE},
    ARREST | {"day": 400, "count": 2},
)


def test_story_of_a_group_says_what_it_leaves_out_and_tells_its_years_apart() -> None:
    story = story_of_group(RAIDS, SMALL, SIM.groups, "Los Nuevos", most_a_year=2)
    assert story.selection.startswith("A selection, 4 of 9 events: all turning points, and of each other sort of event")
    assert "the 2 most severe of a year at most; attacks that hurt nobody are left out." in story.selection
    assert [sentence.date.isoformat() for sentence in story] == ["2018-01-05", "2018-01-06", "2018-01-08", "2019-02-05"]
    assert ["21 arrests" in year.text for year in story.years] == [True, False], "all of them, told or not"
    lines = str(story).splitlines()
    assert lines[1].strip() == story.selection
    assert lines[-3:] == ["  Years in figures, of all events:", *(f"    {year.text}" for year in story.years)]


def test_story_of_a_group_that_tells_everything_is_no_selection() -> None:
    assert story_of_group(WAR, SMALL, SIM.groups, "Los Nuevos", most_a_year=10).selection == ""
    assert story_of_target(LIFE, SMALL, SIM.groups, 7).selection == ""


def test_a_year_in_figures_counts_fights_with_other_groups() -> None:
    (year,) = story_of_group(WAR, SMALL, SIM.groups, "Los Nuevos").years
    assert year.text.endswith("0 arrests; 3 fights with other groups, 3 people killed.")
    (quiet,) = story_of_group(LIFE, SMALL, SIM.groups, "Los Nuevos").years
    assert "fights" not in quiet.text


def test_the_other_side_tells_the_same_war() -> None:
    text = str(story_of_group(WAR, SMALL, SIM.groups, "La Vieja Guardia"))
    for told in (
        f"Threatened by Los Nuevos in {DISTRICT}.",
        f"Attacked by Los Nuevos in {DISTRICT}: 2 people killed and 1 person injured.",
        f"Driven out of {DISTRICT} by Los Nuevos, 14 members, after the clash of the same day.",
        f"Took revenge on Los Nuevos in {DISTRICT}: 1 person killed",
        f"Los Nuevos took revenge in {DISTRICT}: 1 person injured",
        f"Submitted to Los Nuevos in {SMALL.districts.name[1]}, 5 members",
        f"Dismissed 3 members in {SMALL.districts.name[1]}, whom takings could not pay.",
    ):
        assert told in text
    assert "Took control" not in text


POSING = log(
    {"type": "supply", "day": 1, "group": 3, "district": 0, "count": 2},
    {"type": "impostor_entry", "day": 2, "group": 5, "district": 0, "count": 1},
    {"type": "demand", "day": 3, "amount": 3500, **PLACE, "group": 5, "claimed": 3},
    {"type": "demand", "day": 4, "amount": 3500, **PLACE, "claimed": 3},
    {"type": "impostor_unmasked", "day": 30, "group": 5, "claimed": 3, "district": 0, "count": 2},
    {"type": "impostor_exit", "day": 31, "group": 5, "district": 0, "count": 3},
)


def test_a_demand_under_another_name_says_whose() -> None:
    groups = [*SIM.groups[:5], GroupLabel("impostors", "Impostors", "impostor", "")]
    assert [sentence.text for sentence in story_of_target(POSING, SMALL, groups, 7)] == [
        "Impostors demanded 35 soles a day, in person, in the name of Los Nuevos.",
        "Los Nuevos demanded 35 soles a day, in person.",
    ]


def test_a_group_is_told_of_its_supply_and_of_those_who_used_its_name() -> None:
    groups = [*SIM.groups[:5], GroupLabel("impostors", "Impostors", "impostor", "")]
    own, posing = (
        [sentence.text for sentence in story_of_group(POSING, SMALL, groups, name)]
        for name in ("Los Nuevos", "Impostors")
    )
    assert own == [
        f"Received 2 members in {DISTRICT} from the parent brand.",
        f"2 impostors unmasked in {DISTRICT}, in the name of this group.",
    ]
    assert posing == [
        f"1 impostor began to ask for money in {DISTRICT}.",
        f"2 impostors unmasked in {DISTRICT}, in the name of Los Nuevos.",
        f"3 impostors gave up in {DISTRICT}.",
    ]


def test_unknown_group_gets_a_suggestion() -> None:
    with pytest.raises(InputError, match=r"no group is called 'los nuevs'.*Did you mean 'Los Nuevos'\?"):
        story_of_group(LIFE, SMALL, SIM.groups, "los nuevs")
    with pytest.raises(InputError, match="groups of this run are 'callao-north'"):
        story_of_group(LIFE, SMALL, SIM.groups, "zzz")


def test_every_event_has_words_for_being_a_cause() -> None:
    assert set(CAUSES) == set(EVENT_TYPES)
