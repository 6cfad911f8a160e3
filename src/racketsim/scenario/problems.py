"""Several pieces of bad input, told in one message, so that a scenario is not corrected one error at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from racketsim.errors import InputError

MOST_SHOWN = 10


class Problems:
    """The bad input met in one stage of loading; `raise_any` tells it all, at most ten pieces in full."""

    def __init__(self) -> None:
        self._messages: list[str] = []

    @contextmanager
    def collect(self) -> Iterator[None]:
        """Note an `InputError` raised inside and go on after the block."""
        try:
            yield
        except InputError as error:
            self._messages.append(str(error))

    def raise_any(self) -> None:
        """Raise one `InputError` with everything noted so far, if anything was."""
        messages, self._messages = self._messages, []
        if not messages:
            return
        if len(messages) == 1:
            raise InputError(messages[0])
        shown = [f"  {message}" for message in messages[:MOST_SHOWN]]
        hidden = len(messages) - MOST_SHOWN
        if hidden > 0:
            shown.append(f"  ... and {hidden} more.")
        raise InputError("\n".join([f"{len(messages)} things cannot be used:", *shown]))
