# make run    simulate Lima and Callao, 2018 to 2023, and say where the report lies
# make test   lint, types and every test
# make clean  remove the virtual environment and the caches; runs/ is kept

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SCENARIO ?= lima-2023
SEED ?= 1
REPLICATES ?= 20

.DEFAULT_GOAL := run
.PHONY: run test lint types pytest clean

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

run: $(VENV)/.installed
	$(BIN)/racketsim run $(SCENARIO) --seed $(SEED) --replicates $(REPLICATES) --out runs/$(SCENARIO) --overwrite

test: lint types pytest

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

pytest: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n auto --dist loadfile $(PYTEST)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
