"""The errors that a user of racketsim meets: what is wrong, where, and what is allowed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class InputError(ValueError):
    """Something that the user gave cannot be used. Its text is the whole message; the command line exits with 2."""


class WorkersLostError(RuntimeError):
    """Worker processes were killed again and again. Its text says what is kept; the command line exits with 1."""


def did_you_mean(found: str, allowed: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for the closest allowed word, or "" where none is close."""
    close = difflib.get_close_matches(found, list(allowed), n=1, cutoff=0.6)
    return f" Did you mean '{close[0]}'?" if close else ""
