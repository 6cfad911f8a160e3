"""`racketsim new`: a small commented city to start one's own scenario from, complete and ready to run.

What is particular to a city (districts, targets, groups, a policy) is invented in the packaged template; what is
general (kinds, methods, outlets, parameters) is borrowed from a shipped scenario, with the evidence that it cites.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

from racketsim.errors import InputError
from racketsim.scenario import counts, districts, sources
from racketsim.scenario.load import MAIN_FILE, load_scenario
from racketsim.scenario.model import Evidence, Quantity, Scenario
from racketsim.scenario.registry import Registry

LENDER = "lima-2023"
BORROWED_KINDS = ("shop", "market_stall", "mototaxi")
_TEMPLATE = Path(__file__).resolve().parent.parent / "scenarios" / "_template"
_MAIN_TEMPLATE = "scenario.toml.template"
_COPIED = (districts.FILE, counts.TARGETS_FILE)


def scaffold(path: str | Path, *, registry: Registry | None = None) -> Path:
    """Write a three-district city to a new folder, check that it loads, and return the folder.

    Raises `InputError`, and writes nothing, where the folder exists already (and is not empty) or cannot be made.
    """
    folder = Path(path)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder}: exists already; nothing was written. Give the path of a folder that does not.")
    parent = folder.absolute().parent
    if not parent.is_dir():
        raise InputError(f"{folder}: {parent} is not a folder; nothing was written. Make it first.")
    lender = load_scenario(LENDER, registry=registry)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=parent))
    try:
        for name, text in _files(lender).items():
            (draft / name).write_text(text, encoding="utf-8", newline="\n")
        load_scenario(draft, registry=registry)
        draft.chmod(0o755)
        draft.replace(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return folder


def _files(lender: Scenario) -> dict[str, str]:
    files = {name: (_TEMPLATE / name).read_text(encoding="utf-8") for name in _COPIED}
    kinds = [kind for kind in lender.kinds if kind.id in BORROWED_KINDS]
    blocks = {
        "kinds": [_block(f"kinds.{kind.id}", kind.quantities, kind.label) for kind in kinds],
        "methods": [_block(f"methods.{item.id}", item.quantities, item.label) for item in lender.methods],
        "outlets": [_block(f"outlets.{item.id}", item.quantities, item.label) for item in lender.outlets],
        "parameters": [_block(f"parameters.{name}", values) for name, values in lender.parameters.items() if values],
    }
    text = (_TEMPLATE / _MAIN_TEMPLATE).read_text(encoding="utf-8")
    for name, parts in blocks.items():
        text = text.replace(f"# <{name}>\n", "\n".join(parts))
    borrowed = [*lender.parameters.values(), *(kind.quantities for kind in kinds)]
    borrowed += [method.quantities for method in lender.methods]
    borrowed += [outlet.quantities for outlet in lender.outlets]
    cited = {quantity.source for values in borrowed for quantity in values.values()}
    own = (_TEMPLATE / sources.FILE).read_text(encoding="utf-8")
    return {
        **files,
        MAIN_FILE: text,
        sources.FILE: own + _evidence(item for item in lender.evidence if item.id in cited),
    }


def _block(header: str, quantities: Mapping[str, Quantity], label: str | None = None) -> str:
    lines = [f"[{header}]"]
    if label is not None:
        lines.append(f"label = {_text(label)}")
    lines += [f"{name} = {_inline(quantity)}" for name, quantity in quantities.items()]
    return "\n".join(lines) + "\n"


def _inline(quantity: Quantity) -> str:
    parts = [f"value = {_number(quantity.value)}", f"unit = {_text(quantity.unit)}"]
    if quantity.source is not None:
        parts.append(f"source = {_text(quantity.source)}")
    if quantity.prior is not None:
        prior = quantity.prior
        parts += [
            f"prior = {_text(prior.distribution)}",
            f"low = {_number(prior.low)}",
            f"high = {_number(prior.high)}",
        ]
    note = f"borrowed from {LENDER}" + (f": {quantity.note}" if quantity.note else "")
    return f"{{ {', '.join([*parts, f'note = {_text(note)}'])} }}"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _evidence(items: Iterable[Evidence]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, sources.COLUMNS, lineterminator="\n")
    for item in items:
        row = asdict(item)
        numbers = {key: _number(row[key]) for key in ("value", "low", "high") if row[key] is not None}
        writer.writerow({**row, **numbers})
    return text.getvalue()
