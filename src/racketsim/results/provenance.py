"""Where a result comes from: versions, the code's digest, the machine."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from collections.abc import Iterable
from functools import cache
from pathlib import Path

_LIBRARIES = ("numpy", "numba", "pyarrow", "xarray", "h5netcdf", "matplotlib")
_PACKAGE = Path(__file__).parent.parent
_MODEL = ("city", "engine", "mechanisms", "policies", "scenario")


def version() -> str:
    """Return the version of racketsim."""
    import racketsim

    return racketsim.__version__


@cache
def code_digest() -> str:
    """Return the SHA-256 of the package's Python files: two runs with the same one ran the same code."""
    return _digest(_PACKAGE.rglob("*.py"))


@cache
def model_digest() -> str:
    """Return the SHA-256 of the Python files that a simulation's state depends on, those that only show it left out."""
    files = (file for part in _MODEL for file in (_PACKAGE / part).rglob("*.py"))
    return _digest([*files, _PACKAGE / "simulation.py"])


def _digest(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.relative_to(_PACKAGE).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def environment() -> dict[str, str]:
    """Return the versions of Python and of the libraries that shape results, and the machine."""
    found = {"python": platform.python_version(), "platform": platform.platform(), "machine": platform.machine()}
    for name in _LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
