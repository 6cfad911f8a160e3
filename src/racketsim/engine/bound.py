"""Kernels bound to the arrays that they work on: a call costs a quarter of a microsecond, however many arrays it has.

numba looks at the type of every argument of every call and takes the array apart, which costs 0.1 to 0.2 microseconds
an array, twice as much for one that is read-only. A mechanism calls the same kernels with the same arrays on every day.
`bind` takes the arguments apart once, into a block of memory in the layout of numba's own array structure, and compiles
the kernel with a first line that reads them there; a day passes the address of the block and the few whole numbers that
are new.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import marshal
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache, partial
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import CodeType
from typing import Any, Final

import numba
import numpy as np
from numba.core import types
from numba.extending import intrinsic

from racketsim.engine.kernel import cache_folder, compiled

_typeof: Callable[[Any], Any] = numba.typeof
_tuple: Callable[[Any], Any] = types.Tuple


class _Late:
    """The type of `LATE`."""

    def __repr__(self) -> str:
        return "LATE"


LATE: Final = _Late()
"""Stands for a whole number that is given at every call."""


def bind(kernel: Any, *arguments: Any) -> Callable[..., Any]:
    """Return `kernel` with `arguments` bound: a function of the whole numbers that stand `LATE` among them, in order.

    The others are arrays, numbers, or tuples of them, and stay as they are: an array is written in place and must not
    be replaced. Raises TypeError for anything else.
    """
    held = [argument for argument in arguments if argument is not LATE]
    words = [word for argument in held for word in _words(argument)]
    block = np.array(words, dtype=np.int64)
    late = tuple(argument is LATE for argument in arguments)
    entry = _entry(kernel, tuple(map(_typeof, held)), late)
    bound = partial(entry, block.ctypes.data)
    bound.keeps = (block, held)  # type: ignore[attr-defined]
    return bound


def _words(argument: Any) -> Sequence[int]:
    """Return an argument as numba lays it out, in words of 64 bits."""
    if isinstance(argument, np.ndarray):
        # No owner (`keeps` holds the array), so that numba counts no references; size, bytes an item, and where it is.
        return [0, 0, argument.size, argument.itemsize, argument.ctypes.data, *argument.shape, *argument.strides]
    if isinstance(argument, tuple):
        return [word for part in argument for word in _words(part)]
    if isinstance(argument, (float, np.float64, np.uint64)):
        return [int(np.array(argument).view(np.int64))]
    if isinstance(argument, (int, np.int64)) and not isinstance(argument, bool):
        return [int(argument)]
    raise TypeError(f"cannot bind {argument!r} of type {type(argument).__name__}: give arrays, numbers or tuples")


@cache
def _entry(kernel: Any, held: tuple[Any, ...], late: tuple[bool, ...]) -> Any:
    """Compile, or load, the entry of `kernel` for held arguments of these types, and return it as a bare function.

    The entry is the kernel itself, with a first line that takes its arguments out of the block: an entry that called
    the kernel would have its machine code made twice.
    """
    function = kernel.py_func
    layout = _tuple(held)

    @intrinsic  # type: ignore[untyped-decorator, unused-ignore]
    def unpack(_: Any, address: Any) -> Any:
        def load(context: Any, builder: Any, _: Any, values: Any) -> Any:
            pointer = context.get_value_type(layout).as_pointer()
            return builder.load(builder.inttoptr(values[0], pointer))

        return layout(address), load

    folder = cache_folder(function.__globals__)
    name = f"{function.__name__}_{hashlib.sha256(repr((held, late, _made_by())).encode()).hexdigest()[:16]}"
    namespace = {**function.__globals__, "unpack": unpack}
    exec(_code(Path(folder), function, name, late), namespace)
    entry: Any = compiled(namespace[name], inlined=False)
    signature = (types.int64,) * (1 + sum(late))
    entry.compile(signature)
    return entry.overloads[signature].entry_point


def _code(folder: Path, function: Callable[..., Any], name: str, late: tuple[bool, ...]) -> CodeType:
    """Return the code that makes the entry `name`, kept beside its machine code: to write it takes nearly as long."""
    kept = folder / f"{name}-{function.__code__.co_firstlineno}.code"
    code = None
    with suppress(OSError, EOFError, TypeError, ValueError):
        code = marshal.loads(kept.read_bytes())
    if not isinstance(code, CodeType):
        code = compile(_with_block(function, name, late), "", "exec")
        with suppress(OSError):  # where nothing can be kept it is written every time
            _keep(kept, marshal.dumps(code))
    return _in_file(code, function.__code__.co_filename)


def _keep(place: Path, content: bytes) -> None:
    """Write a file whole or not at all, whoever else, on this machine or another, writes it at the same time."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=place.parent, delete=False) as half:
        half.write(content)
    Path(half.name).replace(place)


@cache
def _made_by() -> tuple[bytes, str]:
    """Return what the code of entries depends on beside their kernels: Python's bytecode, and this module."""
    return MAGIC_NUMBER, hashlib.sha256(Path(__file__).read_bytes()).hexdigest()


def _in_file(code: CodeType, file: str) -> CodeType:
    """Return code as that of a `file`, which is not kept, since sources may be moved together with what is beside."""
    parts = tuple(_in_file(part, file) if isinstance(part, CodeType) else part for part in code.co_consts)
    return code.replace(co_filename=file, co_consts=parts)


def _with_block(function: Any, name: str, late: tuple[bool, ...]) -> ast.Module:
    """Return the source of `function` under another `name`, with the arguments that are not late taken from a block."""
    module = ast.parse(inspect.getsource(function))
    (definition,) = module.body
    assert isinstance(definition, ast.FunctionDef)
    given = definition.args.args
    held = [argument.arg for argument, is_late in zip(given, late, strict=True) if not is_late]
    (first,) = ast.parse(f"{', '.join(held)}, = unpack(block)").body
    definition.name, definition.decorator_list, definition.returns = name, [], None
    late_names = [argument.arg for argument, is_late in zip(given, late, strict=True) if is_late]
    definition.args.args = [ast.arg("block"), *map(ast.arg, late_names)]
    definition.body.insert(0, first)
    return ast.fix_missing_locations(ast.increment_lineno(module, function.__code__.co_firstlineno - 1))
