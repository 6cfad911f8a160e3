"""The `--policy` option: its grammar, its TOML files, and what it says when it cannot read one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from racketsim.cli.policy_text import read_policies
from racketsim.errors import InputError
from racketsim.policies import Capture, Lockdown, MegaOperation, SpecialUnit, StateOfEmergency, Triggered
from tests import synthetic_results

CITY = synthetic_results.scenario(large=True)


def one(text: str):
    (policy,) = read_policies([text], CITY)
    return policy


def refusal(text: str) -> str:
    with pytest.raises(InputError) as refused:
        read_policies([text], CITY)
    return str(refused.value)


def test_an_emergency_in_two_districts_for_sixty_days() -> None:
    policy = one("state_of_emergency:districts=San Juan de Lurigancho, Rímac;start=2023-09-20;days=60")
    assert isinstance(policy, StateOfEmergency)
    assert policy.districts == ("San Juan de Lurigancho", "Rímac")
    assert (policy.start, policy.end) == (date(2023, 9, 20), date(2023, 11, 18))


def test_accents_case_and_ids_are_forgiven() -> None:
    assert one("state_of_emergency:districts=rimac,SAN MARTIN DE PORRES;start=2023-01-01").districts == (
        "Rímac",
        "San Martín de Porres",
    )
    by_id = f"state_of_emergency:districts={CITY.districts.id[0]};start=2023-01-01"
    assert one(by_id).districts == (CITY.districts.name[0],)


def test_numbers_and_whole_cities() -> None:
    policy = one("lockdown: mobility=0.4; station_access=0.5; start=2020-03-16; end=2020-06-30")
    assert isinstance(policy, Lockdown)
    assert (policy.mobility, policy.station_access, policy.districts) == (0.4, 0.5, ())
    surge = one("mega_operation:districts=Ate;officers=700;start=2023-11-01;days=3")
    assert isinstance(surge, MegaOperation)
    assert surge.officers == 700


def test_a_rule_takes_what_it_hands_on_to_the_policy_that_it_sets_off() -> None:
    rule = one("triggered:when=public_threat;policy=mega_operation;officers=700;delay=1;lasts=6;where=neighbours")
    assert isinstance(rule, Triggered)
    assert (rule.when, rule.policy, rule.lasts, rule.where) == ("public_threat", "mega_operation", 6, "neighbours")
    assert rule.arguments == {"officers": 700.0}
    group = CITY.groups[0]
    raid = one(f"triggered:when=killed;policy=capture;members=5;group={group.name}")
    assert raid.arguments == {"members": 5.0, "group": group.id}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("triggered:when=feast;policy=mega_operation;officers=1", "unknown when 'feast'; allowed: mass_harm,"),
        ("triggered:when=riot;policy=mega_operation", "'officers' is missing, which mega_operation needs"),
        ("triggered:when=riot;policy=lockdwn", "Did you mean 'lockdown'?"),
        ("triggered:when=riot;policy=truce;officers=3", "'triggered' takes no 'officers'"),
    ],
)
def test_rules_that_cannot_be_used_say_why(text: str, message: str) -> None:
    assert message in refusal(text)


def test_a_group_by_name_or_id() -> None:
    group = CITY.groups[0]
    for word in (group.id, group.name):
        policy = one(f"capture:group={word};members=10;leader=true;start=2022-11-15")
        assert isinstance(policy, Capture)
        assert (policy.group, policy.members, policy.leader) == (group.id, 10.0, True)


def test_a_special_unit_with_and_without_group_and_districts() -> None:
    unit = one("special_unit:name=Brigade against extortion;investigators=130;start=2023-11-07")
    assert isinstance(unit, SpecialUnit)
    assert (unit.name, unit.investigators, unit.group, unit.districts) == ("Brigade against extortion", 130.0, None, ())
    group = CITY.groups[0]
    aimed = one(f"special_unit:name=T;investigators=20;group={group.name};districts=rimac;start=2022-11-10;days=90")
    assert (aimed.group, aimed.districts, aimed.end) == (group.id, ("Rímac",), date(2023, 2, 7))


def test_a_toml_file_of_policies(tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    file.write_text(
        '[[policies]]\nkind = "state_of_emergency"\ndistricts = ["Ate"]\nstart = 2023-01-01\ndays = 30\n'
        '[[policies]]\nkind = "lockdown"\nmobility = 0.5\nstation_access = 1\nstart = "2023-03-01"\n',
        encoding="utf-8",
    )
    emergency, lockdown = read_policies([str(file)], CITY)
    assert emergency.end == date(2023, 1, 30)
    assert lockdown.station_access == 1.0


def test_none_given_is_none() -> None:
    assert read_policies(None, CITY) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("state_of_emergncy:districts=Ate;start=2023-01-01", "Did you mean 'state_of_emergency'?"),
        ("", "there is no policy ''. Known policies: capture, cut_affiliation, lockdown"),
        ("state_of_emergency", "'start' is missing"),
        ("state_of_emergency:start=2023-01-01", "'districts' is missing"),
        ("state_of_emergency:districts=Ate;start=2023-01-01;dayz=3", "Did you mean 'days'?"),
        ("state_of_emergency:districts=Atte;start=2023-01-01", "Did you mean 'Ate'?"),
        ("state_of_emergency:districts=Gotham City;start=2023-01-01", "Allowed: "),
        ("state_of_emergency:districts=Ate;start=2023-02-30", "'2023-02-30' is not a date; write it as YYYY-MM-DD"),
        ("state_of_emergency:districts=Ate;start=soon", "start: 'soon' is not a date"),
        ("state_of_emergency:districts=Ate;start=2031-01-01", "start: 2031-01-01 lies after the end of"),
        ("lockdown:mobility=1;station_access=1;start=2001-01-01;end=2001-02-01", "lies before the start of"),
        ("state_of_emergency:districts=Ate;start=2023-01-01;end=2022-01-01", "before its start"),
        ("state_of_emergency:districts=Ate;start=2023-01-01;end=2023-02-01;days=3", "'end' or 'days', not both"),
        ("state_of_emergency:districts=Ate;start=2023-01-01;days=0", "at least one day"),
        ("state_of_emergency:districts=Ate;start=2023-01-01;days=many", "days: 'many' is not a number"),
        ("state_of_emergency:districts=Ate;start=2023-01-01;days=1.5", "'1.5' is not a whole number"),
        ("state_of_emergency:districts=Ate;start=2023-01-01;start=2023-02-01", "'start' is given twice"),
        ("state_of_emergency:Ate", "'Ate' is not key=value"),
        ("state_of_emergency:districts=;start=2023-01-01", "'districts=' is not key=value"),
        ("state_of_emergency:districts=,;start=2023-01-01", "districts: names none"),
        ("lockdown:mobility=nan;station_access=1;start=2020-03-16", "mobility: 'nan' is not a number"),
        ("lockdown:mobility=2;station_access=1;start=2020-03-16", "between 0 and 1"),
        ("mega_operation:districts=Ate;officers=-5;start=2023-01-01", "must not be negative"),
        ("capture:group=nobody known;members=1;start=2023-01-01", "is no group of"),
        ("capture:group=nobody;members=1;leader=maybe;start=2023-01-01", "'maybe' is neither true nor false"),
        ("cut_affiliation:group=nobody known;start=2023-01-01", "is no group of"),
        ("special_unit:investigators=10;start=2023-01-01", "'name' is missing; 'special_unit' takes"),
        ("special_unit:name=T;start=2023-01-01", "'investigators' is missing"),
        ("special_unit:name=T;investigators=-1;start=2023-01-01", "investigators is -1.0; it must not be negative"),
        ("special_unit:name=T;investigators=ten;start=2023-01-01", "investigators: 'ten' is not a number"),
        ("special_unit:name=T;investigators=9;group=nobody;start=2023-01-01", "is no group of"),
        ("special_unit:name=T;investigators=9;districts=Atte;start=2023-01-01", "Did you mean 'Ate'?"),
        ("nowhere.toml", "nowhere.toml: there is no such file"),
    ],
)
def test_what_cannot_be_used_is_told(text: str, said: str) -> None:
    assert said in refusal(text)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "holds no [[policies]] table"),
        ("policies = 3", "holds no [[policies]] table"),
        ("[[policies]\nkind", "this is not TOML"),
        ("[[policies]]\nstart = 2023-01-01", "policy 1: 'kind' is missing"),
        ('[[policies]]\nkind = "lockdown"\n[scenario]\nid = 1', "'scenario' is not known here"),
        (
            '[[policies]]\nkind = "state_of_emergency"\ndistricts = 5\nstart = 2023-01-01',
            "districts: '5' is not a list",
        ),
        ('[[policies]]\nkind = "capture"\ngroup = 5\nmembers = 1\nstart = 2023-01-01', "group: '5' is not a text"),
        ('[[policies]]\nkind = "lockdown"\nmobility = true\nstation_access = 1\nstart = 2023-01-01', "not a number"),
        (
            '[[policies]]\nkind = "lockdown"\nmobility = 1\nstation_access = 1\nstart = 2023-01-01T08:00:00',
            "not a date",
        ),
    ],
)
def test_what_is_wrong_in_a_file_is_told(content: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    file.write_text(content, encoding="utf-8")
    told = refusal(str(file))
    assert said in told
    assert str(file) in told


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    file.write_bytes(b"# R\xedmac\n")
    assert "cannot be read" in refusal(str(file))
