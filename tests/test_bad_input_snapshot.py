"""What a saved file and the arguments of `Sim` may not be: each is one clear message, and nothing is half loaded."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from racketsim import Sim, load_scenario
from racketsim.engine import snapshot
from racketsim.errors import InputError
from racketsim.policies import Lockdown

Parts = dict[str, Any]


class Weekends(Lockdown):
    """A policy of one's own that is called like a shipped one."""

    def active(self, day: date) -> bool:
        return super().active(day) and day.weekday() >= 5


@pytest.fixture(scope="module")
def saved(small_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Sim(small_city).run(until="2022-02-15").save(tmp_path_factory.mktemp("saved") / "city.npz")


def changed(saved: Path, to: Path, change: Callable[[Parts], object]) -> Path:
    """Write `saved` again with its arrays changed."""
    with np.load(saved) as held:
        parts: Parts = {name: held[name] for name in held.files}
    change(parts)
    with to.open("wb") as file:
        np.savez(file, **parts)
    return to


def about(parts: Parts, **values: object) -> None:
    """Change what the file says about itself."""
    parts["about"] = np.array(json.dumps({**json.loads(str(parts["about"])), **values}))


def test_an_unchanged_copy_is_loaded(saved: Path, tmp_path: Path) -> None:
    assert str(Sim.load(changed(saved, tmp_path / "copy.npz", lambda parts: None)).day) == "2022-02-15"


@pytest.mark.parametrize(
    ("change", "variable"),
    [
        (lambda p: p.pop("state/members"), "members"),
        (lambda p: p.update({"state/mood": np.zeros(3)}), "mood"),
        (lambda p: p.update({"state/members": p["state/members"][:-1]}), "members"),
        (lambda p: p.update({"state/members": p["state/members"][:1]}), "members"),
        (lambda p: p.update({"state/members": p["state/members"].astype(np.float32)}), "members"),
    ],
    ids=["lacking", "unknown", "shorter", "one that would spread", "another type"],
)
def test_a_state_of_another_model_is_refused(
    saved: Path, tmp_path: Path, change: Callable[[Parts], object], variable: str
) -> None:
    with pytest.raises(InputError, match=rf"cannot be continued: its state .*\({variable}\)"):
        Sim.load(changed(saved, tmp_path / "city.npz", change))


@pytest.mark.parametrize("column", ["events/day", "claims/outlet"])
def test_events_and_claims_of_another_model_are_refused(saved: Path, tmp_path: Path, column: str) -> None:
    with pytest.raises(InputError, match=f"its {column.partition('/')[0]} are not those"):
        Sim.load(changed(saved, tmp_path / "city.npz", lambda parts: parts.pop(column)))


def test_a_file_of_other_code_is_refused_and_says_which_version_wrote_it(saved: Path, tmp_path: Path) -> None:
    file = changed(saved, tmp_path / "city.npz", lambda parts: about(parts, version="0.0.9", code="f" * 64))
    with pytest.raises(InputError, match=r"saved by racketsim 0\.0\.9 .*cannot be continued"):
        Sim.load(file)


def test_a_file_of_another_format_is_refused(saved: Path, tmp_path: Path) -> None:
    file = changed(saved, tmp_path / "city.npz", lambda parts: about(parts, format=snapshot.FORMAT - 1))
    with pytest.raises(InputError, match="saved in format"):
        Sim.load(file)


def test_a_scenario_that_its_files_do_not_make_is_refused(small_city: Path, tmp_path: Path) -> None:
    plain, file = load_scenario(small_city), tmp_path / "city.npz"
    numbers: dict[str, str | float] = {"parameters.allocation.rate_per_member": 0.2}
    for scenario in (replace(plain, overrides=numbers), replace(plain, policies=())):
        Sim(scenario).save(file)
        with pytest.raises(
            InputError, match="a scenario that was changed in Python, which a file cannot hold; give `over"
        ):
            Sim.load(file)
    assert Sim.load(Sim(plain).save(file)).scenario.inputs == plain.inputs
    changed_by_hand = load_scenario(small_city, numbers)
    for sim in (Sim(small_city, overrides=numbers), Sim(changed_by_hand)):
        assert Sim.load(sim.save(file)).scenario.inputs == changed_by_hand.inputs != plain.inputs


@pytest.mark.parametrize("policies", [[], [Weekends(0.5, 1.0, start="2022-01-01")]], ids=["none", "too few"])
def test_policies_of_classes_of_ones_own_must_be_given_again(
    small_city: Path, tmp_path: Path, policies: list[Weekends]
) -> None:
    own = [Weekends(0.5, 1.0, start="2022-01-01")] * 2
    file = Sim(small_city, policies=own).save(tmp_path / "city.npz")
    with pytest.raises(
        InputError, match="saved with 2 policies that are functions or of classes of your own; give them"
    ):
        Sim.load(file, policies=policies)


def test_what_is_no_saved_simulation_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "text.npz"
    file.write_text("not an archive")
    with pytest.raises(InputError, match="not a saved simulation"):
        Sim.load(file)


@pytest.mark.parametrize("seed", [1.5, 1.0, "1", True, None, -1, 2**64])
def test_a_seed_is_a_whole_number(small_city: Path, seed: Any) -> None:
    with pytest.raises(InputError, match=r"seed is .*; it must be a whole number from 0 to"):
        Sim(small_city, seed=seed)


@pytest.mark.parametrize("threads", ["2", 1.5, 0, False])
def test_threads_are_a_whole_number(small_city: Path, threads: Any) -> None:
    with pytest.raises(InputError, match=r"threads is .*; it must be a whole number from 1 to"):
        Sim(small_city, threads=threads)


def test_whole_numbers_of_numpy_are_whole_numbers(small_city: Path) -> None:
    assert Sim(small_city, seed=np.uint64(7), threads=np.int32(1)).seed == 7  # type: ignore[arg-type]
