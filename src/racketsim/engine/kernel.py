"""One decorator for every compiled function, so that all of them share the same, deterministic settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba

_F = TypeVar("_F", bound=Callable[..., Any])


def kernel(function: _F) -> _F:
    """Compile `function` with numba on its first call.

    No fast-math (results must not depend on how a compiler reorders sums), no implicit threads (the engine decides),
    the lock of the interpreter released, and the machine code cached on disk beside the source.
    """
    compiled: _F = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath=False)(function)
    return compiled
