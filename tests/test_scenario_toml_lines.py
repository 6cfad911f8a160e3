"""Every key of a TOML text is found on its line, whatever stands around it."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from racketsim.scenario.toml_lines import Lines, Path, dotted

TEXT = '''\
# a comment with = and [brackets]
top = 1
"quoted key" = "a # no comment" # a comment

[first]
a.b = { c = "}", d = [1, 2] }
long = """
[not.a.header]
not = "a key"
"""
literal = \'\'\'
[[nor]] = this
\'\'\'
list = [
  "one", # with a ] comment
  [2],
]
after = 2023-01-01

[[things]]
name = "x"
[things.inside]
deep = 1
[[things]]
name = "y"
[things.inside]
deep = 2
[ spaced . "out" ]
last = true'''


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("top",), 2),
        (("quoted key",), 3),
        (("first",), 5),
        (("first", "a", "b"), 6),
        (("first", "a", "b", "c"), 6),
        (("first", "long"), 7),
        (("first", "literal"), 11),
        (("first", "list"), 14),
        (("first", "after"), 18),
        (("things", 0, "name"), 21),
        (("things", 0, "inside", "deep"), 23),
        (("things", 1), 24),
        (("things", 1, "name"), 25),
        (("things", 1, "inside", "deep"), 27),
        (("spaced", "out", "last"), 29),
        (("nowhere", "at", "all"), 1),
        (("first", "absent"), 5),
    ],
)
def test_lines(place: Path, line: int) -> None:
    assert Lines(TEXT).of(place) == line


def test_text_is_toml_without_repetition() -> None:
    assert tomllib.loads(TEXT)["things"][1]["inside"]["deep"] == 2
    assert Lines(TEXT).repeated == []


def test_repetition_is_found() -> None:
    assert Lines("[a]\nx = 1\n\n[b]\nx = 2\nx = 3\n").repeated == [(("b", "x"), 6, 5)]
    assert Lines("[a]\n[b]\n[a]\n").repeated == [(("a",), 3, 1)]


def test_dotted() -> None:
    assert dotted(("policies", 1, "start")) == "policies[2].start"
    assert dotted(()) == ""


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="ab =.[]{}\"'#\n\\1", max_size=60))
def test_any_text_is_walked_to_its_end(text: str) -> None:
    """The scanner ends on whatever it is given, and never names a line that the text lacks."""
    lines = Lines(text)
    assert all(1 <= line <= text.count("\n") + 1 for _, line, _ in lines.repeated)
