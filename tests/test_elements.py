"""Elements: every one is described and accounted for, and a run can be made without those that have a switch."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from racketsim import InputError, Sim, load_scenario
from racketsim.elements import described, read_without, switchable, table
from racketsim.mechanisms.registry import DAY
from racketsim.policies import MegaOperation, StateOfEmergency
from racketsim.policies.registry import POLICIES
from racketsim.results.vocabulary import EVENT_CODE
from tests.command_line import CommandLine
from tests.mechanism_city import lima
from tests.same_bits import assert_same

FIELDS = {"id", "mechanism", "switch", "implemented", "equation", "reference", "parameters", "article", "look_at"}
UNTIL = "2019-12-31"


@cache
def lima_without(*elements: str) -> Sim:
    """Lima with one in twenty of its targets and twenty times the demands on each, without some elements."""
    city = lima({"parameters.expansion.rate": 0.002}, share=20)
    return Sim(city, seed=3, without=elements).run(until=UNTIL)


def total(sim: Sim, record: str) -> float:
    return float(np.sum(sim.records[record]))


def test_all_twenty_six_are_described() -> None:
    assert list(described()) == [f"A{number}" for number in range(1, 27)]
    for one in described().values():
        assert all((one.mechanism, one.says, one.equation, one.reference, one.look)), one.id


def test_mechanisms_and_policies_name_elements_that_there_are() -> None:
    for mechanism in DAY:
        assert set(mechanism.elements) <= set(described()), mechanism.name
        assert set(mechanism.switches) <= set(mechanism.elements), mechanism.name
    assert {policy.element for policy in POLICIES.values()} - {None} <= set(switchable())


def test_an_element_with_a_switch_has_no_reason_to_be_fixed() -> None:
    for name in switchable():
        assert not described()[name].fixed, name


def test_an_element_is_implemented_where_a_mechanism_carries_it() -> None:
    carried = {element for mechanism in DAY for element in mechanism.elements}
    for row in table():
        assert row.implemented == (row.element.id in carried)
        if row.implemented:
            assert row.switch or row.element.fixed, f"{row.element.id} has neither a switch nor a reason"
            assert all((Path(__file__).parents[1] / "src" / file).is_file() for file in row.files)


def test_json_has_a_row_for_each_with_its_numbers(racketsim: CommandLine) -> None:
    answer = racketsim("elements", "lima-2023", "--json")
    rows = json.loads(answer.out)
    assert [row["id"] for row in rows] == list(described())
    assert all(set(row) >= FIELDS for row in rows)
    (punishment,) = (row for row in rows if row["id"] == "A12")
    assert punishment["switch"] == "--without A12"
    assert punishment["implemented"] is True
    propensity = punishment["parameters"]["parameters.punishment.propensity"]
    assert propensity["unit"] == "probability"
    assert propensity["prior"][0] == "logitnormal"


def test_the_table_is_printed_and_written_as_markdown(racketsim: CommandLine, small_city: Path) -> None:
    printed = racketsim("elements", small_city)
    assert printed.code == 0
    assert "impostors" in printed.out
    lines = racketsim("elements", small_city, "--markdown").out.splitlines()
    assert len(lines) == 2 + 26
    assert len({line.replace("\\|", "").count("|") for line in lines}) == 1


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("A99",), "there is no element 'A99'; allowed: A2,"),
        (("A33",), "Did you mean 'A3'?"),
        (("A16",), "cannot be switched off: without it nothing could be compared"),
        (("A12", "A1"), "A1 (extortion: demand, decision, collection) cannot be switched off"),
    ],
)
def test_what_cannot_be_switched_off_is_refused(names: tuple[str, ...], message: str) -> None:
    with pytest.raises(InputError) as refused:
        Sim("lima-2023", without=names)
    assert message in str(refused.value)


def test_switches_are_kept_once_and_in_order() -> None:
    assert read_without(("A22", "A3", "A22")) == ("A3", "A22")


@pytest.mark.parametrize(
    ("element", "records"),
    [
        ("A3", ("arrests", "cases_opened", "cases_cleared", "held")),
        ("A12", ("incidents", "injured", "killed")),
        ("A17", ("expansions",)),
    ],
)
def test_what_is_off_does_not_happen(element: str, records: tuple[str, ...]) -> None:
    for record in records:
        assert total(lima_without(), record) > 0, record
        assert total(lima_without(element), record) == 0, record


def test_without_entry_nobody_but_incumbents_has_members() -> None:
    members = lima_without("A17").records["members"][-1].sum(axis=0)
    roles = [group.role for group in lima_without("A17").groups]
    assert all(count == 0 for count, role in zip(members, roles, strict=True) if role == "entrant")


def test_without_incumbents_the_city_is_free_until_the_entrants_come() -> None:
    sim = lima_without("A24")
    assert total(sim, "demands") > 0
    assert sim.records["demands"][:12].sum() == 0
    assert sim.records["relations"][0].sum() == 0


def test_without_credibility_beliefs_stay_what_they_were() -> None:
    credibility = lima_without("A22").records["credibility"]
    assert (credibility == credibility[0]).all()
    learnt = lima_without().records["credibility"]
    assert not (learnt == learnt[0]).all()


def test_without_the_press_there_are_no_claims_and_all_else_is_the_same_but_for_impostors() -> None:
    """Impostors take the names that are in the news, and hostility follows them: both are left out."""
    with_press, without = lima_without("A5", "A25"), lima_without("A5", "A25", "A26")
    assert len(with_press.claims["claim_id"]) > 0
    assert len(without.claims["claim_id"]) == 0
    for name in ("demands", "incidents", "recorded", "arrests"):
        assert np.array_equal(with_press.records[name], without.records[name]), name


def test_without_emergencies_and_operations_policies_of_that_kind_are_left_out(small_city: Path) -> None:
    places = load_scenario(small_city).districts.name[:2]
    policies = (
        StateOfEmergency(places, start="2022-01-05", days=5),
        MegaOperation(places, 300.0, start="2022-01-20", days=5),
    )

    def run(*off: str) -> Sim:
        return Sim(small_city, policies=policies, without=off).run(until="2022-01-31")

    everything, no_emergency, neither = run(), run("A13"), run("A10", "A13")
    assert total(everything, "emergency_days") == 10
    assert total(no_emergency, "emergency_days") == 0
    assert total(everything, "officer_days") > total(no_emergency, "officer_days") > total(neither, "officer_days")
    started = [event_count(sim, "policy_start") for sim in (everything, no_emergency, neither)]
    assert started == [4, 2, 0], "one event a district"


def event_count(sim: Sim, name: str) -> int:
    return int((sim.log["type"] == EVENT_CODE[name]).sum())


def test_a_switch_survives_fork_save_and_load(tmp_path: Path, small_city: Path) -> None:
    whole = Sim(small_city, seed=2, without=("A12", "A3")).run(until="2022-12-31")
    half = Sim(small_city, seed=2, without=("A12", "A3")).run(until="2022-06-30")
    forked = half.fork().run(until="2022-12-31")
    loaded = Sim.load(half.save(tmp_path / "half.npz")).run(until="2022-12-31")
    for sim in (forked, loaded):
        assert sim.without == ("A3", "A12")
        assert_same(whole, sim)
    assert total(whole, "demands") > 0
    assert total(whole, "incidents") == total(whole, "arrests") == 0


def test_a_run_directory_says_what_was_off(racketsim: CommandLine, small_city: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    arguments = ("run", small_city, "-n", "1", "--until", "2022-03-31", "--out", out, "--no-report")
    answer = racketsim(*arguments, "--without", "a12,A3", "--without", "A17")
    assert answer.code == 0, answer.err
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["without"] == ["A3", "A12", "A17"]
    assert "without A3, A12, A17" in answer.err
    refused = racketsim(*arguments, "--without", "A1222")
    assert refused.code == 2
    assert refused.err.startswith("error: without: there is no element 'A1222'")
