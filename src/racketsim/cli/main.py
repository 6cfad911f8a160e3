"""The application: its commands in the order of its help, and what each kind of failure prints and exits with.

Exit codes: 0 done; 1 a fault of the program, or a verification that failed; 2 something in the input, the options or
the output folder cannot be used; 130 stopped with Ctrl-C.
"""

from __future__ import annotations

import gc
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from racketsim.cli.ablate import ablate
from racketsim.cli.check import check
from racketsim.cli.chronicle import chronicle
from racketsim.cli.compare import compare
from racketsim.cli.compile_ahead import compile_ahead
from racketsim.cli.elements import elements
from racketsim.cli.evidence import evidence
from racketsim.cli.identify import identify
from racketsim.cli.new import new
from racketsim.cli.plan import plan
from racketsim.cli.replay import replay
from racketsim.cli.report import report
from racketsim.cli.run import run
from racketsim.cli.scenarios import scenarios
from racketsim.cli.story import story
from racketsim.cli.verify import verify
from racketsim.errors import InputError, WorkersLostError

DONE, FAULT, BAD_INPUT, STOPPED = 0, 1, 2, 130

SELDOM = 50_000, 20, 50
"""When to look for garbage in cycles: seldom, since little is left in any, and a look goes through all of numba."""

_UsageError: Any = typer.BadParameter.__base__
"""What typer raises for options and arguments that cannot be used; it exports only this kind of it."""


class _Commands(TyperGroup):
    """The commands in the order in which they were added; Ctrl-C exits with 130 instead of typer's 1."""

    def list_commands(self, _ctx: Any) -> list[str]:
        return list(self.commands)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stop:
            sys.stderr.write(f"\nstopped. {stop}".rstrip() + "\n")
            raise typer.Exit(STOPPED) from stop


app = typer.Typer(
    cls=_Commands,
    name="racketsim",
    help="Simulate extortion rackets in a city, and see what policies would change.",
    epilog="First steps: racketsim run · racketsim new my-city · racketsim run --help",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from racketsim import __version__

        sys.stdout.write(f"racketsim {__version__}\n")
        raise typer.Exit


@app.callback()
def _racketsim(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and leave.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    del version


for _command in (
    run,
    compare,
    replay,
    identify,
    report,
    story,
    chronicle,
    scenarios,
    evidence,
    elements,
    plan,
    verify,
    ablate,
    new,
    check,
):
    app.command()(_command)
app.command("compile")(compile_ahead)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line with `arguments` (default: the process's own) and leave with its exit code."""
    usual = gc.get_threshold()
    gc.set_threshold(*SELDOM)
    try:
        code = app(args=None if arguments is None else list(arguments), prog_name="racketsim", standalone_mode=False)
    except _UsageError as error:
        _leave(_misused(error), BAD_INPUT)
    except InputError as error:
        _leave(f"error: {error}", BAD_INPUT)
    except WorkersLostError as error:
        _leave(f"error: {error}", FAULT)
    except OSError as error:
        if error.errno is None:
            _fault()
        _leave(f"error: {_describe(error)}", BAD_INPUT)
    except Exception:
        _fault()
    finally:
        gc.set_threshold(*usual)
    sys.exit(code or DONE)


def _misused(error: Any) -> str:
    """Return what is wrong with the options or arguments as one line, or nothing where help was printed instead."""
    message = " ".join(error.format_message().split())
    if not message:
        return ""
    full_stop = "" if message.endswith((".", "?")) else "."
    help_of = f" See {error.ctx.command_path} --help." if error.ctx else ""
    return f"error: {message}{full_stop}{help_of}"


def _describe(error: OSError) -> str:
    place = error.filename if error.filename is not None else "a file"
    return f"{os.fspath(place)!s}: {error.strerror}."


def _leave(message: str, code: int) -> NoReturn:
    if message:
        sys.stderr.write(message + "\n")
    sys.exit(code)


def _fault() -> NoReturn:
    traceback.print_exc()
    _leave("racketsim failed: this is a fault of the program, not of your input. Please report the lines above.", FAULT)
