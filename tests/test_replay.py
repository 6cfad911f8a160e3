"""Replays: the chain is looked for in every replicate, by any number of workers, and goes on where it was stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from racketsim import InputError, Sim, load_scenario
from racketsim.engine.log import CLAIM_COLUMNS, EVENT_COLUMNS
from racketsim.ensembles.replay import Found, Replay, look, replay
from racketsim.ensembles.replicates import Progress
from racketsim.policies.triggered import Triggered, by_rule
from racketsim.results.identifiability import wilson
from racketsim.results.vocabulary import EVENT_CODE
from racketsim.scenario.model import Scenario
from tests.command_line import CommandLine
from tests.test_results_chain import link, table

UNTIL = "2022-12-31"


def quick(city: Path | Scenario, out: Path, replicates: int = 3, **more: Any) -> Replay:
    return replay(city, replicates=replicates, until=UNTIL, out=out, **{"workers": 1, **more})


def chained(small_city: Path) -> Scenario:
    """Return the small city with a chain of three links and their dates on record."""
    dates = (date(2022, 1, 5), date(2022, 1, 8), date(2022, 2, 1))
    links = (link("protest"), link("attack", "mass_harm", 3, 0, 20), link("arrest", "arrest", 2, 1, 30))
    return replace(
        load_scenario(small_city),
        chain=tuple(replace(one, date=day, source="E001") for one, day in zip(links, dates, strict=True)),
    )


def day_of(city: Scenario, day: int) -> date:
    return city.start + timedelta(days=day)


def test_a_log_with_a_known_chain_gives_its_days(small_city: Path) -> None:
    city = chained(small_city)
    events = [
        {"type": "protest", "day": 3, "count": 40},  # the attack of day 11 comes after it, no arrest in time
        {"type": "incident", "day": 11, "killed": 3},
        {"type": "protest", "day": 60, "count": 90},
        {"type": "incident", "day": 66, "killed": 2},  # too small
        {"type": "incident", "day": 70, "injured": 2, "killed": 1},
        {"type": "arrest", "day": 69, "count": 5},  # before the attack
        {"type": "arrest", "day": 88, "count": 1},  # too small
        {"type": "arrest", "day": 95, "count": 2},
    ]
    rows = [{**event, "type": EVENT_CODE[str(event["type"])]} for event in events]
    log, claims = table(EVENT_COLUMNS, rows), table(CLAIM_COLUMNS, [])
    found = look(city, SimpleNamespace(log=log, claims=claims, groups=[], day=day_of(city, 99), seed=1))
    assert found.happened == {"protest": 2, "attack": 2, "arrest": 2}
    assert found.run == tuple(day_of(city, day) for day in (60, 70, 95))


def test_shares_and_gaps_are_those_of_the_replicates(small_city: Path) -> None:
    """Ten replicates: the chain whole in three, two links in three more, one link in two, nothing in two."""
    city = chained(small_city)
    runs = [[0, 4, 10], [5, 9, 20], [7, 13, 30], [0, 8], [0, 10], [0, 20], [3], [4], [], []]
    joined = [3, 2, 1, 2, 1, 0, 1, 1, 0, 0]
    happened = {"protest": 1, "attack": 1, "arrest": 0}
    dates = [tuple(day_of(city, day) for day in run) for run in runs]
    each = tuple(Found(happened, run, run[:count]) for run, count in zip(dates, joined, strict=True))
    found = Replay(city, 1, city.end, each)
    protest, attack, arrest = found.links
    assert [one.in_order.count for one in found.links] == [8, 6, 3]
    assert [one.by_cause.count for one in found.links] == [7, 3, 1]
    assert [one.joined for one in found.links] == [None, "place", "place"]
    assert (found.whole_by_cause.count, found.whole_by_cause.share) == (1, 0.1)
    assert [one.happened.share for one in found.links] == [1.0, 1.0, 0.0]
    assert (found.whole.count, found.whole.share) == (3, 0.3)
    assert (found.whole.low, found.whole.high) == wilson(3, 10)
    assert arrest.happened.low == 0.0
    assert protest.gap is None is protest.follows
    assert attack.gap is not None
    assert arrest.gap is not None
    gaps = np.array([4, 4, 6, 8, 10, 20])
    assert (attack.gap.low, attack.gap.median, attack.gap.high) == tuple(np.quantile(gaps, (0.05, 0.5, 0.95)))
    assert arrest.gap.median == 11
    assert found.span is not None
    assert (found.span.low, found.span.median, found.span.high) == pytest.approx((10.5, 15, 22.2))
    assert [one.recorded_gap for one in found.links] == [None, 3, 24]
    assert found.recorded_span == 27
    assert (attack.follows, arrest.source) == ("protest", "E001")


def test_a_chain_that_never_happens_is_told_so(small_city: Path) -> None:
    city = chained(small_city)
    found = Replay(city, 1, city.end, (Found({"protest": 0, "attack": 0, "arrest": 0}, (), ()),) * 4)
    assert found.whole.share == found.whole_by_cause.share == 0.0
    assert found.span is None
    assert all(one.gap is None for one in found.links)


def test_replicates_are_runs_in_which_the_state_answers_by_rule_alone(small_city: Path, tmp_path: Path) -> None:
    links = (link("attack", "mass_harm"), link("arrest", "arrest", 1, 0, 90))
    city = replace(chained(small_city), chain=links)
    found = quick(city, tmp_path / "a", seed=11)
    inside = by_rule(city)
    assert {spec.kind for spec in inside.policies} <= {Triggered.kind, "lockdown", "truce"}
    for index, one in enumerate(found.found):
        assert one == look(inside, Sim(inside, seed=11 + index).run(UNTIL))
    assert any(one.run for one in found.found)


def test_workers_do_not_matter(small_city: Path, tmp_path: Path) -> None:
    city = chained(small_city)
    one, two = quick(city, tmp_path / "a"), quick(city, tmp_path / "b", workers=2)
    assert one.found == two.found
    assert (tmp_path / "a" / "replay.json").read_bytes() == (tmp_path / "b" / "replay.json").read_bytes()


def test_a_replay_goes_on_where_it_stopped(small_city: Path, tmp_path: Path) -> None:
    city, told = chained(small_city), list[Progress]()
    first = quick(city, tmp_path / "a", replicates=2)
    stamps = {file: file.stat().st_mtime_ns for file in (tmp_path / "a" / "replicates").iterdir()}
    more = quick(city, tmp_path / "a", replicates=4, progress=told.append)
    assert more.found[:2] == first.found
    assert all(file.stat().st_mtime_ns == stamp for file, stamp in stamps.items())
    assert told[0].note == "2 of 4 replicates were finished before"
    assert [one.done for one in told] == [2, 3, 4]
    assert more.found == quick(city, tmp_path / "b", replicates=4).found
    quick(city, tmp_path / "a", replicates=1, fresh=True)
    assert len(list((tmp_path / "a" / "replicates").iterdir())) == 1


def test_what_cannot_be_replayed_is_refused(small_city: Path, tmp_path: Path) -> None:
    city = chained(small_city)
    with pytest.raises(InputError, match=r"declares no \[\[chain\]\]"):
        quick(replace(city, chain=()), tmp_path / "a")
    with pytest.raises(InputError, match="1 or more"):
        quick(city, tmp_path / "a", replicates=0)
    with pytest.raises(InputError, match="give them to load_scenario"):
        quick(city, tmp_path / "a", overrides={"parameters.policing.clearance": 0.1})
    assert not list(tmp_path.iterdir())


def test_a_folder_of_something_else_is_left_alone(small_city: Path, tmp_path: Path) -> None:
    city = chained(small_city)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter").write_text("dear")
    with pytest.raises(InputError, match="something that is no replay"):
        quick(city, tmp_path / "mine", replicates=1)
    with pytest.raises(InputError, match="is a file"):
        quick(city, tmp_path / "mine" / "letter", replicates=1)
    quick(city, tmp_path / "a", replicates=1)
    with pytest.raises(InputError, match="holds another replay"):
        quick(city, tmp_path / "a", replicates=1, seed=2)
    (tmp_path / "a" / "replicates" / "0000.json").write_text("{")
    with pytest.raises(InputError, match=r"0000\.json: the file is damaged"):
        quick(city, tmp_path / "a", replicates=1)


def test_ctrl_c_keeps_what_is_finished(tmp_path: Path) -> None:
    out = tmp_path / "run"
    command = [sys.executable, "-m", "racketsim", "replay", "lima-2023", "-n", "50", "--until", "2018-03-31"]
    with subprocess.Popen(
        [*command, "--workers", "2", "--out", str(out)],
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a job in the background starts deaf to it
    ) as process:
        for _ in range(1200):
            if len(list(out.glob("replicates/*.json"))) >= 2 or process.poll() is not None:
                break
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        told = process.stderr.read()
        assert process.wait(60) == 130, told
    kept = len(list(out.glob("replicates/*.json")))
    assert 2 <= kept < 50
    assert f"{kept} of 50 replicates are finished" in told
    assert "Traceback" not in told


@pytest.fixture
def racketsim(capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(capsys)


def test_the_command_prints_every_link_with_its_shares_and_dates(racketsim: CommandLine, tmp_path: Path) -> None:
    asked = ("replay", "lima-2023", "-n", "2", "--until", "2018-02-28", "--workers", "1", "--out", tmp_path / "a")
    answer = racketsim(*asked)
    assert answer.code == 0, answer.err
    for words in (
        "peaceful protest",
        "mass-harm attack",
        "2023-10-30",
        "The whole chain in order: 0% (0% – 57%) of the replicates, never; on record 67 days.",
        "by cause",
    ):
        assert words in answer.out
    assert "2 replicates of 'lima-2023' from seed 1 on, to 2018-02-28" in answer.err
    plain = json.loads(racketsim(*asked, "--json").out)
    assert [one["id"] for one in plain["links"]] == [one.id for one in load_scenario("lima-2023").chain]
    assert plain["links"][1]["recorded_gap"] == 14
    assert plain["recorded_span_days"] == 67
    assert [one["joined"] for one in plain["links"]] == [None, "place", "cause", "place", *["cause"] * 4]
    assert all(one["by_cause"]["count"] <= one["in_order"]["count"] for one in plain["links"])
    assert [one["seed"] for one in plain["runs"]] == [1, 2]


def test_in_lima_every_date_on_record_cites_its_source() -> None:
    city = load_scenario("lima-2023")
    known = {item.id for item in city.evidence}
    assert len(city.chain) == 8
    for one in city.chain:
        assert one.date is not None
        assert one.source in known
