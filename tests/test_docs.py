"""The documentation keeps its word: generated parts are up to date, links lead somewhere, examples run."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from racketsim.engine.mechanism import Mechanism
from racketsim.mechanisms.registry import DAY

ROOT = Path(__file__).resolve().parent.parent
BUILDER = ROOT / "scripts" / "build_docs.py"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
EXAMPLE = re.compile(r"<!-- test: (python|console) -->\n```\w+\n(.*?)```", re.DOTALL)
ODD = ROOT / "docs" / "model" / "odd.md"
OBSERVATION = ODD.with_name("observation.md")
FENCED = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


def racketsim_lines(page: Path) -> list[str]:
    """The commands of racketsim in the console examples of a page."""
    blocks = re.findall(r"^ *```console\n(.*?)^ *```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    lines = [line.strip().removeprefix("$ ") for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("racketsim ")]


def test_generated_parts_are_up_to_date() -> None:
    done = subprocess.run([sys.executable, BUILDER, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"run `make docs`\n{done.stdout}{done.stderr}"


def test_every_marker_of_a_generated_part_is_closed() -> None:
    for page in PAGES:
        markers = re.findall(r"<!-- (generated|end of generated)", page.read_text(encoding="utf-8"))
        assert markers == ["generated", "end of generated"] * (len(markers) // 2), named(page)


def submodels() -> list[tuple[str, str]]:
    """The sections of the ODD description that describe submodels: heading and text."""
    text = ODD.read_text(encoding="utf-8").split("\n## 7. ")[1].split("\n## 8. ")[0]
    parts = [part.partition("\n") for part in re.split(r"^####? ", text, flags=re.MULTILINE)[1:]]
    return [(heading, body) for heading, _, body in parts]


@pytest.mark.parametrize("mechanism", DAY, ids=lambda mechanism: mechanism.name)
def test_each_mechanism_of_the_day_has_its_section_in_the_odd(mechanism: type[Mechanism]) -> None:
    """Its heading names the mechanism and its elements, its text the parameters; reporting has a page of its own."""
    found = [section for section in submodels() if f"`{mechanism.name}`" in section[0]]
    assert len(found) == 1, f"sections of {mechanism.name}: {[heading for heading, _ in found]}"
    heading, body = found[0]
    assert set(mechanism.elements) <= set(re.findall(r"\bA\d+\b", heading)), heading
    if f"]({OBSERVATION.name})" in body:
        body += OBSERVATION.read_text(encoding="utf-8")
    missing = [name for name in mechanism.Parameters.model_fields if f"`{name}`" not in body]
    assert not missing, f"{heading}: without {missing}"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        place, _, anchor = target.partition("#")
        found = (page.parent / place).resolve() if place else page
        assert found.exists(), f"{named(page)}: {target}"
        if anchor:
            assert anchor in anchors(found), f"{named(page)}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_commands_in_examples_are_accepted(page: Path) -> None:
    """Each command and option exists and its values are of the right type; nothing is run."""
    import typer

    from racketsim.cli.main import app

    group: Any = typer.main.get_command(app)
    for line in racketsim_lines(page):
        words = shlex.split(line, comments=True)[1:]
        if words[0].startswith("-"):
            continue
        assert words[0] in group.commands, f"{named(page)}: {line}"
        group.commands[words[0]].make_context(words[0], words[1:])


@pytest.mark.parametrize("page", [page for page in PAGES if EXAMPLE.search(page.read_text("utf-8"))], ids=named)
def test_marked_examples_run(page: Path, tmp_path: Path) -> None:
    """The marked examples of a page run in their order: in an empty folder, the Python ones as one program."""
    found = EXAMPLE.findall(page.read_text(encoding="utf-8"))
    program = "\n".join(text for language, text in found if language == "python")
    for language, text in found:
        if language == "console":
            for line in text.splitlines():
                if line.startswith("$ racketsim "):
                    run([sys.executable, "-m", "racketsim", *shlex.split(line)[2:]], tmp_path)
    (tmp_path / "example.py").write_text(program, encoding="utf-8")
    run([sys.executable, "example.py"], tmp_path)


def run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{shlex.join(command)}\n{done.stdout}{done.stderr}"
