"""The plan of a day: every variable has one writer, every draw one owner, and a mechanism touches what it declares."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from racketsim import Sim, load_scenario
from racketsim.city.city import City
from racketsim.engine import plan
from racketsim.engine.log import EventLog
from racketsim.engine.mechanism import Mechanism, Variable
from racketsim.engine.streams import Stream
from racketsim.mechanisms.parameters import Parameters
from racketsim.mechanisms.registry import DAY, PARAMETERS, PREPARATION
from racketsim.results.vocabulary import EVENT_TYPES


def mechanism(
    name: str, writes: tuple[str, ...] = (), reads: tuple[str, ...] = (), draws: tuple[Stream, ...] = ()
) -> type[Mechanism]:
    """Make a mechanism that declares this and does nothing."""
    variables = {variable: Variable(("district",), "f8", "1", "for a test") for variable in writes}
    body = {"name": name, "writes": variables, "reads": reads, "draws": draws, "step": lambda self, day: None}
    return type(name.title(), (Mechanism,), body)


def bound(city: City, *classes: type[Mechanism]) -> list[Any]:
    """Return instances of mechanisms that share a state."""
    built = [one(city, Parameters(), EventLog()) for one in classes]
    plan.bind(built, plan.allocate(city, classes))
    return built


@pytest.fixture(scope="module")
def city(small_city: Path) -> City:
    return City(load_scenario(small_city), 1)


def test_the_plan_of_the_city_is_accepted() -> None:
    plan.check(DAY)


def test_two_writers_of_one_variable_are_refused_by_name() -> None:
    with pytest.raises(plan.PlanError, match="'fear' is written by 'first' and by 'second'"):
        plan.check([mechanism("first", writes=("fear",)), mechanism("second", writes=("fear",))])


def test_two_drawers_of_one_stream_are_refused_by_name() -> None:
    with pytest.raises(plan.PlanError, match="SENDER is drawn by 'first' and by 'second'"):
        plan.check([mechanism("first", draws=(Stream.SENDER,)), mechanism("second", draws=(Stream.SENDER,))])


def test_a_read_that_nobody_writes_is_refused() -> None:
    with pytest.raises(plan.PlanError, match="'first' reads 'hope', which no mechanism writes"):
        plan.check([mechanism("first", reads=("hope",))])


def test_a_variable_under_both_reads_and_writes_is_refused() -> None:
    with pytest.raises(plan.PlanError, match="'first' lists 'fear' under both"):
        plan.check([mechanism("first", writes=("fear",), reads=("fear",))])


def test_a_read_may_stand_before_its_writer_and_sees_the_day_before() -> None:
    plan.check([mechanism("first", reads=("fear",)), mechanism("second", writes=("fear",))])


def test_reading_an_undeclared_variable_says_what_is_missing(city: City) -> None:
    writer, reader = bound(city, mechanism("writer", writes=("fear",)), mechanism("reader"))
    assert writer.v.fear.shape == (city.districts,)
    with pytest.raises(AttributeError, match="'fear' is not declared in the mechanism's reads or writes"):
        _ = reader.v.fear


def test_writing_into_a_variable_of_another_mechanism_fails(city: City) -> None:
    writer, reader = bound(city, mechanism("writer", writes=("fear",)), mechanism("reader", reads=("fear",)))
    writer.v.fear[:] = 0.25
    assert (reader.v.fear == 0.25).all()
    with pytest.raises(ValueError, match="read-only"):
        reader.v.fear[:] = 0.5


def test_replacing_a_variable_instead_of_writing_into_it_fails(city: City) -> None:
    (writer,) = bound(city, mechanism("writer", writes=("fear",)))
    with pytest.raises(AttributeError, match="write into it"):
        writer.v.fear = np.zeros(city.districts)
    writer.v.fear += 1.0
    assert (writer.v.fear == 1.0).all()


def test_every_mechanism_is_prepared_and_runs_once_a_day() -> None:
    assert len(set(DAY)) == len(DAY) == len({one.name for one in DAY})
    assert sorted(one.name for one in PREPARATION) == sorted(one.name for one in DAY)


@pytest.mark.parametrize("one", DAY, ids=lambda one: one.name)
def test_a_mechanism_says_what_it_is(one: type[Mechanism]) -> None:
    assert one.summary
    assert not one.summary.endswith(".")
    assert one.elements
    assert all(element[0] in "AB" and element[1:].isdigit() for element in one.elements)
    assert one.__doc__
    assert set(one.emits) <= set(EVENT_TYPES)
    assert all(isinstance(stream, Stream) for stream in one.draws)


@pytest.mark.parametrize("one", DAY, ids=lambda one: one.name)
def test_every_variable_of_a_mechanism_has_unit_meaning_type_and_known_dimensions(
    one: type[Mechanism], city: City
) -> None:
    assert one.writes
    for name, variable in one.writes.items():
        assert variable.unit, name
        assert variable.meaning, name
        assert variable.dims, name
        assert set(variable.dims) <= set(city.sizes), name
        assert np.dtype(variable.dtype).kind in "iuf", name


def test_every_parameter_has_unit_and_meaning() -> None:
    for name, model in PARAMETERS.items():
        for key, field in model.model_fields.items():
            extra = field.json_schema_extra
            assert isinstance(extra, dict), (name, key)
            assert extra.get("unit"), (name, key)
            assert field.description, (name, key)


def test_only_declared_events_are_emitted_and_each_has_one_emitter(small_city: Path) -> None:
    declared = [event for one in DAY for event in one.emits]
    assert len(declared) - len(set(declared)) == 1, "only 'arrival' comes from two mechanisms: in person and remote"
    seen = np.unique(Sim(small_city).run().log["type"])
    assert {EVENT_TYPES[code] for code in seen} <= set(declared)
    assert set(declared) == set(EVENT_TYPES)


def test_the_printed_plan_has_a_row_for_each_step_of_the_day(small_city: Path) -> None:
    rows = Sim(small_city).plan
    assert [row.mechanism for row in rows] == [one.name for one in DAY]
    assert [row.step for row in rows] == list(range(1, len(DAY) + 1))
    written = [variable for row in rows for variable in row.writes]
    assert len(written) == len(set(written))


def test_what_outlives_a_day_is_everything_but_the_batches_of_the_day() -> None:
    lasting = set(plan.lasting(DAY))
    assert "payee" in lasting
    assert "key_in_person" in lasting
    assert not lasting & {"demand_target", "incident_target", "report_target", "action"}


def test_what_is_kept_of_a_target_lies_in_one_row(city: City) -> None:
    state = plan.allocate(city, DAY)
    rows = {name: state[name] for one in DAY for name, kept in one.writes.items() if kept.dims[-1:] == ("target",)}
    starts = {name: array.__array_interface__["data"][0] for name, array in rows.items()}
    (width,) = {array.strides[-1] for array in rows.values()}
    assert len(rows) > 5
    assert max(starts.values()) - min(starts.values()) < width <= 64
    for array in rows.values():
        array[..., 0] = 1
        assert not array[..., 1:].any()
