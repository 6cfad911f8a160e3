"""What many tests share: a city small enough to simulate in a blink, and the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line import CommandLine


@pytest.fixture(scope="session")
def small_city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the three-district city that `racketsim new` makes."""
    from racketsim.scenario.scaffold import scaffold

    return scaffold(tmp_path_factory.mktemp("scenarios") / "small-city")


@pytest.fixture
def racketsim(capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """Run a command: `racketsim("check", folder)` returns its exit code, stdout and stderr."""
    return CommandLine(capsys)
