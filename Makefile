# make run    simulate Lima and Callao, 2018 to 2023, and say where the report lies
# make test   lint, types and every test
# make bench  measure the speed in an environment of its own (.venv-bench), 18 minutes on a quiet machine; PARTS="lima shared"
# make docs   bring the tables of docs/ up to date with the code
# make docs-figures  run what the pages quote, refresh their figures, tables and pictures
# make clean  remove the virtual environment and the caches; runs/ is kept

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SCENARIO ?= lima-2023
SEED ?= 1
REPLICATES ?= 20

.DEFAULT_GOAL := run
.PHONY: run test lint types pytest bench docs docs-figures clean

# An environment variable that forbids bytecode makes every start two to three times slower.
unexport PYTHONDONTWRITEBYTECODE

$(VENV)/.made:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "racketsim needs Python 3.11 or newer: make PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.installed: pyproject.toml $(VENV)/.made
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.installed-dev: pyproject.toml $(VENV)/.made
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@ $(VENV)/.installed

# Once after installing; where the code has changed since, runs compile as they go.
COMPILED := test -e $(VENV)/.compiled || { $(BIN)/racketsim compile && touch $(VENV)/.compiled; }

run: $(VENV)/.installed
	$(COMPILED)
	$(BIN)/racketsim run $(SCENARIO) --seed $(SEED) --replicates $(REPLICATES)
	@echo 'The other commands: . $(BIN)/activate, then racketsim --help'

test: lint types pytest

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

pytest: $(VENV)/.installed-dev
	$(COMPILED)
	$(BIN)/python -m pytest -n auto --dist loadfile $(PYTEST)

BENCH := .venv-bench

$(BENCH)/.installed: pyproject.toml
	test -x $(BENCH)/bin/python || $(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	touch $@

bench: $(BENCH)/.installed
	$(BENCH)/bin/python -m benchmarks $(PARTS) --json docs/figures/benchmarks.json
	$(BENCH)/bin/python scripts/build_docs.py

EMERGENCY := state_of_emergency:districts=San Juan de Lurigancho;start=2022-03-01;days=90

docs: $(VENV)/.installed
	$(BIN)/python scripts/build_docs.py

docs-figures: $(VENV)/.installed
	$(BIN)/racketsim run lima-2023 --seed 1 --replicates 20 --out runs/docs
	$(BIN)/racketsim compare lima-2023 --policy "$(EMERGENCY)" --replicates 10 --until 2022-12-31 --json > runs/docs-emergency.json
	$(BIN)/racketsim ablate lima-2023 --seed 1 --replicates 20 --json > runs/docs-ablation.json
	$(BIN)/racketsim replay lima-2023 --replicates 200 --json > runs/docs-replay.json
	$(BIN)/racketsim identify lima-2023 --replicates 40 --json > runs/docs-identify.json
	$(BIN)/racketsim verify --json > runs/docs-verification.json
	$(BIN)/python scripts/build_docs.py --verification runs/docs-verification.json --run runs/docs --comparison runs/docs-emergency.json --ablation runs/docs-ablation.json --replay runs/docs-replay.json --identify runs/docs-identify.json
	$(BIN)/python scripts/draw_images.py runs/docs docs/images

clean:
	rm -rf $(VENV) $(BENCH) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
