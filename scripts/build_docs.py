"""Fill the generated parts of docs/ and of both README.md: tables made from the code or from kept figures.

    python scripts/build_docs.py                       write what is out of date
    python scripts/build_docs.py --check               name what is out of date, and exit with 1
    python scripts/build_docs.py --run RUN_DIR --comparison FILE    take new figures first (see `make docs-figures`)

A generated part of a page begins with `<!-- generated: NAME -->` and ends with `<!-- end of generated -->`.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import docs_benchmarks
import docs_figures
import docs_reference
import docs_tables

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
TABLES: dict[str, Callable[[], list[str]]] = {
    "plan": docs_tables.plan,
    "preparation": docs_tables.preparation,
    "parameters": docs_tables.parameters,
    "parameter bounds": docs_tables.parameter_bounds,
    "kinds": docs_tables.kinds,
    "methods": docs_tables.methods,
    "outlets": docs_tables.outlets,
    "groups": docs_tables.groups,
    "declared quantities": docs_tables.declared_quantities,
    "variables": docs_tables.variables,
    "records": docs_tables.records,
    "streams": docs_tables.streams,
    "elements": docs_tables.elements,
    "element rows": docs_tables.element_rows,
    "scales": docs_tables.scales,
    "policies": docs_tables.policies,
    "levers": docs_tables.levers,
    "events": docs_tables.events,
    "log columns": docs_tables.log_columns,
    "measures": docs_tables.measures,
    "commands": docs_reference.commands,
    "names": docs_reference.names,
    "members of Sim": docs_reference.members_of("racketsim.simulation:Sim"),
    "members of Comparison": docs_reference.members_of("racketsim.ensembles.compare:Comparison"),
    "provenance": docs_figures.provenance,
    "headline": docs_figures.headline,
    "outside": docs_figures.outside,
    "fit": docs_figures.fit,
    "windows": docs_figures.windows,
    "years": docs_figures.years,
    "chain": docs_figures.chain,
    "totals": docs_figures.totals,
    "paid": docs_figures.paid,
    "punishments": docs_figures.punishments,
    "comparison": docs_figures.comparison,
    "ablation": docs_figures.ablation,
    "replay": docs_figures.replay,
    "identify": docs_figures.identify,
    "verification": docs_figures.verification,
    "verification rows": docs_figures.verification_rows,
    "benchmark machine": docs_benchmarks.machine,
    "benchmark goals": docs_benchmarks.goals,
    "benchmark measures": docs_benchmarks.measures,
    "chain events": docs_tables.chain_events,
    "links": docs_tables.links,
    "link causes": docs_tables.link_causes,
}
"""What makes each generated part."""

_PART = re.compile(r"(<!-- generated: ([^>]+) -->\n)(?:(?!<!-- ).*\n)*(<!-- end of generated -->)")


def filled(text: str) -> str:
    """Return a page with its generated parts made anew; KeyError where a part has an unknown name."""
    return _PART.sub(lambda part: part[1] + "\n".join([*TABLES[part[2]](), part[3]]), text)


def out_of_date() -> dict[Path, str]:
    """Return the pages whose generated parts are out of date, with their new text."""
    found = {}
    for page in [ROOT / "README.md", ROOT / "benchmarks" / "README.md", *sorted(DOCS.rglob("*.md"))]:
        text = page.read_text(encoding="utf-8")
        new = filled(text)
        if new != text:
            found[page] = new
    return found


def _main() -> int:
    reader = argparse.ArgumentParser(description="Fill the generated parts of docs/.")
    reader.add_argument("--check", action="store_true", help="write nothing; exit with 1 where a page is out of date")
    reader.add_argument("--run", type=Path, help="run directory of lima-2023 whose figures the pages shall quote")
    reader.add_argument("--comparison", type=Path, help="output of `racketsim compare --json` that they shall quote")
    reader.add_argument("--ablation", type=Path, help="output of `racketsim ablate --json` that they shall quote")
    reader.add_argument("--identify", type=Path, help="output of `racketsim identify --json` that they shall quote")
    reader.add_argument("--replay", type=Path, help="output of `racketsim replay --json` that they shall quote")
    reader.add_argument("--verification", type=Path, help="output of `racketsim verify --json` that they shall quote")
    given = reader.parse_args()
    docs_figures.FOLDER.mkdir(exist_ok=True)
    if given.run:
        _write_json(docs_figures.RUN, docs_figures.read_run(given.run))
    if given.comparison:
        _write_json(docs_figures.COMPARISON, docs_figures.read_output(given.comparison, docs_figures.COMPARISON))
    if given.ablation:
        _write_json(docs_figures.ABLATION, docs_figures.read_output(given.ablation, docs_figures.ABLATION))
    if given.identify:
        _write_json(docs_figures.IDENTIFY, docs_figures.read_output(given.identify, docs_figures.IDENTIFY))
    if given.replay:
        whole = docs_figures.read_output(given.replay, docs_figures.REPLAY)
        _write_json(docs_figures.REPLAY, {name: value for name, value in whole.items() if name != "runs"})
    if given.verification:
        _write_json(docs_figures.VERIFICATION, json.loads(given.verification.read_text(encoding="utf-8")))
    pages = out_of_date()
    for page, text in pages.items():
        print(f"{page.relative_to(ROOT)}: {'out of date' if given.check else 'written'}")
        if not given.check:
            page.write_text(text, encoding="utf-8", newline="\n")
    for name in docs_figures.stale():
        print(f"docs/figures/{name}: made by another scenario or model than this one; run `make docs-figures`")
    if docs_benchmarks.is_old():
        print("docs/figures/benchmarks.json: the code has changed since it was measured; run `make bench`")
    return int(given.check and bool(pages))


def _write_json(path: Path, values: object) -> None:
    path.write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    sys.exit(_main())
