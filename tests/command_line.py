"""The command line in this process: arguments in, exit code and both outputs out."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from racketsim.cli.main import main


class Answer(NamedTuple):
    """What a command left: its exit code, stdout and stderr."""

    code: int
    out: str
    err: str


class CommandLine:
    """Runs commands in this process and captures what they print."""

    def __init__(self, captured: pytest.CaptureFixture[str]) -> None:
        self.captured = captured

    def __call__(self, *arguments: str | Path) -> Answer:
        self.captured.readouterr()
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        out, err = self.captured.readouterr()
        return Answer(int(left.value.code or 0), out, err)
