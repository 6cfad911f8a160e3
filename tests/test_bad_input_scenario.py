"""Each kind of bad input gets one message that says where it is, what was found and what is allowed."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from racketsim.errors import InputError
from racketsim.scenario.load import load_scenario
from tests.bad_scenarios import CASES, TOML, Case
from tests.scenario_folder import FILES, REGISTRY, REPORTS, TARGETS, write_scenario


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_scenario(tmp_path / "town")


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder's parent, to see that nothing was written."""
    return {str(path): path.read_bytes() for path in folder.parent.rglob("*") if path.is_file()}


def refused(folder: Path, overrides: dict[str, str | float] | None = None) -> str:
    """Return the message with which the folder is refused, having checked that nothing was written."""
    before = contents(folder)
    with pytest.raises(InputError) as caught:
        load_scenario(folder, overrides, registry=REGISTRY)
    assert contents(folder) == before
    assert caught.value.__cause__ is None
    return str(caught.value)


@pytest.mark.parametrize("bad", CASES, ids=[case.name for case in CASES])
def test_bad_file(folder: Path, bad: Case) -> None:
    text = bad.text()
    (folder / bad.file).write_text(text, encoding="utf-8")
    message = refused(folder)
    if bad.at:
        lines = {n for n, line in enumerate(text.splitlines(), start=1) if line.startswith(bad.at)}
        assert any(f"{folder / bad.file}:{n}: " in message for n in lines), (sorted(lines), message)
    else:
        assert str(folder / bad.file) in message
    for piece in bad.says:
        assert piece in message, message
    assert "things cannot be used" not in message, message


def test_cases_have_names_of_their_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 45


@pytest.mark.parametrize("name", ["scenario.toml", "districts.csv", "targets.csv", "evidence.csv"])
def test_missing_file(folder: Path, name: str) -> None:
    (folder / name).unlink()
    message = refused(folder)
    assert f"{folder}: {name} is missing" in message


def test_missing_file_with_another_name(folder: Path) -> None:
    (folder / "targets.csv").rename(folder / "target.csv")
    assert "Did you mean 'target.csv'" in refused(folder)


@pytest.mark.parametrize("name", sorted(FILES))
def test_empty_file(folder: Path, name: str) -> None:
    (folder / name).write_text(" \n\n")
    assert f"{folder / name}: the file is empty" in refused(folder)


@pytest.mark.parametrize("name", sorted(FILES))
def test_wrong_encoding(folder: Path, name: str) -> None:
    (folder / name).write_bytes(FILES[name].encode() + "# añadido\n".encode("latin-1"))
    line = FILES[name].count("\n") + 1
    message = refused(folder)
    assert f"{folder / name}:{line}: byte 0xf1 is not UTF-8" in message


@pytest.mark.parametrize("name", sorted(FILES))
def test_utf16(folder: Path, name: str) -> None:
    (folder / name).write_text(FILES[name], encoding="utf-16")
    assert f"{folder / name}:1: " in refused(folder)


@pytest.mark.parametrize("name", sorted(FILES))
def test_binary_file(folder: Path, name: str) -> None:
    (folder / name).write_text(FILES[name] + "\0", encoding="utf-8")
    line = FILES[name].count("\n") + 1
    assert f"{folder / name}:{line}: the control character '\\x00'" in refused(folder)


@pytest.mark.parametrize("name", sorted(FILES))
def test_folder_in_place_of_a_file(folder: Path, name: str) -> None:
    (folder / name).unlink()
    (folder / name).mkdir()
    assert f"{folder / name}: the file cannot be read" in refused(folder)


def test_no_such_scenario(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no such scenario.*lima-2023.*Did you mean 'lima-2023'"):
        load_scenario("lima-2032", registry=REGISTRY)
    with pytest.raises(InputError, match="no such scenario"):
        load_scenario(tmp_path / "nowhere", registry=REGISTRY)


def test_file_in_place_of_the_folder(folder: Path) -> None:
    with pytest.raises(InputError, match="this is a file; a scenario is a folder"):
        load_scenario(folder / TOML, registry=REGISTRY)


def test_several_problems_are_told_together(folder: Path) -> None:
    (folder / "targets.csv").write_text(TARGETS.replace("shop", "shops"), encoding="utf-8")
    message = refused(folder)
    assert message.startswith("2 things cannot be used:\n")
    assert "targets.csv:2: kind" in message
    assert "targets.csv:4: kind" in message


def test_at_most_ten_problems_are_told(folder: Path) -> None:
    rows = "".join(f"Nowhere{n},2020-01,1,E1\n" for n in range(25))
    (folder / "reports.csv").write_text(REPORTS + rows, encoding="utf-8")
    message = refused(folder)
    assert message.count("\n") == 11
    assert message.endswith("... and 15 more.")


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("parameters.demand.rat", 0.1, ("no such number", "Did you mean 'parameters.demand.rate'")),
        ("parameters.demand.rate", "many", ("override parameters.demand.rate", "the text 'many'")),
        ("parameters.demand.rate", "nan", ("not a finite number",)),
        ("parameters.demand.rate", "11", ("11 is out of range", "0 or more and 10 or less")),
        ("parameters.demand.share", 1.0, ("above 0 and below 1",)),
        ("parameters.demand.spell", "3.5", ("not a whole number",)),
        ("groups.gang.members", -1, ("-1 is out of range",)),
        ("scenario.start", "2021", ("no such number",)),
        ("", "1", ("no such number",)),
    ],
)
def test_bad_override(folder: Path, key: str, value: str | float, says: tuple[str, ...]) -> None:
    message = refused(folder, {key: value})
    for piece in says:
        assert piece in message, message


def message_of(folder: Path) -> str | None:
    """Return the message with which the folder is refused, or None where it is read."""
    try:
        load_scenario(folder, registry=REGISTRY)
    except InputError as error:
        return str(error)
    return None


def _cut(text: bytes, chance: random.Random) -> bytes:
    return text[: chance.randrange(len(text))]


def _swap(text: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(text))
    return text[:at] + bytes([chance.randrange(256)]) + text[at + 1 :]


def _drop_line(text: bytes, chance: random.Random) -> bytes:
    lines = text.splitlines(keepends=True)
    del lines[chance.randrange(len(lines))]
    return b"".join(lines)


def _repeat_line(text: bytes, chance: random.Random) -> bytes:
    lines = text.splitlines(keepends=True)
    lines.insert(chance.randrange(len(lines)), chance.choice(lines))
    return b"".join(lines)


@pytest.mark.parametrize("damage", [_cut, _swap, _drop_line, _repeat_line], ids=lambda damage: damage.__name__[1:])
def test_damaged_files_are_read_or_refused_and_nothing_else(
    folder: Path, damage: Callable[[bytes, random.Random], bytes]
) -> None:
    """No damage to any file ever gives another exception than `InputError`."""
    chance = random.Random(2023)
    for name, text in FILES.items():
        for _ in range(40):
            (folder / name).write_bytes(damage(text.encode(), chance))
            message = message_of(folder)
            assert message is None or str(folder) in message
        (folder / name).write_text(text, encoding="utf-8")
