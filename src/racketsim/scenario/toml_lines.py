"""Where each key of a TOML file stands: the lines that `tomllib` does not tell.

The text is walked once as a sequence of headers and assignments; values are skipped, not read. Files that
`tomllib` refuses can be walked too (as far as they make sense), which is how a key given twice is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

Path = tuple[str | int, ...]
"""A place in a TOML document; a whole number is the position in an array of tables, from 0."""

_KEY_PART = re.compile(
    r"""[ \t]*(?:(?P<bare>[A-Za-z0-9_-]+)|"(?P<basic>(?:[^"\\\n]|\\.)*)"|'(?P<literal>[^'\n]*)')[ \t]*"""
)
_VALUE_TOKEN = re.compile(
    r'''(?s:"""(?:\\.|[^\\])*?"{3,5})|(?s:\'\'\'.*?\'{3,5})|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|#[^\n]*|[\[\]{}]|\n|[^\[\]{}"'#\n]+|.'''
)


class Lines:
    """The first line of each key and header of a TOML document, and the keys that are given twice."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {}
        self._around: dict[Path, int] = {}
        self.repeated: list[tuple[Path, int, int]] = []
        """(place, line of the second mention, line of the first) of keys and headers given twice."""
        for place, line in _places(text):
            if place in self._lines:
                self.repeated.append((place, line, self._lines[place]))
            self._lines.setdefault(place, line)
            for depth in range(1, len(place)):
                self._around.setdefault(place[:depth], line)

    def of(self, place: Path) -> int:
        """Return the line of `place` or of the first thing inside it, else of the nearest table around it, else 1."""
        while place:
            if place in self._lines:
                return self._lines[place]
            if place in self._around:
                return self._around[place]
            place = place[:-1]
        return 1


class _Place(NamedTuple):
    path: Path
    line: int


def dotted(place: Path) -> str:
    """Return a place as people write it: `policies[1].start`, counting from 1."""
    text = ""
    for part in place:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += f".{part}" if text else part
    return text


def _places(text: str) -> Iterator[_Place]:
    table: Path = ()
    counts: dict[Path, int] = {}
    position = 0
    while position < len(text):
        start = _skip_blank(text, position)
        if start >= len(text):
            return
        line = text.count("\n", 0, start) + 1
        if text[start] == "[":
            is_array = text.startswith("[[", start)
            keys, end = _read_keys(text, start + (2 if is_array else 1))
            if keys:
                table = _header(keys, is_array, counts)
                yield _Place(table, line)
            position = _end_of_line(text, end)
        else:
            keys, end = _read_keys(text, start)
            if not keys or not text.startswith("=", end):
                position = _end_of_line(text, start)
                continue
            yield _Place((*table, *keys), line)
            position = _skip_value(text, end + 1)


def _header(keys: list[str], is_array: bool, counts: dict[Path, int]) -> Path:
    """Return the place of a header, with the position of the last element after each array of tables."""
    place: Path = ()
    for depth, key in enumerate(keys):
        place = (*place, key)
        last = depth == len(keys) - 1
        if last and is_array:
            counts[place] = counts.get(place, -1) + 1
        if place in counts:
            place = (*place, counts[place])
    return place


def _skip_blank(text: str, position: int) -> int:
    while position < len(text):
        if text[position] == "#":
            position = _end_of_line(text, position)
        elif text[position] in " \t\r\n":
            position += 1
        else:
            break
    return position


def _end_of_line(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end + 1


def _read_keys(text: str, position: int) -> tuple[list[str], int]:
    keys: list[str] = []
    while part := _KEY_PART.match(text, position):
        keys.append(next(group for group in part.groups() if group is not None))
        position = part.end()
        if not text.startswith(".", position):
            break
        position += 1
    return keys, position


def _skip_value(text: str, position: int) -> int:
    depth = 0
    for token in _VALUE_TOKEN.finditer(text, position):
        symbol = token.group()
        if symbol in ("[", "{"):
            depth += 1
        elif symbol in ("]", "}"):
            depth -= 1
        elif symbol == "\n" and depth <= 0:
            return token.end()
    return len(text)
