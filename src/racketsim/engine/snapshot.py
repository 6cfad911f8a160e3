"""A simulation in one file: its lasting variables, events and claims, and what is needed to continue."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from racketsim.engine.mechanism import Array
from racketsim.errors import InputError

FORMAT = 2
_PARTS = ("state", "events", "claims")
Columns = dict[str, Array]


def write(
    path: Path,
    about: Mapping[str, Any],
    state: Mapping[str, Array],
    events: Mapping[str, Array],
    claims: Mapping[str, Array],
) -> Path:
    """Write a snapshot under a temporary name and rename it, so that a file is there whole or not at all."""
    held = {
        f"{part}/{name}": array
        for part, columns in zip(_PARTS, (state, events, claims), strict=True)
        for name, array in columns.items()
    }
    text = np.array(json.dumps({**about, "format": FORMAT}))
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as file:
            np.savez(file, about=text, **held)  # type: ignore[arg-type]
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True) if temporary.parent.is_dir() else None
        raise InputError(f"{path}: cannot be written: {error.strerror or error}") from None
    return path


def read(path: Path) -> tuple[dict[str, Any], Columns, Columns, Columns]:
    """Read a snapshot: what it is about, its state, events and claims. Raises InputError where it is not one."""
    try:
        with np.load(path, allow_pickle=False) as held:
            about = json.loads(str(held["about"]))
            parts = tuple(
                {name.partition("/")[2]: held[name] for name in held.files if name.startswith(f"{part}/")}
                for part in _PARTS
            )
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file") from None
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: not a saved simulation ({error})") from None
    if about.get("format") != FORMAT:
        raise InputError(
            f"{path}: saved in format {about.get('format')}, this version of racketsim reads format {FORMAT}"
        )
    return about, parts[0], parts[1], parts[2]
