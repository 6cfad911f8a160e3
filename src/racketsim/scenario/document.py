"""Reading a TOML file as tables that know their file, line and key, so that every message can say where."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from datetime import date, datetime
from math import isfinite
from pathlib import Path
from typing import Any

from racketsim.errors import InputError, did_you_mean
from racketsim.scenario import toml_lines

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f]")
EARLIEST, LATEST = date(1900, 1, 1), date(2200, 12, 31)


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file, with or without a byte order mark; raise `InputError` where there is none."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file.") from None
    except OSError as error:
        raise InputError(f"{path}: the file cannot be read: {error.strerror}.") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{path}:{line}: byte 0x{data[error.start]:02x} is not UTF-8 text; save the file with the encoding UTF-8."
        ) from None
    control = _CONTROL.search(text)
    if control:
        line = text.count("\n", 0, control.start()) + 1
        raise InputError(f"{path}:{line}: the control character {control.group()!r}; a text file has none.")
    if not text.strip():
        raise InputError(f"{path}: the file is empty.")
    return text


def describe(value: object) -> str:
    """Return what a TOML value is, for a message."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the text '{value}'"
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, int | float):
        return f"the number {value}"
    return f"the date {value}" if isinstance(value, date) else f"the value {value}"


class Table:
    """One table of a TOML document; its readers return a checked value, or raise `InputError` with file, line, key."""

    def __init__(self, file: Path, lines: toml_lines.Lines, data: Mapping[str, Any], place: toml_lines.Path) -> None:
        self.file = file
        self.data = data
        self.place = place
        self._lines = lines

    @classmethod
    def read(cls, path: Path) -> Table:
        """Read a TOML file; raise `InputError` for what is not TOML, with the line."""
        text = read_text(path)
        lines = toml_lines.Lines(text)
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise _syntax_error(path, str(error), lines) from None
        except RecursionError:
            raise InputError(f"{path}: the values are nested too deeply.") from None
        return cls(path, lines, data, ())

    @classmethod
    def empty(cls, parent: Table, key: str) -> Table:
        """Return a table without keys, in place of one that `parent` lacks."""
        return cls(parent.file, parent._lines, {}, (*parent.place, key))

    def dotted(self, key: str | None = None) -> str:
        """Return the dotted key of the table, or of one of its keys."""
        return toml_lines.dotted(self.place if key is None else (*self.place, key))

    def where(self, key: str | None = None) -> str:
        """Return "file:line" of the table or of one of its keys, the file by its name alone."""
        return f"{self.file.name}:{self._line(key)}"

    def error(self, key: str | None, message: str) -> InputError:
        """Return the error about the table, or about one of its keys, with its place in front."""
        dotted = self.dotted(key)
        return InputError(f"{self.file}:{self._line(key)}: {dotted + ': ' if dotted else ''}{message}")

    def _line(self, key: str | None) -> int:
        return self._lines.of(self.place if key is None else (*self.place, key))

    def only(self, allowed: Collection[str], what: str = "key") -> None:
        """Refuse keys that are not allowed."""
        for key in self.data:
            if key not in allowed:
                known = f"Allowed: {', '.join(allowed)}." if allowed else "Nothing is allowed here."
                raise self.error(key, f"unknown {what} '{key}'. {known}{did_you_mean(key, allowed)}")

    def raw(self, key: str) -> Any:
        """Return a value as it is; refuse its absence."""
        if key not in self.data:
            raise self.error(None, f"'{key}' is missing.")
        return self.data[key]

    def table(self, key: str) -> Table:
        """Return a table inside this one."""
        value = self.raw(key)
        if not isinstance(value, Mapping):
            raise self.error(key, f"{describe(value)} stands where a table must.")
        return Table(self.file, self._lines, value, (*self.place, key))

    def tables(self, key: str) -> list[tuple[str, Table]]:
        """Return the tables inside the table `key` with their names, in the order of the file; none without `key`."""
        if key not in self.data:
            return []
        inside = self.table(key)
        return [(name, inside.table(name)) for name in inside.data]

    def array(self, key: str) -> list[Table]:
        """Return an array of tables (`[[key]]`); none where it is absent."""
        value = self.data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
            raise self.error(key, f"{describe(value)} stands where tables must, each headed [[{key}]].")
        return [Table(self.file, self._lines, item, (*self.place, key, n)) for n, item in enumerate(value)]

    def text(self, key: str) -> str:
        """Return a text that is not blank."""
        value = self.raw(key)
        if not isinstance(value, str):
            raise self.error(key, f"{describe(value)} stands where a text in quotes must.")
        if not value.strip():
            raise self.error(key, "the text is empty.")
        if _CONTROL.search(value):
            raise self.error(key, "the text has a control character in it.")
        return value

    def text_or(self, key: str, default: str) -> str:
        """Return a text, which may be empty, or `default` where there is none."""
        if key not in self.data or self.data[key] == "":
            return default
        return self.text(key)

    def word(self, key: str, allowed: Collection[str], what: str) -> str:
        """Return a text that is one of the allowed words."""
        value = self.text(key)
        if value not in allowed:
            raise self.error(
                key, f"unknown {what} '{value}'. Allowed: {', '.join(allowed)}.{did_you_mean(value, allowed)}"
            )
        return value

    def words(self, key: str) -> list[str]:
        """Return a list of texts."""
        value = self.raw(key)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.error(key, f'{describe(value)} stands where a list of texts must, such as ["one", "two"].')
        return value

    def number(self, key: str) -> float:
        """Return a finite number."""
        value = self.raw(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(key, f"{describe(value)} stands where a number must.")
        try:
            number = float(value)
        except OverflowError:
            raise self.error(key, "the number is too large.") from None
        if not isfinite(number):
            raise self.error(key, f"{value} is not a finite number.")
        return number

    def date(self, key: str) -> date:
        """Return a date from 1900 to 2200."""
        value = self.raw(key)
        if isinstance(value, datetime) or not isinstance(value, date):
            hint = " Write it without quotes." if isinstance(value, str) else ""
            raise self.error(key, f"{describe(value)} stands where a date must, such as 2018-01-31.{hint}")
        if not EARLIEST <= value <= LATEST:
            raise self.error(key, f"the date {value} is out of range; allowed are {EARLIEST} to {LATEST}.")
        return value


def _syntax_error(path: Path, message: str, lines: toml_lines.Lines) -> InputError:
    if lines.repeated:
        place, line, first = lines.repeated[0]
        return InputError(f"{path}:{line}: {toml_lines.dotted(place)}: given twice; it stands in line {first} already.")
    at = re.search(r"\s*\(at line (\d+), column (\d+)\)$", message)
    if at is None:
        last = len(path.read_text(encoding="utf-8-sig").splitlines())
        return InputError(
            f"{path}:{last}: not valid TOML: {message.removesuffix(' (at end of document)')}, at the end."
        )
    return InputError(f"{path}:{at[1]}: not valid TOML: {message[: at.start()]} (column {at[2]}).")
