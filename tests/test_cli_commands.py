"""Every command: its help, what it prints and writes when all is well, and its JSON."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import racketsim as package
from racketsim.cli.plan import markdown_table
from racketsim.results.headline_text import few_text
from racketsim.results.manifest import RunPlan
from tests.command_line import CommandLine

COMMANDS = (
    *("run", "compare", "replay", "identify", "report", "story", "chronicle", "scenarios", "evidence", "elements"),
    *("plan", "verify", "ablate", "new", "check", "compile"),
)
UNTIL = "2022-06-30"


@pytest.fixture(scope="module")
def finished(small_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run directory of the small city."""
    out = tmp_path_factory.mktemp("runs") / "small"
    return package.run_replicates(small_city, replicates=2, until=UNTIL, out=out, workers=1, report=False).path


def test_help_lists_every_command(racketsim: CommandLine) -> None:
    code, out, _ = racketsim("--help")
    assert code == 0
    assert all(f" {command} " in out for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(racketsim: CommandLine, command: str) -> None:
    code, out, _ = racketsim(command, "--help")
    assert code == 0
    assert f"racketsim {command}" in out.partition("Example")[2]


def test_version(racketsim: CommandLine) -> None:
    assert racketsim("--version") == (0, f"racketsim {package.__version__}\n", "")


def test_no_command_shows_the_help(racketsim: CommandLine) -> None:
    code, out, err = racketsim()
    assert code == 2
    assert "Commands" in out + err


def test_the_module_is_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "racketsim", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("racketsim ")


def test_help_loads_nothing_heavy() -> None:
    code = "import sys\nfrom racketsim.cli.main import main\ntry: main(['run', '--help'])\nexcept SystemExit: pass\n"
    code += "print(*(name for name in ('numba', 'pyarrow', 'xarray', 'matplotlib', 'pandas') if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == ""


def test_run_writes_everything_and_says_where(racketsim: CommandLine, small_city: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    code, told, err = racketsim("run", small_city, "-n", "2", "-w", "1", "--until", UNTIL, "--out", out)
    assert code == 0, err
    for name in ("manifest.json", "summary.json", "series.nc", "events.parquet", "claims.parquet", "report.html"):
        assert (out / name).stat().st_size > 0
    assert str(out / "report.html") in told
    assert "target-days a second" in told
    assert "90% range" in told
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["command"].startswith("racketsim ")
    assert manifest["replicates"] == 2


def test_run_prints_the_headline_table_before_it_writes_its_files(
    racketsim: CommandLine, small_city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed: list[str] = []

    def writes(*_: object) -> None:
        printed.append(racketsim.captured.readouterr().out)

    monkeypatch.setattr("racketsim.results.series.write_series", writes)
    command = ("run", small_city, "-n", "1", "--until", "2022-01-31", "--no-report", "--out", tmp_path / "run")
    code, told, _ = racketsim(*command)
    assert code == 0
    assert "90% range" in printed[0]
    assert "90% range" not in told
    assert f"results: {tmp_path / 'run'}" in told


def test_a_run_is_written_even_if_nobody_reads_its_table(small_city: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "racketsim", "run", str(small_city), "-n", "1", "--until", "2022-01-31"]
    run = subprocess.Popen(
        [*command, "--no-report", "--out", str(tmp_path / "run")], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert run.stdout is not None
    run.stdout.close()
    _, err = run.communicate()
    assert run.returncode == 0, err
    assert (tmp_path / "run" / "manifest.json").is_file()


def test_run_has_a_default_folder(
    racketsim: CommandLine, small_city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, told, _ = racketsim("run", small_city, "-n", "1", "--seed", "7", "--until", "2022-01-31", "--no-report")
    assert code == 0
    (made,) = (tmp_path / "runs").iterdir()
    assert (made / "summary.json").is_file()
    assert re.fullmatch("small-city-seed7-[0-9a-f]{8}", made.name)
    assert f"results: runs/{made.name}\n" in told


def test_what_ifs_have_default_folders_of_their_own(small_city: Path) -> None:
    city = package.load_scenario(small_city)
    plain = RunPlan(city, 7, "")
    lockdown, capture = {"kind": "lockdown", "start": "2022-02-01"}, {"kind": "capture", "start": "2022-02-01"}
    what_ifs: tuple[dict[str, Any], ...] = (
        {"scenario": package.load_scenario(small_city, {"parameters.crowd.fear": 0.4})},
        {"scenario": package.load_scenario(small_city, {"parameters.crowd.fear": 0.5})},
        {"without": ("A12",)},
        {"policies": (lockdown,)},
        {"policies": (capture,)},
        {"until": city.start},
        {"by_rule": True},
        {"by_rule": True, "without": ("A12",)},
    )
    names = [replace(plain, **what_if).default_name for what_if in what_ifs]
    assert plain.default_name == replace(plain, until=city.end).default_name == "small-city-seed7"
    assert plain.default_name not in names
    assert len(set(names)) == len(names)
    assert names[-2] == "small-city-seed7-by-rule"
    assert names[-1].startswith("small-city-seed7-by-rule-")
    again = replace(plain, **what_ifs[0], command="another", events="all")
    assert again.default_name == names[0], "the place of a what-if is the same when it is run again"


def test_run_answers_machines(racketsim: CommandLine, small_city: Path, tmp_path: Path) -> None:
    key = "parameters.allocation.rate_per_member"
    code, told, _ = racketsim(
        *("run", small_city, "-n", "1", "--until", "2022-01-31", "--no-report", "--json", "--out", tmp_path / "run"),
        *("--set", f"{key}=0.05", "-p", "state_of_emergency:districts=Centre;start=2022-01-10;days=5"),
    )
    assert code == 0
    answer = json.loads(told)
    assert answer["replicates"] == 1
    assert answer["run"] == str(tmp_path / "run")
    assert answer["report"] is None
    assert answer["timing"]["target_days_per_second"] > 0
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert manifest["overrides"] == {key: 0.05}
    assert manifest["parameters"][key]["value"] == 0.05
    assert [policy["kind"] for policy in manifest["policies"] if policy["stated_in"] == "command"] == [
        "state_of_emergency"
    ]


def test_a_run_replaces_an_older_one(racketsim: CommandLine, small_city: Path, tmp_path: Path) -> None:
    for seed in ("1", "2"):
        code, *_ = racketsim(
            *("run", small_city, "-n", "1", "--seed", seed, "--until", "2022-01-31"),
            *("--no-report", "--fresh", "--out", tmp_path / "run"),
        )
        assert code == 0
    assert json.loads((tmp_path / "run" / "manifest.json").read_text())["seed"] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_report_makes_the_page_again(racketsim: CommandLine, finished: Path) -> None:
    code, told, err = racketsim("report", finished)
    assert code == 0, err
    assert told.strip() == str(finished / "report.html")
    assert "<html" in (finished / "report.html").read_text()


def test_stories_of_a_finished_run_and_of_a_fresh_one_agree(
    racketsim: CommandLine, finished: Path, small_city: Path
) -> None:
    group = package.load_scenario(small_city).groups[0]
    kept = racketsim("story", finished, "--group", group.name)
    fresh = racketsim("story", small_city, "--group", group.id, "--until", UNTIL)
    assert kept.code == fresh.code == 0
    (of_kept, *told), (of_fresh, *again) = kept.out.splitlines(), fresh.out.splitlines()
    assert told == again
    assert told[0].startswith(group.name)
    assert of_kept.replace("replicate 0 of 2", "replicate 0 of 1") == of_fresh


def test_story_and_chronicle_say_first_that_they_are_simulated_and_by_which_run(
    racketsim: CommandLine, small_city: Path, tmp_path: Path
) -> None:
    key, group = "parameters.allocation.rate_per_member", package.load_scenario(small_city).groups[0]
    code, _, err = racketsim(
        *("run", small_city, "-n", "1", "--seed", "7", "--until", "2022-03-31", "--no-report", "--by-rule"),
        *("--set", f"{key}=0.05", "--without", "A12", "--out", tmp_path / "run"),
        *("-p", "lockdown:mobility=0.5;station_access=1;start=2022-02-01"),
    )
    assert code == 0, err
    line = (
        "Simulated, not a record of what happened: small-city, 1 January 2022 to 31 March 2022, seed 7; "
        f"replicate 0 of 1; {key} = 0.05; without A12; the state by its rules alone; added: lockdown."
    )
    for command in (("story", tmp_path / "run", "--group", group.id), ("chronicle", tmp_path / "run")):
        assert racketsim(*command).out.splitlines()[0] == line
        run = json.loads(racketsim(*command, "--json").out)["run"]
        assert (run["simulated"], run["note"]) == (True, line)
        assert (run["seed"], run["end"], run["without"]) == (7, "2022-03-31", ["A12"])


def test_the_story_of_a_group_is_a_selection_whose_size_is_asked_for(racketsim: CommandLine, finished: Path) -> None:
    manifest = json.loads((finished / "manifest.json").read_text())
    group = next(key.split(".")[1] for key in manifest["parameters"] if key.startswith("groups."))
    few, many = (
        json.loads(racketsim("story", finished, "--group", group, "--most", most, "--json").out)
        for most in ("1", "1000")
    )
    assert few["selection"].startswith(f"A selection, {len(few['sentences'])} of ")
    assert len(few["sentences"]) < len(many["sentences"])
    assert few["years"] == many["years"] != []


def test_the_story_of_a_target_as_json(racketsim: CommandLine, finished: Path) -> None:
    refused = racketsim("story", finished, "--target", "999999999")
    busy = refused.err.partition("most events: ")[2].split(",")[0].strip(" .\n")
    code, told, _ = racketsim("story", finished, "--target", busy, "--json")
    assert code == 0
    story = json.loads(told)
    assert story["title"].startswith(f"Target {busy}")
    dates = [sentence["date"] for sentence in story["sentences"]]
    assert dates == sorted(dates)


def test_the_chronicle_is_in_order_and_ends_where_asked(racketsim: CommandLine, finished: Path) -> None:
    code, told, _ = racketsim("chronicle", finished, "--most", "3", "--json")
    assert code == 0
    items = json.loads(told)["items"]
    assert items
    assert [item["date"] for item in items] == sorted(item["date"] for item in items)
    assert racketsim("chronicle", finished, "--truth").code == 0


def test_compare_pairs_the_city_with_its_alternatives(racketsim: CommandLine, small_city: Path) -> None:
    emergency = "state_of_emergency:districts=Centre;start=2022-03-01;days=30"
    command = ("compare", small_city, "-p", emergency, "-p", emergency, "-n", "2", "-w", "1", "--until", "2022-04-30")
    code, told, _ = racketsim(*command, "--json")
    assert code == 0
    answer = json.loads(told)
    assert list(answer["alternatives"]) == ["state of emergency", "state of emergency 2"]
    assert answer["forked_after"] == "2022-02-28"
    first, second = (alternative["differences"] for alternative in answer["alternatives"].values())
    assert [row["change"] for row in first] == [row["change"] for row in second]
    days = next(row for row in first if row["measure"] == "emergency_person_days")
    assert days["change"]["median"] > 0
    assert days["baseline"]["median"] == 0
    code, told, remark = racketsim(*command)
    assert code == 0
    assert "person-days of emergency" in told
    assert "true cases (demands), there" in told
    assert told.count("state of emergency, against the city as it was") == 1
    assert told.count("state of emergency 2, against the city as it was") == 1
    assert re.search(r"person-days of emergency +0 +\+(\S+) +\+\1 to \+\1 *\n", told)
    assert not re.search(r"[-+]0(?![.,\d])|[-+]0\.0%|–", told)
    assert "Only 2 pairs: the ranges are rough" in told
    assert "sums from the start of 2022-02, the month of the fork, to 2022-04-30, of which the first 28 days" in remark


def test_one_pair_has_no_range(racketsim: CommandLine, small_city: Path) -> None:
    emergency = "state_of_emergency:districts=Centre;start=2022-03-01;days=3"
    told = racketsim("compare", small_city, "-p", emergency, "-n", "1", "-w", "1", "--until", "2022-03-05").out
    assert "One pair only: no range can be given" in told
    assert " to +" not in told.replace("was", "")
    assert " to 0" not in told


def test_few_replicates_are_told(racketsim: CommandLine, small_city: Path, tmp_path: Path) -> None:
    command = ("run", small_city, "-w", "1", "--until", "2022-01-31", "--no-report", "-o", tmp_path / "run")
    one = racketsim(*command, "-n", "1").out
    assert "One replicate only: no range can be given" in one
    assert re.search(r"one core does [\d.,]+ (million )?target-days a second", one)
    assert "Only 2 replicates: the ranges are rough" in racketsim(*command, "-n", "2").out
    assert few_text(19) == "Only 19 replicates: the ranges are rough, and close to the lowest and highest of the runs."
    assert few_text(20) == ""


def test_compare_reports_the_local_effect_and_what_is_displaced(racketsim: CommandLine, small_city: Path) -> None:
    surge = "mega_operation:districts=Harbour;officers=500;start=2022-03-01;days=60"
    whole = "lockdown:mobility=0.5;station_access=1;start=2022-03-01;days=60"
    command = ("compare", small_city, "-p", surge, "-p", whole, "-n", "2", "-w", "1", "--until", "2022-04-30", "--json")
    answer = json.loads(racketsim(*command).out)["alternatives"]
    local, everywhere = (alternative["differences"] for alternative in answer.values())
    cases = {row["where"]: row for row in local if row["measure"] == "cases"}
    assert list(cases) == ["city", "there", "around"]
    assert cases["there"]["change"]["median"] < 0
    assert (
        cases["there"]["baseline"]["median"] + cases["around"]["baseline"]["median"]
        <= cases["city"]["baseline"]["high"]
    )
    changed = {row["measure"]: row["change"]["median"] for row in local}
    assert changed["deterred"] > 0
    assert changed["displaced"] >= 0
    assert {row["where"] for row in everywhere} == {"city"}  # a policy that names no districts has no place of its own


def test_evidence_prints_and_filters(racketsim: CommandLine, small_city: Path) -> None:
    every = json.loads(racketsim("evidence", small_city, "--json").out)
    priors = json.loads(racketsim("evidence", small_city, "--priors", "--json").out)
    assert {row["status"] for row in priors} == {"prior"}
    assert 0 < len(priors) < len(every)
    found = racketsim("evidence", small_city, "--find", "rate_per_member")
    assert "parameters.allocation.rate_per_member" in found.out


def test_plan_prints_every_step(racketsim: CommandLine) -> None:
    from racketsim.engine.plan import rows
    from racketsim.mechanisms.registry import DAY

    steps = json.loads(racketsim("plan", "--json").out)
    assert [step["mechanism"] for step in steps] == [mechanism.name for mechanism in DAY]
    assert racketsim("plan", "--markdown").out.splitlines() == markdown_table(rows(DAY))
    printed = racketsim("plan").out
    assert all(step["mechanism"] in printed for step in steps)


def test_scenarios_are_listed(racketsim: CommandLine) -> None:
    assert "lima-2023" in racketsim("scenarios").out
    assert "lima-2023" in [scenario["id"] for scenario in json.loads(racketsim("scenarios", "--json").out)]


def test_a_new_city_is_checked_and_runs(racketsim: CommandLine, tmp_path: Path) -> None:
    city = tmp_path / "my city"
    code, told, _ = racketsim("new", city)
    assert code == 0
    assert f"racketsim run '{city}'" in told
    code, told, _ = racketsim("check", city)
    assert code == 0
    assert "districts" in told
    assert json.loads(racketsim("check", city, "--json").out)["districts"] == 3
