"""Draw the pictures of the README from a run directory: `python scripts/draw_images.py RUN_DIR docs/images`."""

from __future__ import annotations

import sys
from pathlib import Path

import racketsim as rs
from racketsim.results.figures import overview, save_figure
from racketsim.results.findings import gather


def draw(run_dir: Path, folder: Path) -> Path:
    """Draw the overview of a run of a shipped scenario into `folder`, and return the picture's path."""
    run = rs.open_run(run_dir)
    scenario = rs.load_scenario(run.manifest["scenario"]["id"], run.manifest["overrides"])
    folder.mkdir(parents=True, exist_ok=True)
    picture = folder / f"{scenario.id}.png"
    save_figure(overview(gather(scenario, run.replicates)), picture)
    return picture


if __name__ == "__main__":
    print(draw(Path(sys.argv[1]), Path(sys.argv[2])))
