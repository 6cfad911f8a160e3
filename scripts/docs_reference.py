"""Reference tables of the documentation: the command line, the public names, the members of classes."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import racketsim

Lines = list[str]


def table(headings: Sequence[str], body: Iterable[Sequence[object]]) -> Lines:
    """Return the lines of a Markdown table; a bar inside a cell is escaped."""
    lines = ["| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
    lines += [
        "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in body
    ]
    return lines


def signature(function: Any) -> str:
    """Return the arguments of a function as they are written in a call."""
    shown = str(inspect.signature(function)).split(" -> ")[0]
    return shown.replace("(self, ", "(").replace("(self)", "()").replace("'", "")


def first_paragraph(thing: Any) -> str:
    """Return the first paragraph of a docstring, on one line."""
    text = inspect.getdoc(thing) or ""
    return " ".join(text.split("\n\n")[0].split())


def commands() -> Lines:
    """Return the command line: every command with its arguments and options."""
    import typer

    from racketsim.cli.main import app

    group: Any = typer.main.get_command(app)
    lines: Lines = []
    for name, command in group.commands.items():
        text = inspect.cleandoc(command.help or "").split("\f")[0].replace("\b", "")
        about, _, examples = text.partition("Example")
        lines += [f"### `racketsim {name}`", "", " ".join(about.split()), ""]
        if command.params:
            lines += table(("argument or option", "value", "default", "meaning"), map(_option, command.params))
            lines.append("")
        shown = [line.strip() for line in examples.splitlines() if line.strip().startswith("racketsim ")]
        lines += ["```console", *(f"$ {line}" for line in shown), "```", ""]
    return lines[:-1]


def _option(option: Any) -> tuple[str, str, str, str]:
    is_argument = not option.opts[0].startswith("-")
    shown = (
        (option.metavar or option.name.upper()) if is_argument else ", ".join((*option.opts, *option.secondary_opts))
    )
    number = "" if getattr(option, "min", None) is None else "N"
    choices = " or ".join(getattr(option.type_descriptor, "choices", None) or ())
    value = "" if is_argument else (option.metavar or number or choices)
    default = "" if isinstance(option.default, bool | None) or callable(option.default) else str(option.default)
    return f"`{shown}`", value, default, option.help or ""


def names() -> Lines:
    """Return the public names with their signatures."""
    body = []
    for name in sorted(racketsim.__all__):
        if name.startswith("_"):
            continue
        value = getattr(racketsim, name)
        body.append((f"`racketsim.{name}`", first_paragraph(value)))
    return table(("name", "what it is"), body)


def members_of(path: str) -> Callable[[], Lines]:
    """Return what makes the table of the public members of a class, given as module:Class."""

    def made() -> Lines:
        module, _, name = path.partition(":")
        owner = getattr(importlib.import_module(module), name)
        body = []
        held = {name: value for base in reversed(owner.__mro__[:-1]) for name, value in vars(base).items()}
        for member, value in held.items():
            if member.startswith("_") or not (inspect.isfunction(value) or isinstance(value, property | classmethod)):
                continue
            target = value.fget if isinstance(value, property) else getattr(owner, member)
            call = "" if isinstance(value, property) else signature(target)
            body.append((f"`{member}{call}`", first_paragraph(value)))
        return table(("member", "what it does"), body)

    return made
