"""Policy objects: periods, places, mistakes, and plain descriptions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from racketsim import Sim, compare, run_replicates
from racketsim.errors import InputError
from racketsim.policies import (
    POLICIES,
    Capture,
    CutAffiliation,
    Lockdown,
    MegaOperation,
    Policy,
    SpecialUnit,
    StateOfEmergency,
    Truce,
)
from racketsim.policies.triggered import Triggered
from racketsim.scenario.load import load_scenario
from tests.mechanism_city import lima, run

EXAMPLES = (
    Lockdown(start="2020-03-16", end="2020-06-30", mobility=0.35, station_access=0.5),
    Lockdown(start="2020-03-16", mobility=0.35, station_access=0.5, districts=("Comas",)),
    StateOfEmergency(districts=("Comas", "Ate"), start=date(2023, 9, 20), days=60),
    MegaOperation(districts=("Comas",), officers=700.0, start="2023-11-02", days=6),
    Capture(group="gallegos", members=30, leader=True, start="2022-11-10"),
    SpecialUnit(name="Brigade", investigators=130.0, start="2023-11-07"),
    SpecialUnit(
        name="Task force", investigators=20.0, group="gallegos", districts=("Ate",), start="2022-11-10", days=90
    ),
)


@pytest.mark.parametrize("policy", EXAMPLES, ids=lambda policy: policy.kind)
def test_a_policy_comes_back_from_its_description(policy: Policy) -> None:
    plain = policy.describe()
    again = Policy.from_description(plain)
    assert type(again) is type(policy)
    assert again.describe() == plain
    for day in (date(2020, 3, 15), date(2020, 3, 16), date(2022, 11, 10), date(2023, 11, 7), date(2023, 11, 18)):
        assert again.active(day) == policy.active(day)


def test_first_and_last_day_belong_to_the_period() -> None:
    emergency = StateOfEmergency(districts=["A"], start="2023-09-20", days=60)
    assert emergency.end == date(2023, 11, 18)
    assert not emergency.active(date(2023, 9, 19))
    assert emergency.active(date(2023, 9, 20))
    assert emergency.active(date(2023, 11, 18))
    assert not emergency.active(date(2023, 11, 19))


def test_without_an_end_a_policy_stays_in_force() -> None:
    assert MegaOperation(districts=["A"], officers=1, start="2020-01-01").active(date(2099, 1, 1))


def test_a_capture_lasts_a_day() -> None:
    capture = Capture(group="gang", members=3, start="2020-01-01")
    assert [capture.active(date(2020, 1, day)) for day in (1, 2)] == [True, False]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: StateOfEmergency(["A"], start="20/09/2023"), "'20/09/2023' is not a date; write YYYY-MM-DD"),
        (lambda: StateOfEmergency(["A"], start="2023-02-30"), "'2023-02-30' is not a date"),
        (lambda: StateOfEmergency(["A"], start="2023-01-02", end="2023-01-01"), "ends on 2023-01-01, before its start"),
        (
            lambda: StateOfEmergency(["A"], start="2023-01-02", end="2023-01-03", days=2),
            "give 'end' or 'days', not both",
        ),
        (lambda: StateOfEmergency(["A"], start="2023-01-02", days=0), "days is 0; a policy lasts at least one day"),
        (lambda: MegaOperation(["A"], -1, start="2023-01-02"), "officers is -1; it must not be negative"),
        (lambda: MegaOperation(["A"], float("nan"), start="2023-01-02"), "officers is nan"),
        (lambda: Lockdown(1.5, 1.0, start="2023-01-02"), "mobility is 1.5; it must lie between 0 and 1"),
        (lambda: Lockdown(1.0, -0.1, start="2023-01-02"), "station_access is -0.1; it must lie between 0 and 1"),
        (lambda: SpecialUnit("Brigade", -1, start="2023-01-02"), "investigators is -1; it must not be negative"),
        (lambda: SpecialUnit("Brigade", float("nan"), start="2023-01-02"), "investigators is nan"),
        (lambda: SpecialUnit(" ", 10, start="2023-01-02"), "special_unit: name is empty; give the unit a name"),
        (lambda: Capture("gang", -2, start="2023-01-02"), "members is -2; it must not be negative"),
    ],
)
def test_mistakes_are_told_in_one_sentence(make: Any, said: str) -> None:
    with pytest.raises(InputError) as error:
        make()
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_the_policies_that_happened_are_read_from_the_scenario() -> None:
    scenario = load_scenario("lima-2023")
    made = [POLICIES[spec.kind].from_spec(spec, scenario.districts) for spec in scenario.policies]
    described = [policy.describe() for policy in made]
    assert sorted(plain["kind"] for plain in described) == [
        "capture",
        "capture",
        "lockdown",
        "mega_operation",
        "special_unit",
        "special_unit",
        "state_of_emergency",
        "state_of_emergency",
        "state_of_emergency",
        "triggered",
        "triggered",
    ]
    emergency = next(plain for plain in described if plain["kind"] == "state_of_emergency")
    assert (emergency["start"], emergency["end"]) == ("2023-09-20", "2023-11-18")
    assert "San Juan de Lurigancho" in emergency["districts"]
    assert next(plain for plain in described if plain["kind"] == "mega_operation")["officers"] == 700
    assert all(spec.source for spec in scenario.policies)


LATE = "2022-06-05"
MISNAMED = (
    (
        StateOfEmergency(["Harbor"], start=LATE),
        "state_of_emergency: unknown district 'Harbor'. Did you mean 'Harbour'?",
    ),
    (StateOfEmergency(["Nowhere"], start=LATE), "unknown district 'Nowhere'. Allowed: Centre, "),
    (
        MegaOperation(["Centre", "Hils"], 10, start=LATE),
        "mega_operation: unknown district 'Hils'. Did you mean 'Hills'?",
    ),
    (Lockdown(0.5, 0.5, ["Hils"], start=LATE), "lockdown: unknown district 'Hils'. Did you mean 'Hills'?"),
    (
        SpecialUnit("T", 9, districts=["Hils"], start=LATE),
        "special_unit: unknown district 'Hils'. Did you mean 'Hills'?",
    ),
    (SpecialUnit("T", 9, "nobody", start=LATE), "special_unit: unknown group 'nobody'. Allowed: "),
    (Capture("nobody", 9, start=LATE), "capture: unknown group 'nobody'. Allowed: "),
    (CutAffiliation("nobody", start=LATE), "cut_affiliation: unknown group 'nobody'. Allowed: "),
    (Truce(["nobody"], start=LATE), "truce: unknown group 'nobody'. Allowed: "),
    (
        Triggered("recorded", "state_of_emergency", districts=["Hils"]),
        "triggered: unknown district 'Hils'. Did you mean 'Hills'?",
    ),
    (Triggered("recorded", "truce", arguments={"groups": ["nobody"]}), "truce: unknown group 'nobody'. Allowed: "),
    (
        Triggered("recorded", "capture", arguments={"group": "nobody", "members": 3}),
        "capture: unknown group 'nobody'. Allowed: ",
    ),
)


@pytest.mark.parametrize(("policy", "said"), MISNAMED, ids=[said for _, said in MISNAMED])
def test_names_that_the_city_does_not_have_are_refused_before_anything_runs(
    small_city: Path, tmp_path: Path, policy: Policy, said: str
) -> None:
    makers: tuple[Callable[[], object], ...] = (
        lambda: Sim(small_city, policies=[policy]),
        lambda: compare(small_city, {"plan": [policy]}, replicates=1),
        lambda: run_replicates(small_city, policies=[policy], replicates=1, out=tmp_path / "run"),
        lambda: Sim(small_city).fork([policy]),
    )
    for make in makers:
        with pytest.raises(InputError) as error:
            make()
        assert said in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_every_shipped_policy_is_among_those_with_a_wrong_name() -> None:
    assert {policy.kind for policy, _ in MISNAMED} == set(POLICIES)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: StateOfEmergency("Harbour", start=LATE), "districts is the text 'Harbour'; give a list, ['Harbour']"),
        (lambda: MegaOperation("Harbour", 10, start=LATE), "mega_operation: districts is the text 'Harbour'"),
        (lambda: Lockdown(0.5, 0.5, "Harbour", start=LATE), "lockdown: districts is the text 'Harbour'"),
        (lambda: SpecialUnit("T", 9, districts="Harbour", start=LATE), "special_unit: districts is the text 'Harbour'"),
        (lambda: Truce("gang", start=LATE), "truce: groups is the text 'gang'; give a list, ['gang']"),
        (lambda: Triggered("recorded", "lockdown", districts="Harbour"), "triggered: districts is the text 'Harbour'"),
        (lambda: Triggered("recorded", "truce", arguments={"groups": "gang"}), "truce: groups is the text 'gang'"),
        (lambda: StateOfEmergency([1], start=LATE), "districts is [1]; give a list of texts"),  # type: ignore[list-item]
        (lambda: StateOfEmergency(None, start=LATE), "districts is None; give a list of texts"),  # type: ignore[arg-type]
    ],
)
def test_a_text_is_no_list_of_names(make: Any, said: str) -> None:
    with pytest.raises(InputError) as error:
        make()
    assert said in str(error.value)


def test_a_unit_without_a_group_is_set_off_by_no_one_in_particular_and_one_with_a_group_by_the_group() -> None:
    day = date(2023, 1, 1)
    rule = Triggered(when="recorded", policy="special_unit", threshold=50, arguments={"name": "T", "investigators": 20})
    for group in (None, "gallegos"):
        unit = rule.answer(day, day, ("Ate",), group)
        assert isinstance(unit, SpecialUnit)
        assert (unit.group, unit.districts, unit.name) == (group, ("Ate",), "T")
    capture = Triggered(when="recorded", policy="capture", threshold=50, arguments={"members": 20})
    assert capture.answer(day, day, ("Ate",), None) is None


def test_what_is_no_policy_is_refused() -> None:
    with pytest.raises(InputError, match="is not a policy"):
        run(lima(share=50), "2018-01-01", policies=["state_of_emergency"])
