"""Outputs that appear whole or not at all: written under a temporary name beside their place, then renamed."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from racketsim.errors import InputError


def cannot_write(path: Path, error: BaseException) -> InputError:
    """Return the one clear message for a place that cannot be written (full, read-only, not allowed)."""
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    full = getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT)
    advice = "Free some space, or name another place with --out." if full else "Name another place with --out."
    return InputError(f"{path}: cannot be written: {reason}. {advice}")


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path in the folder of `path`; on success it becomes `path`, on failure it is removed.

    Raises:
        InputError: the folder cannot be written or the disk is full.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield temporary
        temporary.replace(path)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8 to `path`, whole or not at all."""
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def make_folder(path: Path) -> None:
    """Make `path` and its parents; InputError where that is not possible."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(path, error) from error


def replace_folder(made: Path, place: Path) -> None:
    """Rename the folder `made` to `place`; a folder that was there is removed only once the new one stands."""
    old = place.with_name(f".{place.name}.{os.getpid()}.old")
    try:
        if place.exists():
            place.replace(old)
        try:
            made.replace(place)
        except OSError:
            if old.exists():
                old.replace(place)
            raise
    except OSError as error:
        raise cannot_write(place, error) from error
    shutil.rmtree(old, ignore_errors=True)
