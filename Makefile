# Everything happens in .venv, which the first target that needs it makes. Needed beforehand: Python 3.11 or newer, git, make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
DEMO   := lookml_fixtures/projects/storefront
REPO   ?= $(DEMO)
export REPO
PORT   ?= 3000
SUDO   := $(if $(filter 0,$(shell id -u)),,sudo)

.PHONY: help run dev chromium test test-all fuzz check golden bench clean
.DEFAULT_GOAL := help

help:  ## say what can be made
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}; try make PYTHON=python3.12")'
	@test -x $(BIN)/python || { echo "making $(VENV)"; $(PYTHON) -m venv $(VENV); }
	@echo "installing into $(VENV) (the first time takes a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

run: $(READY)  ## compile the demo project, or REPO=path/to/lookml
	@$(BIN)/dagster-lookml compile "$$REPO"

dev: $(READY)  ## open the demo project in Dagster, on PORT or another that is free
	@$(BIN)/python lookml_fixtures/dagster_demo/serve.py --port "$(PORT)"

chromium:  ## install the browser that the tests of pages need (Debian, Ubuntu)
	@test -x /usr/bin/chromium || { \
	  echo "installing chromium and fonts-dejavu-core with apt-get"; \
	  $(SUDO) apt-get install --yes --no-install-recommends chromium fonts-dejavu-core; }

test: $(READY)  ## run the tests
	@$(BIN)/python -m pytest -q -n 2 -m "not slow"

test-all: $(READY)  ## run the tests, the long ones too
	@$(BIN)/python -m pytest -q -n 2 --dist loadgroup

fuzz: $(READY)  ## run the property tests on newly drawn examples; test draws the same each time
	@HYPOTHESIS_PROFILE=new $(BIN)/python -m pytest -q -n 2 tests/properties tests/syntax/test_scanner.py

check: $(READY)  ## lint, types, import layers, README examples
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -q tests/test_readme.py

golden: $(READY)  ## rewrite the expectations of lookml_fixtures, to be read as a diff
	@$(BIN)/python -m tests.golden

bench: $(READY)  ## measure speed and memory, as ratios to lkml in the same run
	@$(BIN)/python -m tests.benchmarks

clean:  ## remove what the other targets made
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .pictures
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
