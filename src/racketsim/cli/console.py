"""Where the command line writes: answers to stdout, progress and errors to stderr."""

from __future__ import annotations

import json
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

PIPED_WIDTH = 120
"""Columns of a table that goes to a file or another program, where no terminal says how wide it may be."""


@cache
def answers() -> Console:
    """Return the console of what was asked for (stdout)."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=False, width=None if sys.stdout.isatty() else PIPED_WIDTH)


@cache
def messages() -> Console:
    """Return the console of progress and remarks (stderr), which never mix with an answer that is piped on."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else PIPED_WIDTH)


def say(text: str) -> None:
    """Print one remark on stderr, without markup: it may quote what the user typed."""
    messages().print(text, markup=False, soft_wrap=True)


def write_line(text: str) -> None:
    """Print one line of the answer on stdout as it is: no markup, no wrapping."""
    answers().print(text, markup=False, soft_wrap=True)


def write_json(value: Any) -> None:
    """Print one JSON document on stdout; dates and arrays' numbers become strings and plain numbers."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=_plain) + "\n")


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "item"):
        return value.item()
    return str(value)
