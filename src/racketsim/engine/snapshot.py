"""A simulation in one file: its lasting variables, events and claims, and what is needed to continue."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from racketsim.engine.log import CLAIM_COLUMNS, EVENT_COLUMNS
from racketsim.engine.mechanism import Array
from racketsim.errors import InputError
from racketsim.results import provenance

FORMAT = 3
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
    written = {"version": provenance.version(), "code": provenance.model_digest(), "format": FORMAT}
    text = np.array(json.dumps({**about, **written}))
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
    if not isinstance(about, dict):
        raise InputError(f"{path}: not a saved simulation")
    if about.get("format") != FORMAT:
        raise InputError(
            f"{path}: saved in format {about.get('format')}, this version of racketsim reads format {FORMAT}"
        )
    _check_code(path, about)
    _check_columns(path, "events", parts[1], EVENT_COLUMNS)
    _check_columns(path, "claims", parts[2], CLAIM_COLUMNS)
    return about, parts[0], parts[1], parts[2]


def restore(path: Path, state: Mapping[str, Array], saved: Mapping[str, Array]) -> None:
    """Copy what was saved into `state`; raise InputError, and change nothing, where it is not exactly these arrays."""
    differ = sorted(set(state) ^ set(saved))
    differ += [name for name in state if name in saved and not _alike(state[name], saved[name])]
    if differ:
        raise InputError(f"{path}: cannot be continued: its state is not that of this model ({', '.join(differ[:5])})")
    for name, array in saved.items():
        state[name][...] = array


def _alike(one: Array, other: Array) -> bool:
    return (one.shape, one.dtype) == (other.shape, other.dtype)


def _check_code(path: Path, about: Mapping[str, Any]) -> None:
    code, ours = str(about.get("code")), provenance.model_digest()
    if code != ours:
        raise InputError(
            f"{path}: saved by racketsim {about.get('version')} (model code {code[:12]}), this is racketsim "
            f"{provenance.version()} (model code {ours[:12]}): it cannot be continued. Run the simulation again"
        )


def _check_columns(path: Path, what: str, columns: Columns, known: Mapping[str, tuple[str, int]]) -> None:
    rows = {len(column) if column.ndim == 1 else -1 for column in columns.values()}
    types = {name: column.dtype for name, column in columns.items()}
    if types != {name: np.dtype(dtype) for name, (dtype, _) in known.items()} or len(rows) != 1 or -1 in rows:
        raise InputError(f"{path}: cannot be continued: its {what} are not those of this model")
