"""What the command line says to input that it cannot use: one message, exit code 2, no traceback, nothing left."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import racketsim as package
from racketsim.cli import main as entry
from racketsim.errors import WorkersLostError
from tests.command_line import Answer, CommandLine

EMERGENCY = "state_of_emergency:districts=Centre;start=2022-02-01;days=5"


def refused(answer: Answer, said: str) -> None:
    """Check that the answer is one clear refusal with `said` in it, however its lines are broken."""
    assert answer.code == 2, answer
    plain = " ".join(answer.err.split())
    assert said in plain, plain
    assert "Traceback" not in answer.err
    assert answer.out == ""


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("rnu",), "No such command 'rnu'. Did you mean 'run'? See racketsim --help."),
        (("--nonsense",), "No such option: --nonsense. See racketsim --help."),
        (("run", "--zzz"), "No such option: --zzz. See racketsim run --help."),
        (("compare", "-p"), "Option '-p' requires an argument."),
        (("check", "a", "b"), "Got unexpected extra argument(s) (b). See racketsim check --help."),
    ],
)
def test_options_that_cannot_be_used_are_refused_in_one_line(
    racketsim: CommandLine, arguments: tuple[str, ...], line: str
) -> None:
    assert racketsim(*arguments) == Answer(2, "", f"error: {line}\n")


def test_a_run_that_cannot_be_made_says_nothing_before_its_error(
    racketsim: CommandLine, small_city: Path, tmp_path: Path
) -> None:
    taken = tmp_path / "file"
    taken.write_text("mine")
    refused = (
        racketsim("run", small_city, "--until", "1999-01-01"),
        racketsim("run", small_city, "--out", taken),
    )
    for code, out, err in refused:
        assert (code, out) == (2, "")
        assert err.startswith("error: ")
        assert err.count("\n") == 1


def test_a_number_that_is_none_is_refused_in_one_line(racketsim: CommandLine) -> None:
    code, out, err = racketsim("run", "-n", "ten")
    assert (code, out) == (2, "")
    assert err.startswith("error: Invalid value for '--replicates' / '-n': ")
    assert err.endswith(". See racketsim run --help.\n")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nonsense",), "No such command 'nonsense'"),
        (("run", "--nonsense"), "No such option: --nonsense"),
        (("run", "lima-2032"), "Did you mean 'lima-2023'?"),
        (("run", "no/such/folder"), "there is no such scenario"),
        (("run", "{city}/scenario.toml"), "this is a file; a scenario is a folder"),
        (("run", "{city}", "--replicates", "-3"), "Invalid value for '--replicates'"),
        (("run", "{city}", "--replicates", "0"), "Invalid value for '--replicates'"),
        (("run", "{city}", "--replicates", "many"), "Invalid value for '--replicates'"),
        (("run", "{city}", "--seed", "-1"), "Invalid value for '--seed'"),
        (("run", "{city}", "--seed", str(2**63)), "Invalid value for '--seed'"),
        (("run", "{city}", "--workers", "0"), "Invalid value for '--workers'"),
        (("run", "{city}", "--threads", "0"), "Invalid value for '--threads'"),
        (("run", "{city}", "--events", "some"), "Invalid value for '--events'"),
        (("run", "{city}", "--until", "tomorrow"), "until: 'tomorrow' is not a date; write it as YYYY-MM-DD"),
        (("run", "{city}", "--until", "2022-02-30"), "until: '2022-02-30' is not a date"),
        (("run", "{city}", "--until", "1999-01-01"), "until: 1999-01-01 lies outside the period"),
        (("run", "{city}", "--set", "parameters.allocation.rate_per_member"), "is not KEY=VALUE"),
        (("run", "{city}", "--set", "=3"), "is not KEY=VALUE"),
        (("run", "{city}", "--set", "parameters.allocation.rate_per_member=lots"), "'lots' is not a number"),
        (("run", "{city}", "--set", "parameters.allocation.rate_per_member=nan"), "not a finite number"),
        (("run", "{city}", "--set", "parameters.allocation.rate_per_member=-1"), "out of range"),
        (("run", "{city}", "--set", "parameters.allocation.rate_per_membre=1"), "rate_per_member'?"),
        (("run", "{city}", "--set", "a.b=1", "--set", "a.b=2"), "'a.b' is given twice"),
        (("run", "{city}", "--policy", "curfew:start=2022-01-01"), "there is no policy 'curfew'"),
        (("run", "{city}", "--policy", EMERGENCY.replace("Centre", "Center")), "Did you mean 'Centre'?"),
        (("run", "{city}", "--policy", EMERGENCY.replace("days", "weeks")), "takes no 'weeks'"),
        (("run", "{city}", "--policy", "plan.toml"), "plan.toml: there is no such file"),
        (("run", "{city}", "--out", "{file}"), "is a file"),
        (("run", "{city}", "--out", "{file}/run"), "cannot be written: Not a directory"),
        (("run", "{city}", "--out", "/proc/run"), "error: /proc/run: cannot be written"),
        (("run", "{city}", "--out", "{full}"), "holds something that is not a finished run"),
        (("compare", "{city}"), "give at least one alternative"),
        (("compare", "{city}", "-p", EMERGENCY, "--until", "2022-01-15"), "no policy starts before the end"),
        (("compare", "{city}", "-p", "curfew:x=1"), "there is no policy 'curfew'"),
        (("report",), "Missing argument"),
        (("report", "{tmp}/nothing"), "not a finished run"),
        (("report", "{file}"), "not a finished run"),
        (("report", "{full}"), "not a finished run"),
        (("story", "{city}"), "give either --target ID or --group NAME"),
        (("story", "{city}", "--target", "1", "--group", "x"), "give either --target ID or --group NAME"),
        (("story", "{city}", "--target", "1", "--most", "9"), "--most goes with --group"),
        (("story", "runs/none", "--target", "1"), "runs/none: there is no such run directory, and no such scenario"),
        (("chronicle", "lima-2032"), "Did you mean 'lima-2023'?"),
        (("story", "{run}", "--target", "-1"), "target: -1 is out of range"),
        (("story", "{run}", "--target", "99999999"), "target: 99999999 is out of range"),
        (("story", "{run}", "--target", "one"), "Invalid value for '--target'"),
        (("story", "{run}", "--group", "The Nobodies"), "no group is called 'The Nobodies'"),
        (("story", "{run}", "--group", "x", "--seed", "2"), "leave out --seed and --until"),
        (("chronicle", "no-such-run"), "there is no such run directory, and no such scenario"),
        (("chronicle", "{run}", "--most", "0"), "Invalid value for '--most'"),
        (("chronicle", "{bare}"), "events.parquet: is missing"),
        (("evidence", "lima-2032"), "Did you mean 'lima-2023'?"),
        (("check",), "Missing argument"),
        (("check", "{full}"), "scenario.toml is missing"),
        (("new",), "Missing argument"),
        (("new", "{full}"), "exists already"),
        (("new", "{file}/city"), "is not a folder"),
        (("new", "{tmp}/a/b/c"), "is not a folder"),
    ],
)
def test_bad_input_is_refused(
    racketsim: CommandLine,
    places: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    said: str,
) -> None:
    tmp = places["tmp"]
    monkeypatch.chdir(tmp)
    before = sorted(path for path in tmp.rglob("*"))
    refused(racketsim(*(argument.format(**places) for argument in arguments)), said)
    assert sorted(path for path in tmp.rglob("*")) == before


@pytest.fixture(scope="module")
def finished(small_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of a few days."""
    out = tmp_path_factory.mktemp("runs") / "short"
    return package.run_replicates(small_city, replicates=1, until="2022-01-31", out=out, report=False).path


@pytest.fixture
def places(small_city: Path, finished: Path, tmp_path: Path) -> dict[str, Path]:
    """The places that bad arguments name: a city, a run, a run without events, a file, a folder of other things."""
    (tmp_path / "file").write_text("not a folder")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").write_text("precious")
    bare = tmp_path / "bare"
    (bare / "replicates").mkdir(parents=True)
    for name in ("manifest.json", "replicates/0000.npz"):
        (bare / name).write_bytes((finished / name).read_bytes())
    found = {"city": small_city, "run": finished, "bare": bare, "tmp": tmp_path}
    return {**found, "file": tmp_path / "file", "full": tmp_path / "full"}


def test_a_run_whose_scenario_changed_is_refused(racketsim: CommandLine, tmp_path: Path) -> None:
    racketsim("new", tmp_path / "city")
    assert racketsim("run", tmp_path / "city", "-n", "1", "--until", "2022-01-31", "--out", tmp_path / "run").code == 0
    with (tmp_path / "city" / "scenario.toml").open("a") as file:
        file.write("\n# edited\n")
    refused(racketsim("report", tmp_path / "run"), "the files of 'city' are different now")


def test_a_run_whose_scenario_is_gone_is_refused(racketsim: CommandLine, places: dict[str, Path]) -> None:
    manifest = places["bare"] / "manifest.json"
    about = json.loads(manifest.read_text())
    about["scenario"]["location"] = "/nowhere"
    manifest.write_text(json.dumps(about))
    refused(racketsim("report", places["bare"]), "the scenario that it was made from cannot be read")


def test_a_damaged_replicate_is_refused(racketsim: CommandLine, places: dict[str, Path]) -> None:
    replicate = places["bare"] / "replicates" / "0000.npz"
    replicate.write_bytes(replicate.read_bytes()[:500])
    refused(racketsim("report", places["bare"]), "the replicate file is damaged")


@pytest.mark.parametrize("name", ["events.parquet", "claims.parquet"])
def test_a_damaged_table_is_refused(racketsim: CommandLine, places: dict[str, Path], name: str) -> None:
    for table in ("events.parquet", "claims.parquet"):
        whole = (places["run"] / table).read_bytes()
        (places["bare"] / table).write_bytes(whole[:500] if table == name else whole)
    refused(racketsim("chronicle", places["bare"]), f"{name}: the table is damaged. Make the run again.")


@pytest.mark.usefixtures("finished")  # what has run once is compiled, and need not be kept under the limit
def test_a_disk_that_takes_no_more_is_told(small_city: Path, tmp_path: Path) -> None:
    """The limit on file size stands for a full disk: it holds for root too, and writes fail half-way."""

    def no_large_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    command = [sys.executable, "-m", "racketsim", "run", str(small_city), "-n", "1", "--until", "2022-01-31", "-w", "1"]
    done = subprocess.run(
        [*command, "--out", str(tmp_path / "run")],
        capture_output=True,
        text=True,
        preexec_fn=no_large_files,
    )
    assert done.returncode == 2, done.stderr
    assert "cannot be written: " in done.stderr
    assert "File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_at_the_end_keeps_the_replicates(
    racketsim: CommandLine, small_city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "series.nc")

    command = ("run", small_city, "-n", "2", "-w", "1", "--until", "2022-01-31", "--no-report", "--out", tmp_path / "r")
    with monkeypatch.context() as broken:
        broken.setattr("racketsim.results.series.write_series", full)
        code, told, err = racketsim(*command)
        assert code == 2
        assert "No space left on device" in err
        assert "90% range" in told  # what was found is printed before anything is written
    assert [path.name.partition("-")[0] for path in tmp_path.iterdir()] == ["r.unfinished"]
    code, _, err = racketsim(*command)
    assert code == 0
    assert "2 of 2 replicates were finished before" in err
    assert [path.name for path in tmp_path.iterdir()] == ["r"]


def test_a_fault_of_the_program_says_so(
    racketsim: CommandLine, small_city: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a mistake of ours")

    monkeypatch.setattr("racketsim.scenario.check.check", broken)
    code, _, err = racketsim("check", small_city)
    assert code == entry.FAULT
    assert "ZeroDivisionError" in err
    assert "a fault of the program, not of your input" in err


def test_lost_workers_say_what_is_kept(
    racketsim: CommandLine, small_city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(task: Callable[[int], None], *_: object, **__: object) -> None:
        task(0)
        raise WorkersLostError("Worker processes were killed again and again.")

    monkeypatch.setattr("racketsim.ensembles.replicates.run_each", lost)
    command = ("run", small_city, "-n", "3", "-w", "2", "--until", "2022-01-31", "--no-report", "--out", tmp_path / "r")
    code, _, err = racketsim(*command)
    assert code == entry.FAULT
    assert "1 of 3 replicates are finished and lie in" in err
    assert json.loads((tmp_path / "r" / "manifest.json").read_text())["replicates"] == 1


def test_ctrl_c_before_anything_is_finished_leaves_nothing(
    racketsim: CommandLine, small_city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("racketsim.simulation.Sim.run", stopped)
    code, out, err = racketsim("run", small_city, "-n", "1", "--out", tmp_path / "run")
    assert (code, out) == (entry.STOPPED, "")
    assert "stopped. No replicate is finished" in err
    assert list(tmp_path.iterdir()) == []
